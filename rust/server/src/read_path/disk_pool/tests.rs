use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::read_path::thread_pool::WAITING_PER_THREAD;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

type Answer = Result<EncodedResponse, Failure>;

/// The answer of a request that is counted for nobody.
async fn answer(pool: &DiskPool, lane: Lane, request: Bytes, tier: Tier) -> Answer {
    let timeline = &mut Timeline::default();
    match pool.answer(None, lane, request, tier, timeline).await {
        ReadStep::Done(answer) => answer,
        step => panic!("{step:?}"),
    }
}

/// A pool of one thread whose reads announce themselves and then wait to be let through.
fn gated_pool() -> (DiskPool, mpsc::Receiver<Vec<u8>>, mpsc::Sender<()>) {
    let (started, starts) = mpsc::channel();
    let (gate, gates) = mpsc::channel();
    let gates = Mutex::new(gates);
    let pool = DiskPool::start(1, move |request, _, _| {
        started.send(request.to_vec()).unwrap();
        gates.lock().recv().unwrap();
        ReadStep::Done(Ok(EncodedResponse::error(request.len() as i32, "")))
    });
    (pool.unwrap(), starts, gate)
}

#[test]
fn reads_are_answered() {
    let pool = DiskPool::start(2, |request, _, _| {
        ReadStep::Done(Ok(EncodedResponse::error(request.len() as i32, "")))
    })
    .unwrap();
    for length in 1..100 {
        let reply = block_on(answer(
            &pool,
            Lane(1),
            Bytes::from(vec![0; length]),
            Tier::Any,
        ))
        .unwrap();
        assert_eq!(reply.message(), [0x30, length as u8]);
    }
    assert!(pool.stop(None));
}

type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// A request that was put into the queue: its future, polled once.
fn asked<'a>(pool: &'a DiskPool, request: &'static [u8]) -> Answering<'a> {
    asked_by(pool, Lane(1), request)
}

fn asked_by<'a>(pool: &'a DiskPool, lane: Lane, request: &'static [u8]) -> Answering<'a> {
    let mut answer: Answering<'a> =
        Box::pin(answer(pool, lane, Bytes::from_static(request), Tier::Any));
    assert!(poll_once(&mut answer).is_pending());
    answer
}

