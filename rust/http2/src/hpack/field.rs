//! What a field means, and what the fields of a block mean together (RFC 9113, 8.2 and 8.3).

use std::ops::Range;

/// Names that a [`Vocabulary`] may watch for.
pub const WATCHED: usize = 8;

/// Gives fields a meaning. Asked once for each field that enters a table or comes as a literal, and not when
/// a block refers to one that was seen.
pub trait Vocabulary {
    /// The number, less than [`WATCHED`], of a name that is watched for.
    fn watched(&self, name: &[u8]) -> Option<u8>;

    /// What is kept of a value of the name with that number.
    fn value(&self, number: u8, value: &[u8]) -> u64;

    /// What is kept of `:path`.
    fn path(&self, path: &[u8]) -> u64;

    /// Whether the text of a path of which `kept` is kept is wanted too ([`crate::Bodies::path_of`]).
    fn wants_text(&self, kept: u64) -> bool {
        let _ = kept;
        false
    }

    /// Whether the text of a value is wanted too whose name has that number, as that of a path.
    fn wants_text_of(&self, number: u8) -> bool {
        let _ = number;
        false
    }

    /// How the body of a request is wanted.
    fn wanted(&self, head: &Head) -> Wanted;

    /// How many small calls a whole call takes as long as, about; less than 1 is 1. Turns end by that
    /// ([`crate::Limits::calls_of_turn`]).
    fn weight(&self, head: &Head, body: &[u8]) -> usize {
        let _ = (head, body);
        1
    }

    /// A call was refused for a limit of its connection. Told by the thread that drives the connection.
    fn refused(&self, limit: Exceeded) {
        let _ = limit;
    }
}

/// A limit of [`crate::Limits`] that a call exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// [`crate::Limits::header_bytes`], also where the connection ends with the call.
    HeaderBytes,
    /// [`crate::Limits::streams`].
    Streams,
}

/// How the body of a request is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// When it is whole, however long that takes.
    Whole,
    /// Whole, if it comes soon after its fields: until [`crate::Connection::stop_waiting`]. Else as it comes.
    Soon,
    /// Whole, if it is here with its fields. Else as it comes.
    Now,
    /// As it comes.
    AsItComes,
}

const METHOD: u32 = 1;
const SCHEME: u32 = 1 << 1;
const PATH: u32 = 1 << 2;
const AUTHORITY: u32 = 1 << 3;
const STATUS: u32 = 1 << 4;
const PSEUDO: u32 = METHOD | SCHEME | PATH | AUTHORITY | STATUS;
const HOST: u32 = 1 << 5;
const CONTENT_LENGTH: u32 = 1 << 6;
/// No block may have two of these.
const UNIQUE: u32 = PSEUDO | HOST | CONTENT_LENGTH;
/// A name or a value that no message may have, or a field that HTTP/2 has no use for.
const MALFORMED: u32 = 1 << 7;
const CONNECT: u32 = 1 << 8;
const OPTIONS: u32 = 1 << 9;
/// The path is `*`.
const STAR: u32 = 1 << 10;
const POST: u32 = 1 << 11;
const GET: u32 = 1 << 12;
const HEAD: u32 = 1 << 14;
/// The text is wanted.
const TEXT: u32 = 1 << 13;
/// The first of the names that are watched for.
const FIRST_WATCHED: u32 = 16;
const REGULAR: u32 = 1 << 31;

/// Numbers that are kept of a block's fields: those of names that are watched for, then these.
const DATA: usize = WATCHED + 5;
const PATH_AT: u8 = WATCHED as u8;
const HOST_AT: u8 = PATH_AT + 1;
/// Of `:authority`, and of `:status`.
const AUTHORITY_AT: u8 = PATH_AT + 2;
/// Of `content-length`.
const LENGTH_AT: u8 = PATH_AT + 3;
/// Of all that have none.
const NOWHERE: u8 = PATH_AT + 4;

/// What HPACK counts for a field beside its text (RFC 7541, 4.1).
pub(crate) const OVERHEAD: usize = 32;

/// What a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Method,
    Scheme,
    Path,
    Authority,
    Status,
    Host,
    ContentLength,
    Te,
    /// Any other that may be.
    Other,
    /// One that no message of HTTP/2 may have.
    Refused,
    Watched(u8),
}

