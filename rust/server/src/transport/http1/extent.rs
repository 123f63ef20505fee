//! Where a request ends among the bytes of its connection (RFC 9112, sections 2.2, 6 and 7.1).
//!
//! hyper reads as much as there is, and does not tell how much of it belongs to the request: so it could not be known
//! whether the next one has begun. It is handed the bytes of one head or of one body at a time, therefore. Where the two
//! might think differently about an end, nothing more is handed over: what comes then is nobody's request.

use std::io;

use crate::http_form::error::FormError;
use crate::transport::http1::framing::{Fields, Framing};

/// Digits of the size of a chunk: more are no size, or zeros without an end.
const DIGITS: usize = 16;

/// Bytes of the empty line that may come before a request, as old clients send it behind a body.
const EMPTY_LINE: usize = 2;

/// How far the bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// In the head of a request, or before it.
    Head(Head),
    /// Behind a head that hyper has not read, and where it says that its body ends.
    HeadEnded(Result<Framing, FormError>),
    /// In a body that has so many bytes more.
    Sized(u64),
    /// In a body that comes in chunks.
    Chunks(Chunks),
    /// In a body that is malformed: what is wrong with it.
    Broken(&'static str),
    /// Behind a head that was refused.
    Refused,
}

/// A head that is not whole.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of empty lines before it.
    before: usize,
    /// There are others than those.
    has_begun: bool,
    /// The present line has bytes.
    has_line: bool,
    fields: Fields,
}

/// A part of a body in chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// The digits of a size, and how many there were.
    Size(u64, usize),
    /// What is behind them in their line.
    Extension(u64),
    /// The LF of that line.
    SizeEnd(u64),
    /// So many bytes more.
    Data(u64),
    /// The CR behind them, and the LF.
    DataEnd,
    DataLf,
    /// The first byte of a line behind the last chunk.
    Trailer,
    /// In that line; the LF of it.
    InTrailer,
    TrailerLf,
    /// The last LF.
    LastLf,
}

impl Extent {
    /// Before the first request.
    pub(super) fn new() -> Extent {
        Extent::Head(Head::default())
    }

    /// Whether a request has begun whose head hyper has not read.
    pub(super) fn has_begun(&self) -> bool {
        match self {
            Extent::Head(head) => head.has_begun || head.before > EMPTY_LINE,
            Extent::HeadEnded(_) => true,
            Extent::Sized(_) | Extent::Chunks(_) | Extent::Broken(_) | Extent::Refused => false,
        }
    }

    /// Whether a head is awaited, or comes.
    pub(super) fn is_in_head(&self) -> bool {
        matches!(self, Extent::Head(_))
    }

