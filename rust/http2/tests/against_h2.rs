//! The same frames to this crate and to h2: both take them, or both end the connection; both answer, and reset, the
//! same calls. Where they differ it is by a rule that is written down here.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use peer::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use venice_http2::Limits;

/// Sequences of frames that are compared.
const SEQUENCES: u64 = 3000;
/// What shows that all before it was read.
const LAST_PING: &[u8; 8] = b"lastping";

/// What became of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdict {
    ended: bool,
    answered: BTreeSet<u32>,
    reset: BTreeSet<u32>,
}

fn ours(bytes: &[u8]) -> (Verdict, Option<&'static str>) {
    let limits = Limits {
        frame_bytes: 16_384,
        ..Limits::default()
    };
    let mut peer = Peer::new(limits, 100);
    peer.send(bytes);
    let reason = peer.connection.ending().map(|ending| ending.reason);
    (verdict(&peer.answered), reason)
}

fn verdict(answered: &Answered) -> Verdict {
    Verdict {
        ended: !answered.goaways.is_empty(),
        answered: answered.ended.iter().copied().collect(),
        reset: answered.reset.keys().copied().collect(),
    }
}

/// A server of h2 that answers as the driver does.
async fn of_h2(bytes: &[u8]) -> Verdict {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let serving = async {
        let mut builder = h2::server::Builder::new();
        builder
            .initial_window_size(128 * 1024)
            .initial_connection_window_size(256 * 1024)
            .max_header_list_size(16 * 1024);
        let Ok(mut connection) = builder.handshake::<_, Bytes>(server).await else {
            return;
        };
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            tokio::task::spawn_local(async move {
                let mut body = request.into_body();
                while let Some(data) = body.data().await {
                    let Ok(data) = data else { return };
                    let _ = body.flow_control().release_capacity(data.len());
                }
                if body.trailers().await.is_err() {
                    return;
                }
                let Ok(mut send) = respond.send_response(http::Response::new(()), false) else {
                    return;
                };
                let _ = send.send_data(Bytes::from_static(&[7; 100]), false);
                let _ = send.send_trailers(http::HeaderMap::new());
            });
        }
    };
    let asking = async {
        client.write_all(bytes).await.unwrap();
        let (mut came, mut buffer) = (Vec::new(), [0; 4096]);
        let end = frame(PING, ACK, 0, LAST_PING);
        loop {
            let last = came.windows(end.len()).any(|frame| frame == end);
            // Whoever is still to be answered is so in the next turns of the loop.
            let read = tokio::time::timeout(
                std::time::Duration::from_millis(if last { 2 } else { 2000 }),
                client.read(&mut buffer),
            );
            match read.await {
                Ok(Ok(length)) if length > 0 => came.extend_from_slice(&buffer[..length]),
                _ => return came,
            }
        }
    };
    let local = tokio::task::LocalSet::new();
    let came = local
        .run_until(async {
            tokio::select! {
                biased;
                came = asking => came,
                () = async { serving.await; std::future::pending::<()>().await } => unreachable!(),
            }
        })
        .await;
    let mut answered = Answered::default();
    answered.read(&came);
    verdict(&answered)
}

/// Draws numbers, the same in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as u32 % most
    }

    fn frame(&mut self) -> Vec<u8> {
        let stream = [1, 1, 1, 3, 3, 5, 7][self.below(7) as usize];
        match self.below(24) {
            0..=3 => frame(HEADERS, WHOLE, stream, &POST),
            4..=6 => frame(HEADERS, LAST, stream, &POST),
            7..=9 => frame(DATA, END_STREAM, stream, &[7; 40]),
            10 | 11 => frame(DATA, 0, stream, &[7; 40]),
            12 => frame(DATA, END_STREAM, stream, &[]),
            13 => rst_stream(stream, 8),
            14 => window_update(stream, [1, 0, 0x7fff_ffff][self.below(3) as usize]),
            15 => window_update(0, [1, 0, 0x7fff_ffff][self.below(3) as usize]),
            16 => frame(PING, 0, 0, &[0; 8][..8 - self.below(2) as usize]),
            17 => settings(&[(4, [0, 100, 65_535, 1 << 31][self.below(4) as usize])]),
            18 => frame(self.below(12) as u8, self.below(256) as u8, stream, &[0; 5]),
            19 => frame(
                DATA,
                PADDED | END_STREAM,
                stream,
                &[[1, 4, 9][self.below(3) as usize], 0, 0, 0],
            ),
            20 => frame(
                HEADERS,
                LAST,
                stream,
                [&[0x82][..], &POST[..2], &[0x80], &[0xbe]][self.below(4) as usize],
            ),
            21 => frame(HEADERS, 0, stream, &POST),
            22 => frame(CONTINUATION, END_HEADERS, stream, &[]),
            _ => frame(
                HEADERS,
                LAST,
                stream,
                &[
                    &POST[..],
                    &literal("te", ["trailers", "gzip"][self.below(2) as usize]),
                ]
                .concat(),
            ),
        }
    }
}