impl Name {
    pub(crate) fn of(name: &[u8], vocabulary: &impl Vocabulary) -> Name {
        match name {
            b":method" => return Name::Method,
            b":scheme" => return Name::Scheme,
            b":path" => return Name::Path,
            b":authority" => return Name::Authority,
            b":status" => return Name::Status,
            b"host" => return Name::Host,
            b"content-length" => return Name::ContentLength,
            b"te" => return Name::Te,
            b"connection" | b"proxy-connection" | b"keep-alive" | b"transfer-encoding"
            | b"upgrade" => return Name::Refused,
            _ => {}
        }
        let allowed =
            |byte: &u8| matches!(byte, 0x21..=0x7e) && !matches!(byte, b'A'..=b'Z' | b':');
        if name.is_empty() || !name.iter().all(allowed) {
            return Name::Refused;
        }
        match vocabulary.watched(name) {
            Some(number) if usize::from(number) < WATCHED => Name::Watched(number),
            _ => Name::Other,
        }
    }
}

/// What a field means: some bits, and a number with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) name: Name,
    bits: u32,
    at: u8,
    datum: u64,
}

impl Meaning {
    pub(crate) const NONE: Meaning = Meaning {
        name: Name::Refused,
        bits: MALFORMED,
        at: NOWHERE,
        datum: 0,
    };

    pub(crate) fn of(name: Name, value: &[u8], vocabulary: &impl Vocabulary) -> Meaning {
        let (mut bits, mut at, mut datum) = (REGULAR, NOWHERE, 0);
        match name {
            Name::Method => {
                bits = METHOD;
                match value {
                    b"" => bits |= MALFORMED,
                    b"CONNECT" => bits |= CONNECT,
                    b"OPTIONS" => bits |= OPTIONS,
                    b"POST" => bits |= POST,
                    b"GET" => bits |= GET,
                    b"HEAD" => bits |= HEAD,
                    _ => {}
                }
            }
            Name::Scheme => bits = SCHEME | malformed_if(value.is_empty()),
            Name::Path => {
                let star = value == b"*";
                let begins = value.first() == Some(&b'/');
                bits = PATH | malformed_if(!star && !begins) | if star { STAR } else { 0 };
                (at, datum) = (PATH_AT, vocabulary.path(value));
                if vocabulary.wants_text(datum) {
                    bits |= TEXT;
                }
            }
            Name::Authority => {
                bits = AUTHORITY;
                (at, datum) = (AUTHORITY_AT, digest(value));
            }
            Name::Status => {
                let code = number(value).filter(|code| value.len() == 3 && *code >= 100);
                bits = STATUS | malformed_if(code.is_none());
                (at, datum) = (AUTHORITY_AT, code.unwrap_or(0));
            }
            Name::Host => {
                bits |= HOST;
                (at, datum) = (HOST_AT, digest(value));
            }
            Name::ContentLength => {
                let length = number(value);
                bits |= CONTENT_LENGTH | malformed_if(length.is_none());
                (at, datum) = (LENGTH_AT, length.unwrap_or(0));
            }
            Name::Te => bits |= malformed_if(value != b"trailers"),
            Name::Refused => bits |= MALFORMED,
            Name::Watched(watched) => {
                bits |= 1 << (FIRST_WATCHED + u32::from(watched));
                (at, datum) = (watched, vocabulary.value(watched, value));
                if vocabulary.wants_text_of(watched) {
                    bits |= TEXT;
                }
            }
            Name::Other => {}
        }
        Meaning {
            name,
            bits: bits | malformed_if(!is_value(value)),
            at,
            datum,
        }
    }
}

impl Meaning {
    /// Whether it is a field whose text is wanted.
    #[inline]
    pub(crate) fn has_text(&self) -> bool {
        self.bits & TEXT != 0
    }
}

const fn malformed_if(wrong: bool) -> u32 {
    if wrong {
        MALFORMED
    } else {
        0
    }
}

/// RFC 9113, 8.2.1: no NUL, CR, LF; no space or tab at either end.
fn is_value(value: &[u8]) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !blank(value.first())
        && !blank(value.last())
        && !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}

fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        value
            .iter()
            .fold(0, |sum, digit| 10 * sum + u64::from(digit - b'0')),
    )
}

/// Tells one authority from another, whatever its case (FNV-1a). Not against forgery: whoever makes two
/// the same deceives nobody but himself.
fn digest(value: &[u8]) -> u64 {
    value.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What the fields of a block mean together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    bits: u32,
    /// Fields that are twice there, or pseudo-headers behind other fields.
    wrong: u32,
    repeated: u32,
    /// Bytes of names and values, and 32 for each field.
    size: u32,
    data: [u64; DATA],
}

impl Head {
    #[inline]
    pub(crate) fn add(&mut self, meaning: &Meaning, size: u32) {
        // All ones once there was a regular field: the bit is the sign.
        let behind = ((self.bits as i32) >> 31) as u32;
        let twice = self.bits & meaning.bits;
        self.wrong |= (twice & UNIQUE) | (behind & meaning.bits & PSEUDO);
        self.repeated |= twice;
        self.bits |= meaning.bits;
        self.size = self.size.saturating_add(size);
        self.data[usize::from(meaning.at)] = meaning.datum;
    }