    /// Whether the head that came is refused, or is to be.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Extent::HeadEnded(Err(_)) | Extent::Refused)
    }

    /// The head that comes, or came, is refused, for what its lines said first if that was wrong already.
    pub(super) fn refuse(&mut self, fault: FormError) {
        let first = match self {
            Extent::Head(head) => head.fields.fault().cloned(),
            Extent::HeadEnded(Err(first)) => Some(first.clone()),
            _ => None,
        };
        *self = Extent::HeadEnded(Err(first.unwrap_or(fault)));
    }

    /// hyper has read the head. Its body has so many bytes, or comes in chunks. An error if that is not what the head says,
    /// or if it says nothing clear: nothing more may be read then.
    pub(super) fn read_head(&mut self, body: Option<u64>) -> Result<(), FormError> {
        let known = body.map_or(Framing::Chunks, Framing::Sized);
        match std::mem::replace(self, Extent::Refused) {
            Extent::HeadEnded(Ok(framing)) if framing == known => {}
            Extent::HeadEnded(Err(fault)) => return Err(fault),
            _ => return Err(FormError::Unclear),
        }
        *self = match known {
            Framing::Sized(0) => Extent::new(),
            Framing::Sized(bytes) => Extent::Sized(bytes),
            Framing::Chunks => Extent::Chunks(Chunks::Size(0, 0)),
        };
        Ok(())
    }

    /// Whether nothing more is handed over: never, or because the body is malformed.
    pub(super) fn ended(&self) -> Option<io::Result<()>> {
        match self {
            Extent::Broken(why) => Some(Err(io::Error::new(io::ErrorKind::InvalidData, *why))),
            Extent::Refused => Some(Ok(())),
            _ => None,
        }
    }

    /// Goes on over `bytes`, to the end of the head or of the body at most, or to what breaks it. Returns how many of them
    /// that are: one at least, if there are any and nothing has ended.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        match self {
            Extent::Head(head) => match bytes.iter().position(|byte| head.ends_with(*byte)) {
                None => bytes.len(),
                Some(at) => {
                    *self = Extent::HeadEnded(std::mem::take(&mut head.fields).framing());
                    at + 1
                }
            },
            Extent::HeadEnded(framing) => {
                // hyper wants more than what ends here.
                if !bytes.is_empty() && framing.is_ok() {
                    *framing = Err(FormError::Unclear);
                }
                bytes.len()
            }
            Extent::Sized(rest) => {
                let taken =
                    usize::try_from(*rest).map_or(bytes.len(), |rest| rest.min(bytes.len()));
                *rest -= taken as u64;
                if *rest == 0 {
                    *self = Extent::new();
                }
                taken
            }
            Extent::Chunks(chunks) => match chunks.end_in(bytes) {
                Ok(None) => bytes.len(),
                Ok(Some(end)) => {
                    *self = Extent::new();
                    end
                }
                Err((end, why)) => {
                    *self = Extent::Broken(why);
                    end
                }
            },
            Extent::Broken(_) | Extent::Refused => 0,
        }
    }
}

impl Head {
    /// Whether it ends with this byte: a head ends with an empty line.
    fn ends_with(&mut self, byte: u8) -> bool {
        if !self.has_begun && b"\r\n".contains(&byte) {
            self.before += 1;
            return false;
        }
        self.fields.take(byte);
        match byte {
            b'\n' if !self.has_line => return true,
            b'\n' => self.has_line = false,
            b'\r' => {}
            _ => (self.has_begun, self.has_line) = (true, true),
        }
        false
    }
}

impl Chunks {
    /// Behind which of the bytes the body ends, or breaks, and why.
    fn end_in(&mut self, bytes: &[u8]) -> Result<Option<usize>, (usize, &'static str)> {
        let mut at = 0;
        while at < bytes.len() {
            if let Chunks::Data(rest) = self {
                let here = bytes.len() - at;
                let taken = usize::try_from(*rest).map_or(here, |rest| rest.min(here));
                *rest -= taken as u64;
                at += taken;
                if *rest == 0 {
                    *self = Chunks::DataEnd;
                }
                continue;
            }
            let byte = bytes[at];
            at += 1;
            if self.ends_with(byte).map_err(|why| (at, why))? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The same of one byte that is none of a chunk's data.
    fn ends_with(&mut self, byte: u8) -> Result<bool, &'static str> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        *self = match (&*self, byte) {
            (Chunks::Size(_, DIGITS..), _) if digit.is_some() => {
                return Err("the size of a chunk has too many digits");
            }
            (Chunks::Size(size, digits), _) if digit.is_some() => {
                Chunks::Size((size << 4) | digit.unwrap_or(0), digits + 1)
            }
            (Chunks::Size(_, 0), _) => return Err("the size of a chunk is missing"),
            (Chunks::Size(size, _) | Chunks::Extension(size), b'\r') => Chunks::SizeEnd(*size),
            (Chunks::Size(..) | Chunks::Extension(_) | Chunks::InTrailer, b'\n') => {
                return Err("a line end is not CR LF");
            }
            (Chunks::Size(size, _), b' ' | b'\t' | b';') => Chunks::Extension(*size),
            (Chunks::Size(..), _) => return Err("the size of a chunk is no number"),
            (Chunks::Extension(size), _) => Chunks::Extension(*size),
            (Chunks::SizeEnd(0), b'\n') => Chunks::Trailer,
            (Chunks::SizeEnd(size), b'\n') => Chunks::Data(*size),
            (Chunks::DataEnd, b'\r') => Chunks::DataLf,
            (Chunks::DataEnd, _) => return Err("a chunk has more bytes than its size"),
            (Chunks::DataLf, b'\n') => Chunks::Size(0, 0),
            (Chunks::Trailer, b'\r') => Chunks::LastLf,
            (Chunks::Trailer, b'\n') => return Err("a line end is not CR LF"),
            (Chunks::InTrailer, b'\r') => Chunks::TrailerLf,
            (Chunks::Trailer | Chunks::InTrailer, _) => Chunks::InTrailer,
            (Chunks::TrailerLf, b'\n') => Chunks::Trailer,
            (Chunks::LastLf, b'\n') => return Ok(true),
            (Chunks::SizeEnd(_) | Chunks::DataLf | Chunks::TrailerLf | Chunks::LastLf, _) => {
                return Err("a line end is not CR LF");
            }
            // Not gone over byte by byte.
            (Chunks::Data(rest), _) => Chunks::Data(*rest),
        };
        Ok(false)
    }
}

