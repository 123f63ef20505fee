//! DER of X.509, as far as names and times of a certificate need it (RFC 5280, 4.1). What a certificate is worth, rustls
//! decides.

const SEQUENCE: u8 = 0x30;

/// Tags of a certificate's fields, in their order, which end with the optional ones.
pub(super) const SERIAL_NUMBER: u8 = 0x02;
pub(super) const SIGNATURE: u8 = SEQUENCE;
pub(super) const ISSUER: u8 = SEQUENCE;
pub(super) const VALIDITY: u8 = SEQUENCE;
pub(super) const SUBJECT: u8 = SEQUENCE;

/// The content of the first element, which has this tag, and what is behind it.
pub(super) fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    if length < 0x80 {
        return rest.split_at_checked(length.into());
    }
    let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let length = digits
        .iter()
        .fold(0, |length, digit| length << 8 | usize::from(*digit));
    rest.split_at_checked(length)
}

/// What is left of the fields of a certificate.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// All of them, but for the version.
    pub(super) fn of(certificate: &'a [u8]) -> Option<Fields<'a>> {
        const VERSION: u8 = 0xA0;
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (fields, _) = element(certificate, SEQUENCE)?;
        match element(fields, VERSION) {
            Some((_, rest)) => Some(Fields(rest)),
            None if fields.first() == Some(&VERSION) => None,
            None => Some(Fields(fields)),
        }
    }

    /// The content of the next one, which has this tag.
    pub(super) fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (content, rest) = element(self.0, tag)?;
        self.0 = rest;
        Some(content)
    }

    /// The extensions, nothing if there are none. They are behind fields of any kind.
    pub(super) fn extensions(mut self) -> Option<&'a [u8]> {
        const EXTENSIONS: u8 = 0xA3;
        let mut extensions = &[][..];
        while let Some(&tag) = self.0.first() {
            let content = self.next(tag)?;
            if tag == EXTENSIONS {
                extensions = element(content, SEQUENCE)?.0;
            }
        }
        Some(extensions)
    }
}

/// Hands over the attributes of a `Name`: kind, tag and content of the value. `None` once one cannot be read.
pub(super) fn attributes<'a>(
    mut rdns: &'a [u8],
    mut take: impl FnMut(&'a [u8], u8, &'a [u8]),
) -> Option<()> {
    const SET: u8 = 0x31;
    const OBJECT_IDENTIFIER: u8 = 0x06;
    while !rdns.is_empty() {
        let (mut set, rest) = element(rdns, SET)?;
        rdns = rest;
        while !set.is_empty() {
            let (attribute, rest) = element(set, SEQUENCE)?;
            set = rest;
            let (kind, value) = element(attribute, OBJECT_IDENTIFIER)?;
            let tag = *value.first()?;
            take(kind, tag, element(value, tag)?.0);
        }
    }
    Some(())
}

/// Hands over the names of the extension `subjectAltName`, if it is among these: tag and content. `None` once one cannot
/// be read.
pub(super) fn alternative_names<'a>(
    mut extensions: &'a [u8],
    mut take: impl FnMut(u8, &'a [u8]),
) -> Option<()> {
    /// The object identifier 2.5.29.17.
    const SUBJECT_ALT_NAME: &[u8] = &[0x06, 3, 0x55, 0x1D, 0x11];
    const OCTET_STRING: u8 = 0x04;
    const BOOLEAN: u8 = 0x01;
    while !extensions.is_empty() {
        let (extension, rest) = element(extensions, SEQUENCE)?;
        extensions = rest;
        let Some(mut value) = extension.strip_prefix(SUBJECT_ALT_NAME) else {
            continue;
        };
        if let Some((_, rest)) = element(value, BOOLEAN) {
            value = rest;
        }
        let (value, _) = element(value, OCTET_STRING)?;
        let (mut general, _) = element(value, SEQUENCE)?;
        while let Some(&tag) = general.first() {
            let (name, rest) = element(general, tag)?;
            general = rest;
            take(tag, name);
        }
    }
    Some(())
}

/// Tags of names of `subjectAltName`.
pub(super) const EMAIL: u8 = 0x81;
pub(super) const DNS: u8 = 0x82;
pub(super) const URI: u8 = 0x86;
