//! `traceparent`: the trace that a request is part of.
//!
//! Source: W3C's Trace Context, "traceparent Header".

/// The span of a client that wants its calls traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceParent {
    /// Of the trace; not all zero.
    pub trace_id: [u8; 16],
    /// Of the client's span; not all zero.
    pub span_id: [u8; 8],
}

/// `00-<trace>-<span>-<flags>`; later versions may have more behind it.
const LENGTH: usize = 55;
/// The one flag that says that the trace is recorded.
const SAMPLED: u8 = 1;

impl TraceParent {
    /// What a header says; `None` if the trace is not sampled, or if it is no such header, which W3C has
    /// ignored.
    pub(crate) fn sampled(value: &[u8]) -> Option<TraceParent> {
        let (head, more) = value.split_at_checked(LENGTH)?;
        let [version] = hex::<1>(&head[..2])?;
        let dashes = [head[2], head[35], head[52]] == [b'-'; 3];
        let ends = match version {
            0 => more.is_empty(),
            0xff => false,
            _ => more.is_empty() || more[0] == b'-',
        };
        let trace_id = hex::<16>(&head[3..35])?;
        let span_id = hex::<8>(&head[36..52])?;
        let [flags] = hex::<1>(&head[53..])?;
        let named = trace_id != [0; 16] && span_id != [0; 8];
        let is_sampled = dashes && ends && named && flags & SAMPLED != 0;
        is_sampled.then_some(TraceParent { trace_id, span_id })
    }
}

/// Bytes of twice as many lower-case digits.
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn read(text: &str) -> Option<TraceParent> {
        TraceParent::sampled(text.as_bytes())
    }

    #[test]
    fn the_example_of_the_specification() {
        let parent = read(&format!("00-{TRACE}-{SPAN}-01")).expect("it is sampled");
        assert_eq!(parent.trace_id[..3], [0x0a, 0xf7, 0x65]);
        assert_eq!(parent.trace_id[15], 0x9c);
        assert_eq!(
            parent.span_id,
            [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]
        );
    }

    #[test]
    fn only_what_is_sampled_and_well_formed_is_taken() {
        let zero = "0".repeat(32);
        for (text, taken) in [
            (format!("00-{TRACE}-{SPAN}-01"), true),
            (format!("00-{TRACE}-{SPAN}-03"), true),
            (format!("00-{TRACE}-{SPAN}-00"), false),
            (format!("00-{TRACE}-{SPAN}-02"), false),
            (format!("00-{TRACE}-{SPAN}-01-more"), false),
            (format!("01-{TRACE}-{SPAN}-01-more"), true),
            (format!("01-{TRACE}-{SPAN}-01"), true),
            (format!("01-{TRACE}-{SPAN}-01more"), false),
            (format!("ff-{TRACE}-{SPAN}-01"), false),
            (format!("00-{zero}-{SPAN}-01"), false),
            (format!("00-{TRACE}-{}-01", &zero[..16]), false),
            (format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), false),
            (format!("00_{TRACE}-{SPAN}-01"), false),
            (format!("00-{TRACE}-{SPAN}-0"), false),
            (format!("0x-{TRACE}-{SPAN}-01"), false),
            (String::new(), false),
            ("\u{e4}".repeat(40), false),
        ] {
            assert_eq!(read(&text).is_some(), taken, "{text}");
        }
    }
}
