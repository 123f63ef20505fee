//! What the head of a request says about where its body ends (RFC 9112, sections 2.2, 5 and 6), read from the bytes as
//! they came.
//!
//! hyper takes a head in which `Content-Length` stands beside `Transfer-Encoding`, or either of them twice, and tells
//! nobody so. Who stands between a client and this server may end such a request elsewhere, and take for a request of one
//! client what another has sent. So it is refused here whatever two servers might read differently.

use venice_wire::echoed::Echoed;

use crate::http_form::error::FormError;

/// Bytes of a line that are looked at: none of the two fields has more in a request that can be answered.
const LONGEST: usize = 96;

/// The largest body that hyper knows a number for.
const MOST: u64 = u64::MAX - 2;

const CONTENT_LENGTH: &[u8] = b"content-length";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";
const CHUNKED: &[u8] = b"chunked";

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// It has so many bytes.
    Sized(u64),
    /// It comes in chunks.
    Chunks,
}

/// The lines of a head, as far as they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// The beginning of the present line, [`LONGEST`] bytes of it and one at most.
    line: Vec<u8>,
    /// The byte before was CR.
    after_cr: bool,
    /// The first line is over.
    has_request_line: bool,
    length: Option<u64>,
    is_chunked: bool,
    /// What was wrong first.
    fault: Option<FormError>,
}

impl Fields {
    /// Goes on over a byte of the head.
    pub(super) fn take(&mut self, byte: u8) {
        match byte {
            b'\n' if !self.after_cr => self.refuse(FormError::LineEnd),
            b'\n' => {}
            _ if self.after_cr => self.refuse(FormError::LineEnd),
            b'\r' => {}
            // One more says that there are more.
            _ if self.line.len() <= LONGEST => self.line.push(byte),
            _ => {}
        }
        self.after_cr = byte == b'\r';
        if byte == b'\n' {
            self.end_line();
        }
    }

    /// What was wrong first in what came.
    pub(super) fn fault(&self) -> Option<&FormError> {
        self.fault.as_ref()
    }

    /// The head is whole: where its body ends.
    pub(super) fn framing(self) -> Result<Framing, FormError> {
        match (self.fault, self.is_chunked, self.length) {
            (Some(fault), _, _) => Err(fault),
            (None, true, Some(_)) => Err(FormError::BothLengths),
            (None, true, None) => Ok(Framing::Chunks),
            (None, false, length) => Ok(Framing::Sized(length.unwrap_or(0))),
        }
    }

    fn refuse(&mut self, fault: FormError) {
        self.fault.get_or_insert(fault);
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if self.has_request_line {
            if let Err(fault) = self.field(&line) {
                self.refuse(fault);
            }
        }
        self.has_request_line = true;
        self.line = line;
        self.line.clear();
    }

    fn field(&mut self, line: &[u8]) -> Result<(), FormError> {
        if line.first().is_some_and(|first| b" \t".contains(first)) {
            return Err(FormError::Folded);
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Ok(());
        };
        let (name, value) = (&line[..colon], trimmed(&line[colon + 1..]));
        if name.eq_ignore_ascii_case(CONTENT_LENGTH) {
            if self.length.is_some() {
                return Err(FormError::ManyLengths);
            }
            let length = length(line, value).ok_or_else(|| FormError::Length(echoed(value)))?;
            self.length = Some(length);
        } else if name.eq_ignore_ascii_case(TRANSFER_ENCODING) {
            if self.is_chunked {
                return Err(FormError::ManyCodings);
            }
            if !value.eq_ignore_ascii_case(CHUNKED) {
                return Err(coding(value));
            }
            self.is_chunked = true;
        }
        Ok(())
    }
}

/// A number of bytes: digits alone, in a line of which all is known.
fn length(line: &[u8], value: &[u8]) -> Option<u64> {
    if line.len() > LONGEST || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = std::str::from_utf8(value).ok()?.parse().ok();
    length.filter(|length| *length <= MOST)
}

/// Why a coding other than `chunked` is refused. One that is not the last, or there twice, leaves open where the body
/// ends; another one before it is only not known here (RFC 9112, sections 6.1 and 6.3).
fn coding(value: &[u8]) -> FormError {
    let mut codings = value.split(|byte| *byte == b',').map(trimmed).rev();
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(CHUNKED);
    let ends = codings.next().is_some_and(is_chunked);
    if ends && codings.all(|coding| !coding.is_empty() && !is_chunked(coding)) {
        FormError::UnknownCoding(echoed(value))
    } else {
        FormError::Coding(echoed(value))
    }
}

