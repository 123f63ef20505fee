use std::sync::atomic::AtomicUsize;
use std::sync::{mpsc, Arc, Barrier};
use std::time::Duration;

use super::*;

/// Counts how often it was told.
#[derive(Default)]
struct Told(AtomicUsize);

impl Owner for Told {
    fn left(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn gate() -> (ReaderGate, Arc<Told>) {
    let told = Arc::new(Told::default());
    let owner: Weak<Told> = Arc::downgrade(&told);
    (ReaderGate::new(Some(owner)), told)
}

fn times(told: &Told) -> usize {
    told.0.load(Ordering::SeqCst)
}

#[test]
fn a_shut_gate_lets_nobody_in() {
    let (gate, told) = gate();
    let inside = gate.enter();
    assert!(inside.is_some());
    gate.shut();
    assert!(gate.enter().is_none() && gate.look().is_none());
    assert_eq!((gate.readers(), times(&told)), (1, 0));
    assert!(!gate.wait_drained(Instant::now()));
    drop(inside);
    assert_eq!((gate.readers(), times(&told)), (0, 1));
    assert!(gate.wait_drained(Instant::now()));
}

#[test]
fn nobody_is_told_of_a_gate_that_is_open() {
    let (gate, told) = gate();
    drop([gate.enter(), gate.look()]);
    let last = gate.enter();
    gate.shut();
    assert_eq!(times(&told), 0);
    drop(last);
    assert_eq!(times(&told), 1);
}

#[test]
fn who_came_is_counted_and_the_count_may_begin_again() {
    let (gate, _told) = gate();
    for _ in 0..3 {
        let both = [gate.enter(), gate.look()];
        assert_eq!(gate.readers(), 2);
        drop(both);
    }
    assert_eq!((gate.came(), gate.readers()), (3, 0));
    // Who looks may read, too.
    let looks = gate.look().unwrap();
    looks.count();
    assert_eq!((gate.came(), gate.readers()), (4, 1));
    drop(looks);
    // As if this thread had come nearly so often; also to gates before this one.
    let before = gate.came();
    let cell = gate.core.cell(reader_number::take().unwrap()).unwrap();
    cell.add(u64::from(u32::MAX - before) * CAME);
    assert_eq!(gate.came(), u32::MAX);
    let both = [gate.enter(), gate.enter()];
    assert_eq!((gate.came(), gate.readers()), (1, 2));
    assert!(!gate.is_shut());
    drop(both);
}

#[test]
fn readers_of_all_threads_are_added_up_with_and_without_numbers() {
    const THREADS: usize = NUMBERS + 16;
    let (gate, told) = gate();
    let (entered, may_leave) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                let inside = gate.enter().unwrap();
                entered.wait();
                may_leave.wait();
                drop(inside);
            });
        }
        entered.wait();
        gate.shut();
        assert_eq!(gate.readers(), THREADS as u64);
        assert_eq!(gate.came() as usize, THREADS);
        assert!(gate.core.crowd.0.load(Ordering::SeqCst) & INSIDE >= 16);
        may_leave.wait();
        assert!(gate.wait_drained(Instant::now() + Duration::from_secs(60)));
    });
    assert_eq!((gate.readers(), times(&told)), (0, THREADS));
    assert_eq!(gate.came() as usize, THREADS);
}

#[test]
fn a_thread_goes_on_where_one_before_it_ended() {
    let (gate, _told) = gate();
    for _ in 0..10 {
        std::thread::scope(|threads| {
            threads.spawn(|| drop(gate.enter().unwrap()));
        });
    }
    assert_eq!((gate.came(), gate.readers()), (10, 0));
    let cells = gate.core.cells.iter().filter(|cell| cell.get().is_some());
    assert!(cells.count() > 0);
}

#[test]
fn what_gates_are_made_of_is_used_again_and_begins_anew() {
    for _ in 0..100 {
        let (gate, told) = gate();
        assert_eq!((gate.came(), gate.readers(), gate.is_shut()), (0, 0, false));
        let inside = gate.enter();
        gate.shut();
        drop(inside);
        assert_eq!((gate.came(), times(&told)), (1, 1));
        // Nobody tells an owner that is gone.
        drop(told);
        assert!(gate.look().is_none());
    }
}

#[test]
fn waiting_ends_with_the_last_reader() {
    for _ in 0..200 {
        let (gate, _told) = gate();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| while gate.enter().is_some() {});
            }
            gate.shut();
            assert!(gate.wait_drained(Instant::now() + Duration::from_secs(60)));
        });
    }
}

/// The closer frees what readers use as soon as none is inside: nobody may see that, whenever the gate is shut.
#[test]
fn nobody_is_inside_behind_the_wait() {
    const ROUNDS: usize = 500;
    const READERS: usize = 3;
    let start = Barrier::new(READERS + 1);
    let (gates, reads) = (Mutex::new(None::<Arc<ReaderGate>>), AtomicUsize::new(0));
    let is_free = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..READERS {
            threads.spawn(|| {
                for _ in 0..ROUNDS {
                    start.wait();
                    let gate = gates.lock().clone().unwrap();
                    while let Some(inside) = gate.enter() {
                        assert!(!is_free.load(Ordering::Relaxed), "read behind the close");
                        reads.fetch_add(1, Ordering::Relaxed);
                        drop(inside);
                    }
                    drop(gate);
                    start.wait();
                }
            });
        }
        for _ in 0..ROUNDS {
            let (gate, _told) = gate();
            let gate = Arc::new(gate);
            *gates.lock() = Some(Arc::clone(&gate));
            is_free.store(false, Ordering::SeqCst);
            start.wait();
            let (before, more) = (reads.load(Ordering::Relaxed), 1);
            while reads.load(Ordering::Relaxed) < before + more {
                std::thread::yield_now();
            }
            gate.shut();
            assert!(gate.wait_drained(Instant::now() + Duration::from_secs(60)));
            is_free.store(true, Ordering::SeqCst);
            start.wait();
            *gates.lock() = None;
        }
    });
}

/// Threads that come and go while gates are shut and made: each gate drains, and counts no reader of another one.
#[test]
fn threads_come_and_go_while_gates_do() {
    let (sender, gates) = mpsc::channel::<Arc<ReaderGate>>();
    std::thread::scope(|threads| {
        let closer = threads.spawn(move || {
            for gate in gates {
                gate.shut();
                assert!(gate.wait_drained(Instant::now() + Duration::from_secs(60)));
                assert_eq!(gate.readers(), 0);
                assert!(gate.came() <= 64, "{}", gate.came());
            }
        });
        for _ in 0..100 {
            let (gate, _told) = gate();
            let gate = Arc::new(gate);
            sender.send(Arc::clone(&gate)).unwrap();
            for _ in 0..4 {
                let gate = Arc::clone(&gate);
                threads.spawn(move || (0..16).for_each(|_| drop(gate.enter())));
            }
        }
        drop(sender);
        closer.join().unwrap();
    });
}
