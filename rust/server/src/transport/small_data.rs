//! Small DATA frames that follow each other, made one before h2 sees them.
//!
//! A client that sends many requests on one call without waiting sends each in a frame of its own. h2
//! keeps each as an entry of some hundred bytes until the call takes it, and hangs up on a client of
//! which it has to keep some thousand (ENHANCE_YOUR_CALM, "too_many_data_frames"): sooner than the
//! windows are full, so such a client does nothing wrong. Where DATA is cut means nothing (RFC 9113, 6.1),
//! so frames of one stream that came together are handed on as one.

use crate::transport::frames::{Frames, Head, DATA, END_STREAM, FRAME_HEAD};

/// Frames of that many bytes are worth an entry of their own.
const SMALL: usize = 1024;
/// No frame is made larger: what every peer of HTTP/2 takes.
const MAX: usize = 16 * 1024;
/// Flag of DATA.
const PADDED: u8 = 8;

/// Whether `next` may be part of a DATA frame before it.
pub(crate) fn continues(last: Head, next: Head) -> bool {
    let plain = |head: Head| head.kind == DATA && head.flags & PADDED == 0 && head.length < SMALL;
    plain(last) && plain(next) && last.stream == next.stream && last.flags & END_STREAM == 0
}

/// Joins small DATA frames in `bytes`, which begin where `before` is. Returns how many bytes are left of
/// them; they are the first.
pub(crate) fn join(before: &Frames, bytes: &mut [u8]) -> usize {
    let partial = before.partial_head().len();
    // What begins before these bytes stays as it is: h2 has its head, or a part of it.
    let mut at = before.payload_left().min(bytes.len());
    if partial > 0 {
        let mut rest = &bytes[..];
        let mut frames = before.clone();
        let Some(head) = frames.next(&mut rest) else {
            return bytes.len();
        };
        at = (bytes.len() - rest.len() + head.length).min(bytes.len());
    }
    let mut kept = at;
    // The last DATA frame: where its head is now, what it says, and the bytes of the first frame in it.
    let mut open: Option<(usize, Head)> = None;
    while let Some(Ok(head)) = bytes
        .get(at..at + FRAME_HEAD)
        .map(<[u8; FRAME_HEAD]>::try_from)
    {
        let next = Head::decode(head);
        let end = (at + FRAME_HEAD + next.length).min(bytes.len());
        let joined = open.filter(|(_, last)| {
            let small = Head {
                length: last.length.min(SMALL - 1),
                ..*last
            };
            continues(small, next) && last.length + next.length <= MAX
        });
        match joined {
            Some((head_at, last)) => {
                let both = Head {
                    length: last.length + next.length,
                    flags: last.flags | next.flags,
                    ..last
                };
                bytes[head_at..head_at + FRAME_HEAD].copy_from_slice(&both.encode());
                bytes.copy_within(at + FRAME_HEAD..end, kept);
                kept += end - at - FRAME_HEAD;
                open = Some((head_at, both));
            }
            None => {
                bytes.copy_within(at..end, kept);
                open = (next.kind == DATA && next.length < SMALL).then_some((kept, next));
                kept += end - at;
            }
        }
        at = end;
    }
    // The beginning of a head.
    bytes.copy_within(at.., kept);
    kept + bytes.len() - at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::frames::{frame, HEADERS, WINDOW_UPDATE};

    /// Frames, and what they mean: the DATA of each stream joined, the others as they are.
    fn frames() -> Vec<u8> {
        let mut bytes = frame(HEADERS, 4, 1, b"headers");
        for number in 0..50u8 {
            bytes.extend(frame(DATA, 0, 1, &[number; 40]));
        }
        bytes.extend(frame(DATA, 0, 3, b"another call"));
        bytes.extend(frame(DATA, 0, 3, &[7; 3000]));
        bytes.extend(frame(DATA, 0, 3, b"small"));
        bytes.extend(frame(DATA, PADDED, 3, b"\x02padded.."));
        bytes.extend(frame(DATA, 0, 3, b""));
        bytes.extend(frame(DATA, 0, 3, b"end"));
        bytes.extend(frame(DATA, END_STREAM, 3, b"."));
        bytes.extend(frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]));
        for _ in 0..40 {
            bytes.extend(frame(DATA, 0, 1, &[9; 1000]));
        }
        bytes
    }

    /// Type, flags, stream, payload.
    type Part = (u8, u8, u32, Vec<u8>);

    /// The payload of each stream, whole frames with the others, and the number of frames.
    fn meaning(mut bytes: &[u8]) -> (Vec<Part>, usize) {
        let (mut parts, mut count) = (Vec::<Part>::new(), 0);
        while !bytes.is_empty() {
            let head = Head::decode(bytes[..FRAME_HEAD].try_into().unwrap());
            let payload = &bytes[FRAME_HEAD..FRAME_HEAD + head.length];
            bytes = &bytes[FRAME_HEAD + head.length..];
            count += 1;
            assert!(head.length <= MAX);
            match parts.last_mut() {
                Some((DATA, flags @ (0 | END_STREAM), stream, joined))
                    if head.kind == DATA && head.flags & PADDED == 0 && *stream == head.stream =>
                {
                    joined.extend_from_slice(payload);
                    *flags |= head.flags;
                }
                _ => parts.push((head.kind, head.flags, head.stream, payload.to_vec())),
            }
        }
        (parts, count)
    }

    #[test]
    fn they_mean_the_same_wherever_they_are_cut() {
        let bytes = frames();
        let (expected, before) = meaning(&bytes);
        for step in (1..60).chain([500, 4096, bytes.len()]) {
            let mut frames = Frames::default();
            let mut joined = Vec::new();
            for piece in bytes.chunks(step) {
                let mut piece = piece.to_vec();
                let begin = frames.clone();
                let mut rest = &piece[..];
                while frames.next(&mut rest).is_some() {}
                let kept = join(&begin, &mut piece);
                joined.extend_from_slice(&piece[..kept]);
            }
            let (meant, after) = meaning(&joined);
            assert!(meant == expected, "pieces of {step}");
            assert!(after <= before);
            if step == bytes.len() {
                assert_eq!(after, 11, "of {before} frames");
            }
        }
    }

    #[test]
    fn only_small_frames_of_one_stream_continue_each_other() {
        let data = |stream, flags, length| Head {
            kind: DATA,
            flags,
            stream,
            length,
        };
        assert!(continues(data(1, 0, 40), data(1, END_STREAM, 0)));
        assert!(!continues(data(1, 0, 40), data(3, 0, 40)));
        assert!(!continues(data(1, END_STREAM, 40), data(1, 0, 40)));
        assert!(!continues(data(1, PADDED, 40), data(1, 0, 40)));
        assert!(!continues(data(1, 0, 2000), data(1, 0, 40)));
        let headers = Head {
            kind: HEADERS,
            ..data(1, 0, 40)
        };
        assert!(!continues(headers, data(1, 0, 40)));
    }
}