/// Without the white space around it that fields may have.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !b" \t".contains(byte);
    let start = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(is_text).map_or(start, |at| at + 1);
    &bytes[start..end]
}

fn echoed(value: &[u8]) -> Echoed {
    Echoed::new(&String::from_utf8_lossy(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(fields: &str) -> Result<Framing, FormError> {
        let mut read = Fields::default();
        for byte in format!("POST / HTTP/1.1\r\n{fields}\r\n").bytes() {
            read.take(byte);
        }
        read.framing()
    }

    #[test]
    fn a_body_ends_where_one_field_says() {
        for (fields, ends) in [
            ("", Framing::Sized(0)),
            ("Host: h\r\nA: Content-Length: 1\r\n", Framing::Sized(0)),
            ("content-length:5\r\n", Framing::Sized(5)),
            ("CONTENT-LENGTH: \t007 \t\r\n", Framing::Sized(7)),
            (
                "Content-Length: 18446744073709551613\r\n",
                Framing::Sized(MOST),
            ),
            ("Transfer-Encoding: Chunked\r\nTE: x\r\n", Framing::Chunks),
        ] {
            assert_eq!(framing(fields), Ok(ends), "{fields:?}");
        }
        let long = format!(
            "{}: x\r\nContent-Length: 3\r\n",
            "content-length".repeat(99)
        );
        assert_eq!(framing(&long), Ok(Framing::Sized(3)));
    }

    #[test]
    fn what_two_servers_may_read_differently_is_refused() {
        let length = |value: &str| FormError::Length(Echoed::new(value));
        let coding = |value: &str| FormError::Coding(Echoed::new(value));
        let unknown = |value: &str| FormError::UnknownCoding(Echoed::new(value));
        let (cl, te) = ("Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n");
        for (fields, fault) in [
            (format!("{cl}{te}"), FormError::BothLengths),
            (format!("{te}{cl}"), FormError::BothLengths),
            (format!("{cl}A: b\r\n{cl}"), FormError::ManyLengths),
            (format!("{te}{te}"), FormError::ManyCodings),
            ("Content-Length: 1, 1\r\n".into(), length("1, 1")),
            ("Content-Length: +1\r\n".into(), length("+1")),
            ("Content-Length: -1\r\n".into(), length("-1")),
            ("Content-Length: 1 1\r\n".into(), length("1 1")),
            ("Content-Length: 0x1\r\n".into(), length("0x1")),
            ("Content-Length:\r\n".into(), length("")),
            (
                "Content-Length: 18446744073709551614\r\n".into(),
                length("18446744073709551614"),
            ),
            (
                "Content-Length: 18446744073709551616\r\n".into(),
                length("18446744073709551616"),
            ),
            ("Transfer-Encoding:\r\n".into(), coding("")),
            ("Transfer-Encoding: gzip\r\n".into(), coding("gzip")),
            (
                "Transfer-Encoding: chunked, gzip\r\n".into(),
                coding("chunked, gzip"),
            ),
            (
                "Transfer-Encoding: chunked,chunked\r\n".into(),
                coding("chunked,chunked"),
            ),
            ("Transfer-Encoding: ,chunked\r\n".into(), coding(",chunked")),
            ("Transfer-Encoding: xchunked\r\n".into(), coding("xchunked")),
            (
                "Transfer-Encoding: \u{b}chunked\r\n".into(),
                coding("\u{b}chunked"),
            ),
            (
                "Transfer-Encoding: gzip, chunked\r\n".into(),
                unknown("gzip, chunked"),
            ),
            ("A: b\n".into(), FormError::LineEnd),
            ("A: b\rContent-Length: 1\r\n".into(), FormError::LineEnd),
            ("A: b\r\r\n".into(), FormError::LineEnd),
            ("A: b\r\n Content-Length: 1\r\n".into(), FormError::Folded),
        ] {
            assert_eq!(framing(&fields), Err(fault), "{fields:?}");
        }
        let zeros = format!("Content-Length: {}1\r\n", "0".repeat(200));
        assert!(matches!(framing(&zeros), Err(FormError::Length(_))));
    }
}
