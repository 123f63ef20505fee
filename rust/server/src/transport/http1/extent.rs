//! Where a request ends among the bytes of its connection (RFC 9112, sections 2.2, 6 and 7.1).
//!
//! hyper reads as much as there is, and does not tell how much of it belongs to the request: so it could not be known
//! whether the next one has begun. It is handed the bytes of one head or of one body at a time, therefore. Nothing is
//! decided here about what is right: where hyper wants more than that, it gets it.

/// Bytes of the empty line that may come before a request, as old clients send it behind a body.
const EMPTY_LINE: usize = 2;

/// How far the bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// In the head of a request, or before it.
    Head(Head),
    /// Behind a head that hyper has not read.
    HeadEnded,
    /// In a body that has so many bytes more.
    Sized(u64),
    /// In a body that comes in chunks.
    Chunks(Chunks),
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
}

/// A part of a body in chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// The digits of a size.
    Size(u64),
    /// What is behind them in their line.
    Extension(u64),
    /// So many bytes more.
    Data(u64),
    /// The line end behind them.
    DataEnd,
    /// Lines behind the last chunk; whether the present one has bytes.
    Trailers(bool),
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
            Extent::HeadEnded => true,
            Extent::Sized(_) | Extent::Chunks(_) => false,
        }
    }

    /// hyper has read the head. Its body has so many bytes, or comes in chunks.
    pub(super) fn read_head(&mut self, body: Option<u64>) {
        *self = match body {
            Some(0) => Extent::new(),
            Some(bytes) => Extent::Sized(bytes),
            None => Extent::Chunks(Chunks::Size(0)),
        };
    }

    /// Goes on over `bytes`, to the end of the head or of the body at most. Returns how many of them that are: one at
    /// least, if there are any.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        match self {
            Extent::Head(head) => match bytes.iter().position(|byte| head.ends_with(*byte)) {
                None => bytes.len(),
                Some(at) => {
                    *self = Extent::HeadEnded;
                    at + 1
                }
            },
            Extent::HeadEnded => bytes.len(),
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
                None => bytes.len(),
                Some(end) => {
                    *self = Extent::new();
                    end
                }
            },
        }
    }
}

impl Head {
    /// Whether it ends with this byte: a head ends with an empty line.
    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            b'\r' | b'\n' if !self.has_begun => self.before += 1,
            b'\n' if !self.has_line => return true,
            b'\n' => self.has_line = false,
            b'\r' => {}
            _ => (self.has_begun, self.has_line) = (true, true),
        }
        false
    }
}

impl Chunks {
    /// Behind which of the bytes the body ends.
    fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
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
            if self.ends_with(byte) {
                return Some(at);
            }
        }
        None
    }

    /// The same of one byte that is none of a chunk's data.
    fn ends_with(&mut self, byte: u8) -> bool {
        match self {
            Chunks::Size(size) | Chunks::Extension(size) if byte == b'\n' => {
                *self = match *size {
                    0 => Chunks::Trailers(false),
                    size => Chunks::Data(size),
                };
            }
            Chunks::Size(size) => match char::from(byte).to_digit(16) {
                Some(digit) => *size = size.saturating_mul(16).saturating_add(digit.into()),
                None => *self = Chunks::Extension(*size),
            },
            Chunks::DataEnd if byte == b'\n' => *self = Chunks::Size(0),
            Chunks::Trailers(has_line) => match byte {
                b'\n' if !*has_line => return true,
                b'\n' => *has_line = false,
                b'\r' => {}
                _ => *has_line = true,
            },
            Chunks::Extension(_) | Chunks::DataEnd | Chunks::Data(_) => {}
        }
        false
    }
}

/// Where requests end in any bytes, which does not depend on where those are cut; the first byte says what bodies they have.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn check_cuts(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let ends = |size: usize| {
        let (mut extent, mut ends, mut at) = (Extent::new(), Vec::new(), 0);
        while at < bytes.len() {
            let piece = &bytes[at..bytes.len().min(at + size)];
            let taken = extent.take(piece);
            assert!((1..=piece.len()).contains(&taken));
            at += taken;
            if extent == Extent::HeadEnded {
                ends.push((at, extent.has_begun()));
                extent.read_head(match (usize::from(*kind) + ends.len()) % 3 {
                    0 => Some(0),
                    1 => Some((*kind).into()),
                    _ => None,
                });
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

    const HEADS: [&str; 4] = [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.0\n\n",
        "P",
    ];
    const BODIES: [(Option<u64>, &str); 6] = [
        (Some(0), ""),
        (Some(5), "\r\n\r\nx"),
        (None, "0\r\n\r\n"),
        (
            None,
            "A;x=y\r\n0\r\n\r\n56789\r\n00b \r\n01234567890\r\n0\r\nt: 1\r\n\r\n",
        ),
        (None, "1\r\nx\r\n0;a\r\na: b\r\nc: d\r\n\r\n"),
        (None, "3\nabc\n0\n\n"),
    ];

    /// What is handed out of `bytes`, so many of which come at a time.
    fn handed<'a>(extent: &mut Extent, bytes: &'a [u8], size: usize) -> (&'a [u8], &'a [u8]) {
        let mut taken = 0;
        while taken < bytes.len() {
            let piece = &bytes[taken..bytes.len().min(taken + size)];
            let now = extent.take(piece);
            assert!(now > 0 || piece.is_empty());
            taken += now;
            let ended = matches!(extent, Extent::HeadEnded);
            if now < piece.len() || ended || *extent == Extent::new() {
                break;
            }
        }
        bytes.split_at(taken)
    }

    #[test]
    fn requests_end_where_they_end_in_whatever_pieces_they_come() {
        for size in [1, 2, 3, 7, 1000] {
            let mut extent = Extent::new();
            for (head, (length, body)) in HEADS[..3]
                .iter()
                .flat_map(|head| BODIES.map(|body| (head, body)))
            {
                let all = format!("{head}{body}GET /next");
                let (first, rest) = handed(&mut extent, all.as_bytes(), size);
                assert_eq!(first, head.as_bytes(), "{all:?}, {size} at a time");
                assert!(extent.has_begun());
                extent.read_head(length);
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
    fn sizes_without_an_end_and_bytes_that_are_none_are_gone_over() {
        let mut extent = Extent::new();
        extent.read_head(None);
        let bytes = [&b"ffffffffffffffffffffffff\r\n"[..], &[b'\n'; 1000]].concat();
        assert_eq!(extent.take(&bytes), bytes.len());
        let mut extent = Extent::new();
        extent.read_head(Some(u64::MAX));
        assert_eq!(extent.take(&bytes), bytes.len());
        assert!(!extent.has_begun());
        // hyper asks for more than a head that seems to be whole.
        let mut extent = Extent::new();
        assert_eq!(extent.take(b"GET /\n\nx"), 7);
        assert_eq!(extent.take(b"more"), 4);
        assert!(extent.has_begun());
    }
}
