//! By which names a certificate says whose it is, exactly: for who decides by them what its owner may do.
//!
//! The facts for operators (`certificate.rs`) are cut and made printable; these are whole, or left out.

use crate::transport::tls::x509::{
    alternative_names, attributes, Fields, DNS, EMAIL, ISSUER, SERIAL_NUMBER, SIGNATURE, SUBJECT,
    URI, VALIDITY,
};

/// Bytes of a name at most; longer ones are nobody's.
const NAME_BYTES: usize = 1024;

/// The names of a certificate, DER of X.509, each with its kind: `CN=client` of the subject; `DNS:host.example`,
/// `URI:spiffe://domain/operator` and `email:me@example` of `subjectAltName`. A name that is no UTF-8, has control
/// characters, or is longer than a kilobyte is left out. A certificate that cannot be read to its end has none.
pub(crate) fn names_of(certificate: &[u8]) -> Vec<String> {
    read(certificate).unwrap_or_default()
}

fn read(certificate: &[u8]) -> Option<Vec<String>> {
    /// The object identifier 2.5.4.3.
    const COMMON_NAME: [u8; 3] = [0x55, 4, 3];
    /// `UTF8String`, `PrintableString` and `IA5String`: those that are UTF-8.
    const TEXTS: [u8; 3] = [0x0C, 0x13, 0x16];
    let mut fields = Fields::of(certificate)?;
    for tag in [SERIAL_NUMBER, SIGNATURE, ISSUER, VALIDITY] {
        fields.next(tag)?;
    }
    let mut names = Vec::new();
    attributes(fields.next(SUBJECT)?, |kind, tag, text| {
        if kind == COMMON_NAME && TEXTS.contains(&tag) {
            names.extend(exact("CN=", text));
        }
    })?;
    alternative_names(fields.extensions()?, |tag, name| {
        let kind = match tag {
            EMAIL => "email:",
            DNS => "DNS:",
            URI => "URI:",
            _ => return,
        };
        names.extend(exact(kind, name));
    })?;
    Some(names)
}

fn exact(kind: &str, bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let whole = !text.is_empty() && text.len() <= NAME_BYTES && !text.contains(char::is_control);
    whole.then(|| format!("{kind}{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = (content.len() as u16).to_be_bytes();
        [&[tag, 0x82][..], &length, &content].concat()
    }

    fn common_name(tag: u8, text: &[u8]) -> Vec<u8> {
        let attribute = der(SEQUENCE, &[&[0x06, 3, 0x55, 4, 3], &der(tag, &[text])]);
        der(SET, &[&attribute])
    }

    fn certificate(subject: &[&[u8]], general: &[&[u8]]) -> Vec<u8> {
        let names = der(SEQUENCE, general);
        let names = der(0x04, &[&names]);
        let extension = der(SEQUENCE, &[&[0x06, 3, 0x55, 0x1D, 0x11], &names]);
        let extensions = der(0xA3, &[&der(SEQUENCE, &[&extension])]);
        let empty = der(SEQUENCE, &[]);
        let subject = der(SEQUENCE, subject);
        let fields: [&[u8]; 7] = [
            &[0x02, 1, 1],
            &empty,
            &empty,
            &empty,
            &subject,
            &empty,
            &extensions,
        ];
        der(SEQUENCE, &[&der(SEQUENCE, &fields)])
    }

    #[test]
    fn names_with_their_kinds() {
        let (first, second) = (common_name(0x0C, b"ops"), common_name(0x13, b"second"));
        let general = [
            der(0x82, &[b"host.example"]),
            der(0x87, &[&[127, 0, 0, 1]]),
            der(0x86, &[b"spiffe://domain/ops"]),
            der(0x81, &[b"me@example"]),
        ];
        let general: Vec<&[u8]> = general.iter().map(|name| &name[..]).collect();
        assert_eq!(
            names_of(&certificate(&[&first, &second], &general)),
            [
                "CN=ops",
                "CN=second",
                "DNS:host.example",
                "URI:spiffe://domain/ops",
                "email:me@example"
            ]
        );
    }

    #[test]
    fn names_that_are_not_what_they_seem_are_nobodys() {
        let long = vec![b'x'; NAME_BYTES + 1];
        for bad in [&b""[..], b"ops\0", b"ops\n", b"\xFF", &long] {
            let name = der(0x82, &[bad]);
            let subject = common_name(0x0C, bad);
            assert!(names_of(&certificate(&[&subject], &[&name])).is_empty());
        }
        // UTF-16 whose bytes are letters.
        let wide = common_name(0x1E, b"ops!");
        assert!(names_of(&certificate(&[&wide], &[])).is_empty());
        // Cut anywhere, it has none.
        let name = der(0x82, &[b"host.example"]);
        let subject = common_name(0x0C, b"ops");
        let whole = certificate(&[&subject], &[&name]);
        assert_eq!(names_of(&whole).len(), 2);
        for end in 0..whole.len() {
            assert!(names_of(&whole[..end]).is_empty(), "{end}");
        }
    }
}
