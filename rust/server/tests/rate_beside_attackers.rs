//! What 64 clients that take what they can get leave of the rate of one that behaves: a measurement, which is run by
//! hand, as no test asserts a time.
//!
//! ```text
//! ./bazelw build //rust/server:rate_beside_attackers_test
//! PAIRS=10 KINDS=nobody bazel-bin/rust/server/rate_beside_attackers_test --ignored --nocapture
//! ```
//!
//! The server has core 0; all clients have core 1, so that the processor time that attackers spend on themselves is not
//! taken from the server. The client that behaves is an open loop: it sends a fifth of what it got alone from the
//! server at saturation, at even times, has at most [`AT_ONCE`] calls open, and is judged by how many of the calls that
//! were due in a slice are answered in it. (At saturation it would share the server's core with whoever asks for
//! anything at all, as two honest clients do.) Slices take turns: alone, from the moment at which the attackers come,
//! and when they have been there for a while. Attackers work without pause, and come again when they are hung up on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use harness::attack::{all_kinds, stage, Stage};
use harness::hostile::{Habits, Hostile};
use harness::http2::GET;
use harness::raw::{
    self, call, window_update, Raw, ACK, DATA, END_STREAM, HEADERS, PING, RST_STREAM,
};
use harness::{get_request, HANG};
use rustix::thread::{sched_setaffinity, CpuSet};

const ATTACKERS: usize = 64;
/// Calls of the client that behaves that are open, at most.
const AT_ONCE: u64 = 64;
/// Of what it gets at saturation.
const SHARE: f64 = 0.2;
const SLICE: Duration = Duration::from_millis(500);
/// How often one that was hung up on comes again, at most.
const COMES_AGAIN: Duration = Duration::from_millis(100);
const VALUE_BYTES: usize = 1000;
/// Between two looks at what is due.
const TICK: Duration = Duration::from_micros(200);

/// The calling thread, and those that it starts, run on this core.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).unwrap();
}

#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    /// Refused, or answered by something else than the value.
    failed: AtomicU64,
}

/// A client that behaves: it sends calls when they are due, and reads.
struct Reader {
    socket: TcpStream,
    next: u32,
    sent: u64,
    counts: Arc<Counts>,
}