fn poll_once(answer: &mut Answering<'_>) -> Poll<Answer> {
    answer
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_full_queue_says_so() {
    let (pool, starts, gate) = gated_pool();
    let mut waiting = vec![asked(&pool, b"running")];
    assert_eq!(starts.recv().unwrap(), b"running");
    waiting.extend((0..WAITING_PER_THREAD).map(|_| asked(&pool, b"waiting")));

    let mut refused: Answering<'_> = Box::pin(answer(&pool, Lane(1), Bytes::new(), Tier::Any));
    assert!(matches!(
        poll_once(&mut refused),
        Poll::Ready(Err(Failure::Overloaded(_)))
    ));

    for answer in waiting {
        gate.send(()).unwrap();
        block_on(answer).unwrap();
    }
}

#[test]
fn one_connection_cannot_fill_the_queue_for_others() {
    let (pool, starts, gate) = gated_pool();
    let (greedy, modest, stream) = (pool.lane(), pool.lane(), pool.lane());
    let running = asked_by(&pool, greedy, b"running");
    assert_eq!(starts.recv().unwrap(), b"running");
    let mut waiting: Vec<_> = (0..WAITING_PER_THREAD)
        .map(|_| asked_by(&pool, greedy, b"greedy"))
        .collect();
    // There is room for who has nothing in it, and the next turn is its own.
    let read = asked_by(&pool, modest, b"modest");
    let mut slice = Box::pin(pool.run(stream, || b"slice"));
    let once = slice.as_mut();
    assert!(once
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_pending());
    assert_eq!(pool.waiting(), WAITING_PER_THREAD);
    // Two of the other had to go, the last that came.
    for _ in 0..2 {
        let last = waiting.pop().unwrap();
        assert!(matches!(block_on(last), Err(Failure::Overloaded(_))));
    }
    for _ in 0..WAITING_PER_THREAD {
        gate.send(()).unwrap();
    }
    block_on(running).unwrap();
    block_on(read).unwrap();
    assert_eq!(block_on(slice).unwrap(), b"slice");
    let order: Vec<_> = starts.iter().take(2).collect();
    assert_eq!(order, [&b"greedy"[..], b"modest"]);
    for answer in waiting {
        block_on(answer).unwrap();
    }
}

#[test]
fn a_slice_of_a_stream_gives_way_as_well() {
    let (pool, starts, gate) = gated_pool();
    let (greedy, modest) = (pool.lane(), pool.lane());
    let running = asked_by(&pool, modest, b"running");
    assert_eq!(starts.recv().unwrap(), b"running");
    let mut slices: Vec<_> = (0..WAITING_PER_THREAD)
        .map(|_| Box::pin(pool.run(greedy, || ())))
        .collect();
    for slice in &mut slices {
        let once = slice.as_mut();
        assert!(once
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending());
    }
    let read = asked_by(&pool, modest, b"modest");
    let last = slices.pop().unwrap();
    assert!(matches!(block_on(last), Err(Failure::Overloaded(_))));
    gate.send(()).unwrap();
    gate.send(()).unwrap();
    block_on(running).unwrap();
    block_on(read).unwrap();
    for slice in slices {
        block_on(slice).unwrap();
    }
}

#[test]
fn a_cancelled_read_is_not_done() {
    let (pool, starts, gate) = gated_pool();
    let first = asked(&pool, b"first");
    assert_eq!(starts.recv().unwrap(), b"first");
    let second = asked(&pool, b"second");
    let third = asked(&pool, b"third");
    drop(second);
    gate.send(()).unwrap();
    gate.send(()).unwrap();
    block_on(first).unwrap();
    block_on(third).unwrap();
    assert_eq!(starts.recv().unwrap(), b"third");
}

#[test]
fn a_cancelled_read_tells_whether_it_had_a_thread() {
    let (pool, starts, gate) = gated_pool();
    let phases = |timeline: &mut Timeline| {
        let spans = timeline.take_spans();
        spans.iter().map(|span| span.phase).collect::<Vec<_>>()
    };
    let (mut running, mut waiting) = (Timeline::default(), Timeline::default());
    for (timeline, name) in [(&mut running, "running"), (&mut waiting, "waiting")] {
        let request = Bytes::from_static(name.as_bytes());
        let mut read = Box::pin(pool.answer(None, Lane(1), request, Tier::Any, timeline));
        let once = read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(once.is_pending());
        if name == "running" {
            assert_eq!(starts.recv().unwrap(), b"running");
        }
    }
    assert_eq!(phases(&mut running), [Phase::Read]);
    assert_eq!(phases(&mut waiting), [Phase::Queue]);
    gate.send(()).unwrap();

    // One that failed has told both times.
    let mut timeline = Timeline::default();
    let passed = Tier::Until(Instant::now());
    let request = Bytes::from_static(b"late");
    let late = block_on(pool.answer(None, Lane(1), request, passed, &mut timeline));
    assert!(matches!(
        late,
        ReadStep::Done(Err(Failure::DeadlineExceeded))
    ));
    assert_eq!(phases(&mut timeline), [Phase::Queue, Phase::Read]);
}

#[test]
fn a_cancelled_read_gives_its_place_back() {
    let (pool, starts, gate) = gated_pool();
    let running = asked(&pool, b"running");
    assert_eq!(starts.recv().unwrap(), b"running");
    let mut waiting: Vec<_> = (0..WAITING_PER_THREAD)
        .map(|_| asked(&pool, b"waiting"))
        .collect();
    // From the middle, from the front and from the back.
    for at in [WAITING_PER_THREAD / 2, 0, WAITING_PER_THREAD - 3] {
        drop(waiting.remove(at));
        waiting.push(asked(&pool, b"instead"));
    }
    let mut refused: Answering<'_> = Box::pin(answer(&pool, Lane(1), Bytes::new(), Tier::Any));
    assert!(matches!(
        poll_once(&mut refused),
        Poll::Ready(Err(Failure::Overloaded(_)))
    ));

    for answer in std::iter::once(running).chain(waiting) {
        gate.send(()).unwrap();
        block_on(answer).unwrap();
    }
    let read: Vec<_> = starts.try_iter().collect();
    assert_eq!(read.len(), WAITING_PER_THREAD);
    assert_eq!(read.iter().filter(|name| **name == b"instead").count(), 3);
}

#[test]
fn a_read_whose_deadline_has_passed_is_not_done() {
    let (pool, starts, gate) = gated_pool();
    let running = asked(&pool, b"running");
    assert_eq!(starts.recv().unwrap(), b"running");
    let passed = Tier::Until(Instant::now());
    let mut late: Answering<'_> =
        Box::pin(answer(&pool, Lane(1), Bytes::from_static(b"late"), passed));
    assert!(poll_once(&mut late).is_pending());
    let last = asked(&pool, b"last");
    gate.send(()).unwrap();
    gate.send(()).unwrap();
    block_on(running).unwrap();
    assert!(matches!(block_on(late), Err(Failure::DeadlineExceeded)));
    block_on(last).unwrap();
    assert_eq!(starts.recv().unwrap(), b"last");
}

#[test]
fn stop_drops_waiting_reads_and_refuses_new_ones() {
    let (pool, starts, gate) = gated_pool();
    let running = asked(&pool, b"running");
    assert_eq!(starts.recv().unwrap(), b"running");
    let waiting = asked(&pool, b"waiting");

    assert!(!pool.stop(Some(Instant::now())), "a read is running");
    assert!(matches!(block_on(waiting), Err(Failure::Stopping)));
    assert!(matches!(
        block_on(answer(&pool, Lane(1), Bytes::new(), Tier::Any)),
        Err(Failure::Stopping)
    ));

    gate.send(()).unwrap();
    block_on(running).unwrap();
    assert!(pool.stop(Some(Instant::now() + Duration::from_secs(60))));
}