    /// Bytes of all names and values, and 32 for each field, as SETTINGS_MAX_HEADER_LIST_SIZE counts.
    #[inline]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Whether `:method` is POST.
    #[inline]
    pub fn is_post(&self) -> bool {
        self.bits & POST != 0
    }

    /// Whether `:method` is GET.
    #[inline]
    pub fn is_get(&self) -> bool {
        self.bits & GET != 0
    }

    /// Whether `:method` is HEAD, whose answers have no body.
    #[inline]
    pub fn is_head(&self) -> bool {
        self.bits & HEAD != 0
    }

    /// Whether the text of a field is wanted.
    #[inline]
    pub(crate) fn has_text(&self) -> bool {
        self.bits & TEXT != 0
    }

    /// Notes where the text of the path is among those of its turn.
    pub(crate) fn put_text(&mut self, at: Range<usize>) {
        self.data[usize::from(NOWHERE)] = (at.start as u64) << 32 | at.len() as u64;
    }

    /// The same for a call that is handed out in a later turn, when the text is gone.
    pub(crate) fn without_text(self) -> Head {
        Head {
            bits: self.bits & !TEXT,
            ..self
        }
    }

    /// Where the text of the path is; `None` if it is not wanted.
    pub(crate) fn text(&self) -> Option<Range<usize>> {
        let at = self.data[usize::from(NOWHERE)];
        let start = (at >> 32) as usize;
        self.has_text()
            .then_some(start..start + (at & 0xffff_ffff) as usize)
    }

    /// What [`Vocabulary::path`] made of `:path`, 0 without one.
    #[inline]
    pub fn path(&self) -> u64 {
        self.data[usize::from(PATH_AT)]
    }

    /// What [`Vocabulary::value`] made of the last field with this name.
    ///
    /// # Panics
    ///
    /// If `number` is not less than [`WATCHED`].
    #[inline]
    pub fn watched(&self, number: u8) -> Option<u64> {
        assert!(usize::from(number) < WATCHED, "no name has number {number}");
        let there = self.bits & (1 << (FIRST_WATCHED + u32::from(number))) != 0;
        there.then(|| self.data[usize::from(number)])
    }

    /// Whether more than one field has this name.
    #[inline]
    pub fn is_repeated(&self, number: u8) -> bool {
        self.repeated
            .checked_shr(FIRST_WATCHED + u32::from(number))
            .unwrap_or(0)
            & 1
            != 0
    }

    /// `content-length`, in bytes.
    #[inline]
    pub fn content_length(&self) -> Option<u64> {
        (self.bits & CONTENT_LENGTH != 0).then_some(self.data[usize::from(LENGTH_AT)])
    }

    /// Whether a request may begin so (RFC 9113, 8.3.1 and 8.5).
    #[inline]
    pub(crate) fn is_request(&self) -> bool {
        const USUAL: u32 = METHOD | SCHEME | PATH;
        const ODD: u32 = MALFORMED | STATUS | CONNECT | STAR | HOST;
        if self.bits & (USUAL | ODD) == USUAL && self.wrong == 0 {
            return true;
        }
        self.is_odd_request()
    }

    fn is_odd_request(&self) -> bool {
        if self.wrong != 0 || self.bits & (MALFORMED | STATUS | METHOD) != METHOD {
            return false;
        }
        let parts = self.bits & (SCHEME | PATH | AUTHORITY);
        let names = if self.bits & CONNECT != 0 {
            parts == AUTHORITY
        } else {
            parts & (SCHEME | PATH) == SCHEME | PATH
        };
        let star = self.bits & STAR == 0 || self.bits & OPTIONS != 0;
        let hosts = self.bits & (HOST | AUTHORITY) != HOST | AUTHORITY
            || self.data[usize::from(HOST_AT)] == self.data[usize::from(AUTHORITY_AT)];
        names && star && hosts
    }

    /// Whether a response may begin so (RFC 9113, 8.3.2).
    #[inline]
    pub(crate) fn is_response(&self) -> bool {
        self.wrong == 0 && self.bits & (MALFORMED | PSEUDO) == STATUS
    }

    /// `:status`, of a response; 0 without one.
    #[inline]
    pub fn status(&self) -> u16 {
        match self.bits & STATUS {
            0 => 0,
            _ => self.data[usize::from(AUTHORITY_AT)] as u16,
        }
    }