impl Reader {
    fn connect(address: SocketAddr) -> Reader {
        let socket = raw::connect(address, None);
        let mut raw = Raw::hello(
            socket.try_clone().unwrap(),
            &raw::initial_window(0x7FFF_FFFF),
        );
        // As large as it can be, so that no update is needed for two million answers.
        raw.send(&window_update(0, 0x7FFF_FFFF - 65_535)).unwrap();
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        thread::spawn(move || {
            // Of answers that have not ended.
            let mut bytes = 0;
            while let Ok(Some(frame)) = raw.next() {
                match frame.kind {
                    DATA => bytes += frame.payload.len(),
                    PING if frame.flags & ACK == 0 => {
                        raw.send(&raw::frame(PING, ACK, 0, &frame.payload)).unwrap();
                    }
                    _ => {}
                }
                let reset = frame.kind == RST_STREAM;
                if frame.is(HEADERS, END_STREAM) || reset {
                    let whole = !reset && bytes >= VALUE_BYTES;
                    bytes = bytes.saturating_sub(if whole { VALUE_BYTES } else { 0 });
                    let count = if whole {
                        &counted.answered
                    } else {
                        &counted.failed
                    };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Reader {
            socket,
            next: 1,
            sent: 0,
            counts,
        }
    }

    fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::Relaxed)
    }

    fn failed(&self) -> u64 {
        self.counts.failed.load(Ordering::Relaxed)
    }

    /// Sends calls for a slice, `rate` a second; what was not due by its end is not sent later. Returns how many
    /// were answered.
    fn run(&mut self, rate: f64) -> u64 {
        use std::io::Write as _;

        let (begun, before, sent_before) = (Instant::now(), self.answered(), self.sent);
        while begun.elapsed() < SLICE {
            let due = (begun.elapsed().as_secs_f64() * rate) as u64;
            let open = |reader: &Reader| reader.sent - reader.answered() - reader.failed();
            let mut out = Vec::new();
            while self.sent - sent_before < due && open(self) < AT_ONCE {
                let key = (self.next / 2 % 400).to_be_bytes();
                out.extend(call(self.next, GET, &get_request("store_v1", 0, &key)));
                self.next += 2;
                self.sent += 1;
            }
            self.socket.write_all(&out).unwrap();
            thread::sleep(TICK);
        }
        self.answered() - before
    }

    /// Waits until nothing is in flight.
    fn settle(&self) {
        let deadline = Instant::now() + HANG;
        while self.answered() + self.failed() < self.sent {
            assert!(Instant::now() < deadline, "a call is not answered");
            thread::sleep(TICK);
        }
    }
}

/// A thread that drives attackers, and how often some came again.
struct Attack {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Attack {
    fn begin(address: SocketAddr, kind: &Habits) -> Attack {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, kind) = (Arc::clone(&stop), kind.clone());
        let thread = thread::spawn(move || {
            let connect = || (Hostile::connect(address, &kind), Instant::now());
            let mut attackers: Vec<_> = (0..ATTACKERS).map(|_| connect()).collect();
            let mut again = 0;
            while !stopped.load(Ordering::Relaxed) {
                let mut busy = false;
                for (attacker, since) in &mut attackers {
                    busy |= attacker.drive();
                    if attacker.hung_up && since.elapsed() > COMES_AGAIN {
                        (*attacker, *since) = connect();
                        again += 1;
                    }
                }
                if !busy {
                    thread::sleep(TICK);
                }
            }
            again
        });
        Attack { stop, thread }
    }

    fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Waits until clients make the server hold next to nothing.
fn settle(stage: &Stage) {
    let deadline = Instant::now() + HANG;
    while stage.harness.server.memory().held() > 1 << 20 {
        assert!(Instant::now() < deadline, "memory is held for nobody");
        thread::sleep(TICK);
    }
}

/// The median of what is to be one, with the least and the greatest.
fn spread(mut ratios: Vec<f64>) -> String {
    ratios.sort_by(f64::total_cmp);
    let (least, greatest) = (ratios[0], ratios[ratios.len() - 1]);
    format!(
        "{:.2} ({least:.2} to {greatest:.2})",
        ratios[ratios.len() / 2]
    )
}

#[test]
#[ignore = "measures: what it prints is for who reads it"]
fn attackers_leave_a_client_its_rate() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).map_or(usual, |number| number.parse().unwrap())
    };
    let (pairs, later) = (number("PAIRS", 5), number("LATER", 2));
    let kinds = std::env::var("KINDS").unwrap_or_default();
    pin(0);
    let stage = stage(&[
        "max.client.bytes",
        "67108864",
        "worker.threads",
        "1",
        "disk.threads",
        "2",
    ]);
    pin(1);
    let address = stage.harness.address();
    let mut reader = Reader::connect(address);
    reader.run(f64::INFINITY);
    let most = reader.run(f64::INFINITY);
    reader.settle();
    let rate = SHARE * most as f64 / SLICE.as_secs_f64();
    println!("{rate:.0} calls a second, with {AT_ONCE} open at most; {pairs} pairs");
    for (name, kind) in all_kinds().iter().filter(|(name, _)| name.contains(&kinds)) {
        let (mut at_first, mut then) = (Vec::new(), Vec::new());
        let (mut again, failed) = (0, reader.failed());
        for _ in 0..pairs {
            let alone = reader.run(rate) as f64;
            reader.settle();
            let attack = Attack::begin(address, kind);
            at_first.push(reader.run(rate) as f64 / alone);
            for _ in 0..later {
                then.push(reader.run(rate) as f64 / alone);
            }
            again += attack.end();
            reader.settle();
            settle(&stage);
        }
        println!(
            "{name}: {} of the rate alone at first, {} then; {} of the reader's calls failed, attackers came again {again} times",
            spread(at_first),
            spread(then),
            reader.failed() - failed,
        );
    }
}