/// Why verdicts may differ.
fn explained(
    frames: &[Vec<u8>],
    ours: &Verdict,
    theirs: &Verdict,
    reason: Option<&'static str>,
) -> Option<&'static str> {
    if ours.ended {
        // h2 resets the stream.
        return match reason {
            Some("a frame behind the end of its stream") => {
                Some("5.1: a frame behind END_STREAM is an error of the connection")
            }
            Some("a stream below one that was begun") => {
                Some("5.1.1: an unexpected stream is an error of the connection")
            }
            _ => None,
        };
    }
    let of_a_skipped_stream = |kind| {
        let (mut begun, mut last) = (BTreeSet::new(), 0);
        frames.iter().any(|frame| {
            let stream = u32::from(frame[8]);
            if frame[3] == HEADERS && stream > last {
                last = stream;
                begun.insert(stream);
            }
            frame[3] == kind && stream > 0 && stream < last && !begun.contains(&stream)
        })
    };
    if theirs.ended {
        let on = |frame: &Vec<u8>| u32::from(frame[8]);
        let message = |frame: &Vec<u8>| matches!(frame[3], DATA | HEADERS);
        let behind_the_end = frames.iter().enumerate().any(|(at, frame)| {
            let ends = |before: &Vec<u8>| {
                message(before) && before[4] & END_STREAM != 0 && on(before) == on(frame)
            };
            message(frame) && frames[..at].iter().any(ends)
        });
        let of_nothing = |frame: &Vec<u8>| {
            frame[3] == WINDOW_UPDATE && on(frame) > 0 && frame[9..] == [0, 0, 0, 0]
        };
        return if of_a_skipped_stream(WINDOW_UPDATE) {
            Some("5.1.1: a skipped stream is closed, so WINDOW_UPDATE on it is ignored")
        } else if behind_the_end {
            Some("5.1: a frame on a half-closed stream is an error of the stream")
        } else if frames.iter().any(of_nothing) {
            Some("6.9: WINDOW_UPDATE of 0 is an error of the stream")
        } else {
            None
        };
    }
    let of = |stream: u32| {
        let here = move |frame: &&Vec<u8>| frame[3] == HEADERS && u32::from(frame[8]) == stream;
        frames.iter().filter(here)
    };
    let trailers = |stream: u32| of(stream).count() > 1;
    let incomplete = |stream: u32| {
        let first = of(stream).next();
        first.is_some_and(|frame| !frame[9..].starts_with(&POST))
    };
    // Which of the two comes first is chance.
    let cancelled = |stream: u32| {
        let here = |frame: &Vec<u8>| frame[3] == RST_STREAM && u32::from(frame[8]) == stream;
        frames.iter().any(here)
    };
    let mut differ = ours.reset.symmetric_difference(&theirs.reset);
    differ
        .all(|stream| trailers(*stream) || incomplete(*stream) || cancelled(*stream))
        .then_some("8.1, 8.3.1: trailers with, and requests without, pseudo-headers are malformed")
}

#[test]
fn the_same_frames_mean_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut explanations: BTreeMap<&str, u32> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for seed in 0..SEQUENCES {
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let frames: Vec<Vec<u8>> = (0..=draw.below(7)).map(|_| draw.frame()).collect();
        let last = frame(PING, 0, 0, LAST_PING);
        let bytes = [hello(&[]), frames.concat(), last].concat();
        let (ours, reason) = ours(&bytes);
        let theirs = runtime.block_on(of_h2(&bytes));
        // How far the calls before an error came is chance.
        if ours == theirs || (ours.ended && theirs.ended) {
            continue;
        }
        match explained(&frames, &ours, &theirs, reason) {
            Some(why) => *explanations.entry(why).or_default() += 1,
            None => {
                let shown: Vec<String> = frames
                    .iter()
                    .map(|frame| format!("{:02x?}", &frame[3..frame.len().min(20)]))
                    .collect();
                unexplained.push(format!(
                    "{shown:?}\n  ours {ours:?} {reason:?}\n  h2's {theirs:?}"
                ));
            }
        }
    }
    println!("{SEQUENCES} sequences, these differ: {explanations:#?}");
    assert!(
        unexplained.is_empty(),
        "{} differ:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
}
