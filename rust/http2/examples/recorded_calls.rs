//! Calls as grpc-java sends them, through the codec alone: for callgrind, which counts the instructions of
//! `serve_round`. README.md has the command and what it printed.
//!
//! ```text
//! recorded_calls SHAPE ROUNDS      SHAPE: pairs, headers-first, deadlines, split; 100 calls a round
//! ```

#[path = "../tests/driver/mod.rs"]
mod driver;
#[path = "../tests/peer/mod.rs"]
mod peer;

use std::time::Duration;

use peer::{
    first_block_of_grpc_java, frame, hello, window_update, DATA, END_STREAM, HAS_PRIORITY, HEADERS,
    LATER_BLOCK, WHOLE,
};
use venice_http2::{Connection, Limits};

const CALLS: usize = 100;
const REQUEST: [u8; 60] = [7; 60];

/// What a client sends for a round of calls.
struct Client {
    next: u32,
    /// Entries that deadlines have added to the table.
    deadlines: usize,
}

/// Deadlines behind which indexes of the first block's entries are two bytes: grpc-java's entries are evicted a
/// little later, and sent anew.
const DEADLINES: usize = 59;

impl Client {
    fn round(&mut self, shape: &str) -> Vec<u8> {
        let (mut headers, mut all) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            let id = self.next;
            self.next += 2;
            let block = if shape == "deadlines" {
                self.with_deadline()
            } else {
                LATER_BLOCK.to_vec()
            };
            let open = frame(HEADERS, WHOLE, id, &block);
            let data = match shape {
                "split" => [
                    frame(DATA, 0, id, &REQUEST),
                    frame(DATA, END_STREAM, id, &[]),
                ]
                .concat(),
                _ => frame(DATA, END_STREAM, id, &REQUEST),
            };
            if shape == "headers-first" {
                headers.extend(open);
            } else {
                all.extend(open);
            }
            all.extend(data);
        }
        headers.extend(all);
        headers.extend(window_update(0, (CALLS * driver::ANSWER_BYTES) as u32));
        headers
    }

    /// A block with a deadline, which enters the table each time.
    fn with_deadline(&mut self) -> Vec<u8> {
        let mut block = Vec::new();
        if self.deadlines < DEADLINES {
            let old = |at: usize| (0x80 | (at + self.deadlines)) as u8;
            block.extend([
                old(67),
                old(66),
                0x83,
                0x86,
                old(65),
                old(64),
                old(63),
                old(62),
            ]);
            self.deadlines += 1;
        } else {
            // Begins anew, with an empty table.
            block.extend([0x20, 0x3f, 0xe1, 0x1f]);
            block.extend(&first_block_of_grpc_java()[5..]);
            self.deadlines = 1;
        }
        if self.deadlines == 1 {
            block.extend([0x40, 12]);
            block.extend(b"grpc-timeout");
        } else {
            block.push(0x7e);
        }
        block.push(7);
        block.extend(format!("9{:05}u", self.next / 2 % 100_000).as_bytes());
        block
    }
}

/// What one `recv` brought, answered into what one `send` takes.
#[inline(never)]
fn serve_round(connection: &mut Connection<driver::Watch>, bytes: &[u8], message: &[u8]) -> usize {
    connection.room()[..bytes.len()].copy_from_slice(bytes);
    connection.received(bytes.len());
    let mut answered = 0;
    while connection.has_more() {
        let mut turn = connection.turn(Duration::from_millis(1));
        answered += turn.calls.len();
        for call in turn.calls {
            assert!(turn.bodies.of(call).len() == REQUEST.len());
            let body = |out: &mut Vec<u8>| out.extend_from_slice(message);
            turn.answers
                .answer(call, &driver::HEADERS, body, &driver::TRAILERS);
        }
    }
    let out = connection.out().len();
    connection.sent(out);
    answered
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [shape, rounds] = &arguments[..] else {
        eprintln!("write SHAPE (pairs, headers-first, deadlines, split) and ROUNDS");
        std::process::exit(2);
    };
    let rounds: u32 = rounds.parse().expect("ROUNDS is a number");
    let mut connection = Connection::new(&driver::protocol(Limits::default()));
    let message = driver::message(driver::ANSWER_BYTES);
    let mut client = Client {
        next: 5,
        deadlines: 0,
    };
    let mut first = hello(&[(4, 1 << 20)]);
    first.extend(window_update(0, 1 << 20));
    first.extend(frame(
        HEADERS,
        WHOLE | HAS_PRIORITY,
        3,
        &first_block_of_grpc_java(),
    ));
    first.extend(frame(DATA, END_STREAM, 3, &REQUEST));
    let mut answered = serve_round(&mut connection, &first, &message);
    for _ in 0..rounds {
        let bytes = client.round(shape);
        answered += serve_round(&mut connection, &bytes, &message);
    }
    assert!(connection.ending().is_none(), "{:?}", connection.ending());
    println!("{answered} calls");
}