/// Where requests end in any bytes, which does not depend on where those are cut; the first byte says whether they begin
/// in a body.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn check_cuts(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let ends = |size: usize| {
        let (mut extent, mut ends, mut at) = (Extent::new(), Vec::new(), 0);
        if kind % 2 == 1 {
            extent = Extent::Chunks(Chunks::Size(0, 0));
        }
        while at < bytes.len() && extent.ended().is_none() {
            let piece = &bytes[at..bytes.len().min(at + size)];
            let taken = extent.take(piece);
            assert!((1..=piece.len()).contains(&taken));
            at += taken;
            if let Extent::HeadEnded(framing) = &extent {
                ends.push((at, extent.has_begun()));
                let body = match framing {
                    Ok(Framing::Sized(bytes)) => Some(*bytes),
                    Ok(Framing::Chunks) | Err(_) => None,
                };
                let is_clear = framing.is_ok();
                assert_eq!(extent.read_head(body).is_ok(), is_clear);
            } else if extent == Extent::new() {
                ends.push((at, extent.has_begun()));
            }
        }
        (ends, extent.has_begun(), extent)
    };
    let whole = ends(bytes.len().max(1));
    for size in [1, 2, 3, 16, 1 + usize::from(*kind)] {
        assert_eq!(ends(size), whole, "{size} at a time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: [&str; 3] = [
        "GET / HTTP/1.1\r\nHost: h\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: h\r\n",
        "GET / HTTP/1.0\r\n",
    ];
    const BODIES: [(Option<u64>, &str); 5] = [
        (Some(0), ""),
        (Some(5), "\r\n\r\nx"),
        (None, "0\r\n\r\n"),
        (
            None,
            "A;x=y\r\n0\r\n\r\n56789\r\n00b \r\n01234567890\r\n0\r\nt: 1\r\n\r\n",
        ),
        (None, "1\r\nx\r\n0;a\r\na: b\r\nc: d\r\n\r\n"),
    ];

    /// What is handed out of `bytes`, so many of which come at a time.
    fn handed<'a>(extent: &mut Extent, bytes: &'a [u8], size: usize) -> (&'a [u8], &'a [u8]) {
        let mut taken = 0;
        while taken < bytes.len() && extent.ended().is_none() {
            let piece = &bytes[taken..bytes.len().min(taken + size)];
            let now = extent.take(piece);
            assert!(now > 0 || piece.is_empty());
            taken += now;
            let ended = matches!(extent, Extent::HeadEnded(_));
            if now < piece.len() || ended || *extent == Extent::new() {
                break;
            }
        }
        bytes.split_at(taken)
    }

    fn in_chunks() -> Extent {
        Extent::Chunks(Chunks::Size(0, 0))
    }

    #[test]
    fn requests_end_where_they_end_in_whatever_pieces_they_come() {
        for size in [1, 2, 3, 7, 1000] {
            let mut extent = Extent::new();
            for (head, (length, body)) in HEADS
                .iter()
                .flat_map(|head| BODIES.map(|body| (head, body)))
            {
                let field = match length {
                    Some(0) => String::new(),
                    Some(length) => format!("Content-Length: {length}\r\n"),
                    None => "Transfer-Encoding: chunked\r\n".to_owned(),
                };
                let head = format!("{head}{field}\r\n");
                let all = format!("{head}{body}GET /next");
                let (first, rest) = handed(&mut extent, all.as_bytes(), size);
                assert_eq!(first, head.as_bytes(), "{all:?}, {size} at a time");
                assert!(extent.has_begun());
                assert_eq!(extent.read_head(length), Ok(()));
                assert!(!extent.has_begun());
                let (second, rest) = match body {
                    "" => (&b""[..], rest),
                    _ => handed(&mut extent, rest, size),
                };
                assert_eq!(second, body.as_bytes(), "{all:?}, {size} at a time");
                assert_eq!(extent, Extent::new());
                assert_eq!(rest, b"GET /next");
            }
        }
    }

    #[test]
    fn an_empty_line_begins_nothing_and_many_do() {
        for (bytes, begun) in [
            ("", false),
            ("\r\n", false),
            ("\n", false),
            ("\r\n\r\n", true),
            ("G", true),
        ] {
            let mut extent = Extent::new();
            assert_eq!(extent.take(bytes.as_bytes()), bytes.len());
            assert_eq!(extent.has_begun(), begun, "{bytes:?}");
        }
    }

    #[test]
    fn a_malformed_body_is_handed_over_to_what_breaks_it_and_no_further() {
        for (body, why) in [
            ("fffffffffffffffff|\r\n", "too many digits"),
            ("00000000000000001|\r\n", "too many digits"),
            ("x|yz", "is missing"),
            ("\r|\n", "is missing"),
            ("-|1\r\n", "is missing"),
            ("1x|\r\n", "no number"),
            ("1\n|x", "not CR LF"),
            ("1\rx|", "not CR LF"),
            ("1;a\n|x", "not CR LF"),
            ("1\r\nxy|\r\n", "more bytes"),
            ("1\r\nx\n|0", "more bytes"),
            ("1\r\nx\r0|", "not CR LF"),
            ("0\r\n\n|", "not CR LF"),
            ("0\r\na: b\n|\n", "not CR LF"),
            ("0\r\na: b\rc|", "not CR LF"),
            ("0\r\n\rx|", "not CR LF"),
        ] {
            let whole = body.replace('|', "");
            for size in [1, 2, 100] {
                let mut extent = in_chunks();
                let (taken, _) = handed(&mut extent, whole.as_bytes(), size);
                assert_eq!(taken.len(), body.find('|').unwrap(), "{body:?}");
                let ended = extent.ended().unwrap().unwrap_err().to_string();
                assert!(ended.contains(why), "{body:?}: {ended}");
                assert_eq!(extent.take(b"0\r\n\r\n"), 0);
            }
        }
        let mut extent = Extent::Sized(u64::MAX);
        assert_eq!(extent.take(&[b'\n'; 1000]), 1000);
        assert!(!extent.has_begun());
    }

    #[test]
    fn a_head_that_two_may_read_differently_is_the_last_of_its_connection() {
        let both = "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (head, body, fault) in [
            (both, None, FormError::BothLengths),
            (both, Some(4), FormError::BothLengths),
            ("GET /\n\n", Some(0), FormError::LineEnd),
            // hyper found another end.
            ("GET / HTTP/1.1\r\n\r\n", None, FormError::Unclear),
            ("GET / HTTP/1.1\r\n", Some(0), FormError::Unclear),
        ] {
            let mut extent = Extent::new();
            assert_eq!(extent.take(head.as_bytes()), head.len());
            assert_eq!(extent.read_head(body), Err(fault), "{head:?}");
            assert!(extent.ended().is_some_and(|ended| ended.is_ok()));
            assert_eq!(extent.take(b"GET /next"), 0);
        }
        // hyper asks for more than a head that seems to be whole.
        let mut extent = Extent::new();
        assert_eq!(extent.take(b"GET /\r\n\r\nx"), 9);
        assert_eq!(extent.take(b"more"), 4);
        assert!(extent.has_begun());
        assert_eq!(extent.read_head(Some(0)), Err(FormError::Unclear));
    }
}