    /// Whether a message may end so (RFC 9113, 8.1).
    pub(crate) fn is_trailers(&self) -> bool {
        self.wrong == 0 && self.bits & (MALFORMED | PSEUDO) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpack::testing::Watch;

    fn head(fields: &[(&str, &str)]) -> Head {
        let mut head = Head::default();
        for (name, value) in fields {
            let name_of = Name::of(name.as_bytes(), &Watch);
            let meaning = Meaning::of(name_of, value.as_bytes(), &Watch);
            head.add(&meaning, (name.len() + value.len() + OVERHEAD) as u32);
        }
        head
    }

    const GET: [(&str, &str); 3] = [(":method", "GET"), (":scheme", "http"), (":path", "/a")];

    #[test]
    fn a_request_has_its_pseudo_headers_once_and_first() {
        let with = |field| head(&[&GET[..], &[field]].concat());
        assert!(head(&GET).is_request());
        assert!(with((":authority", "a:1")).is_request());
        assert!(with(("te", "trailers")).is_request());
        assert!(with(("cookie", "")).is_request());
        for without in GET {
            let fields = GET.into_iter().filter(|field| *field != without);
            let fields: Vec<_> = fields.collect();
            assert!(!head(&fields).is_request(), "without {without:?}");
        }
        for wrong in [
            (":method", "GET"),
            (":scheme", "http"),
            (":path", "/b"),
            (":status", "200"),
            (":protocol", "websocket"),
            (":unknown", "a"),
            (":", "a"),
            ("", "a"),
            ("Te", "trailers"),
            ("te", "gzip"),
            ("a b", "c"),
            ("a:b", "c"),
            ("a\u{7f}", "c"),
            ("connection", "close"),
            ("proxy-connection", "close"),
            ("keep-alive", "1"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("a", " b"),
            ("a", "b\t"),
            ("a", "b\rc"),
            ("a", "b\nc"),
            ("a", "b\0c"),
            ("content-length", ""),
            ("content-length", "-1"),
            ("content-length", "1a"),
            ("content-length", "99999999999999999999"),
        ] {
            assert!(!with(wrong).is_request(), "{wrong:?}");
        }
        for path in ["", "a", "*"] {
            assert!(
                !head(&[GET[0], GET[1], (":path", path)]).is_request(),
                "{path:?}"
            );
        }
        let mut late = vec![("a", "b")];
        late.extend(GET);
        assert!(!head(&late).is_request(), "pseudo-headers behind a field");
        assert!(!head(&[GET[0], GET[1], ("a", "b"), GET[2]]).is_request());
        assert!(head(&[(":method", "OPTIONS"), GET[1], (":path", "*")]).is_request());
    }

    #[test]
    fn connect_has_an_authority_and_nothing_else() {
        let connect = (":method", "CONNECT");
        let authority = (":authority", "a:1");
        assert!(head(&[connect, authority]).is_request());
        assert!(!head(&[connect]).is_request());
        assert!(!head(&[connect, authority, GET[1]]).is_request());
        assert!(!head(&[connect, authority, GET[2]]).is_request());
    }

    #[test]
    fn post_is_told_apart() {
        let post = [(":method", "POST"), GET[1], GET[2]];
        assert!(head(&post).is_request() && head(&post).is_post());
    }

    #[test]
    fn host_is_the_authority() {
        let with = |authority, host| {
            head(&[&GET[..], &[(":authority", authority), ("host", host)]].concat())
        };
        assert!(with("a:1", "A:1").is_request());
        assert!(!with("a:1", "b:1").is_request());
        assert!(head(&[&GET[..], &[("host", "a")]].concat()).is_request());
        assert!(!head(&[&GET[..], &[("host", "a"), ("host", "a")]].concat()).is_request());
    }

    #[test]
    fn trailers_have_no_pseudo_headers() {
        assert!(head(&[("a", "b")]).is_trailers());
        assert!(head(&[]).is_trailers());
        assert!(!head(&[("a", "b"), (":status", "200")]).is_trailers());
        assert!(!head(&[GET[0]]).is_trailers());
        assert!(!head(&[("A", "b")]).is_trailers());
    }

    #[test]
    fn what_is_watched_for_is_kept() {
        let head = head(&[
            GET[0],
            GET[1],
            GET[2],
            ("timeout", "1S"),
            ("content-length", "17"),
            ("other", "x"),
            ("kind", "abc"),
            ("kind", "defg"),
        ]);
        assert!(head.is_request() && !head.is_post());
        // The test's vocabulary keeps lengths.
        assert_eq!(head.path(), 2);
        assert_eq!(head.watched(0), Some(2));
        assert_eq!(head.watched(1), Some(4));
        assert_eq!(head.watched(2), None);
        assert!(head.is_repeated(1) && !head.is_repeated(0) && !head.is_repeated(200));
        assert_eq!(head.content_length(), Some(17));
        assert_eq!(
            head.size() as usize,
            8 * OVERHEAD + 10 + 11 + 7 + 9 + 16 + 6 + 7 + 8
        );
    }
}
