use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::watch::ENDED_AT_ONCE;
use super::*;
use crate::memory::holding::Holding;
use crate::memory::holding::QUANTUM;

const MIB: usize = 1024 * 1024;

fn memory(bound: usize) -> ClientMemory {
    ClientMemory::new(bound, 4 * MIB, 4 * MIB)
}

/// Takes room in steps until there is none without a permit. Returns the bytes.
fn take_all(memory: &ClientMemory, number: u64, purpose: Purpose, step: usize) -> usize {
    let mut taken = 0;
    loop {
        match memory.try_get(number, purpose, step) {
            Some(Grant {
                bytes,
                permit: None,
            }) => taken += bytes,
            Some(Grant {
                permit: Some(permit),
                ..
            }) => {
                memory.return_permit(number, permit);
                return taken;
            }
            None => return taken,
        }
    }
}

#[test]
fn the_parts_fit_into_the_bound() {
    for bound in [1, 16 * MIB, 64 * MIB, 256 * MIB, 4096 * MIB] {
        let parts = Parts::new(bound, 4 * MIB, 4 * MIB);
        let bound = bound.max(16 * MIB);
        let bytes = parts.total * QUANTUM + parts.permits * 8 * MIB + parts.kept;
        assert!(bytes <= bound && bytes > bound - QUANTUM, "{parts:?}");
        assert!(parts.permits >= 1);
    }
    let parts = Parts::new(1, 512 * MIB, 1024 * MIB);
    assert_eq!(parts.permits, 1);
    assert!(parts.total * QUANTUM > 1024 * MIB, "{parts:?}");
}

#[test]
fn a_lone_client_gets_most_of_the_shared_part() {
    let memory = memory(256 * MIB);
    let (one, _) = memory.join(None);
    let taken = take_all(&memory, one, Purpose::Answer, MIB);
    assert!(taken > 45 * MIB, "{taken}");
    let (other, _) = memory.join(None);
    let taken = take_all(&memory, other, Purpose::Request, MIB);
    assert!(taken > 8 * MIB, "{taken}");
}

#[test]
fn whatever_64_take_the_next_one_has_its_part() {
    for bound in [64 * MIB, 256 * MIB] {
        let memory = memory(bound);
        let mut all = 0;
        for purpose in [Purpose::Answer, Purpose::Request, Purpose::Call].repeat(22) {
            let (number, _) = memory.join(None);
            all += take_all(&memory, number, purpose, 4096);
        }
        let (next, _) = memory.join(None);
        let taken = take_all(&memory, next, Purpose::Call, 4096);
        assert!(
            taken >= memory.state.lock().parts.own * QUANTUM,
            "{taken} of {bound}"
        );
        assert!(all + taken <= memory.state.lock().parts.total * QUANTUM);
    }
}

#[test]
fn a_large_message_gets_a_place_one_at_a_time() {
    let memory = memory(64 * MIB);
    let (hog, _) = memory.join(None);
    take_all(&memory, hog, Purpose::Answer, 4096);
    let (one, _) = memory.join(None);
    let (other, _) = memory.join(None);
    let permit = memory.try_get(one, Purpose::Answer, 4 * MIB).unwrap();
    assert_eq!((permit.bytes, permit.permit), (0, Some(Purpose::Answer)));
    assert!(memory.try_get(one, Purpose::Answer, 4 * MIB).is_none());
    assert!(memory.try_get(one, Purpose::Request, 4 * MIB).is_some());
    let mut waits = memory
        .get_or_wait(other, Purpose::Answer, 4 * MIB)
        .unwrap_err()
        .1;
    assert!(waits.try_recv().is_err());
    memory.return_permit(one, Purpose::Answer);
    assert_eq!(waits.try_recv().unwrap().permit, Some(Purpose::Answer));
}

#[test]
fn who_is_known_to_read_comes_first_and_has_half_of_the_places() {
    let memory = memory(64 * MIB);
    assert_eq!(memory.state.lock().parts.permits, 2);
    let (hog, _) = memory.join(None);
    take_all(&memory, hog, Purpose::Answer, 4096);
    let permit = |number| memory.get_or_wait(number, Purpose::Answer, 4 * MIB);
    permit(hog).unwrap();
    let (unknown, _) = memory.join(None);
    let mut waits = permit(unknown).unwrap_err().1;
    let known: Vec<u64> = (0..2)
        .map(|_| {
            let (number, holding) = memory.join(None);
            holding.count_taken(MIB);
            holding.owe(MIB);
            holding.settle(MIB);
            number
        })
        .collect();
    permit(known[0]).unwrap();
    let mut known_waits = permit(known[1]).unwrap_err().1;
    memory.return_permit(hog, Purpose::Answer);
    assert!(known_waits.try_recv().is_ok());
    assert!(waits.try_recv().is_err());
    memory.return_permit(known[0], Purpose::Answer);
    assert!(waits.try_recv().is_err(), "one half is not for it");
    memory.return_permit(known[1], Purpose::Answer);
    assert!(waits.try_recv().is_ok());
}

#[test]
fn those_who_wait_are_served_in_turns() {
    let memory = memory(16 * MIB);
    let (hog, holding) = memory.join(None);
    let taken = take_all(&memory, hog, Purpose::Answer, 64 * 1024);
    memory.get_or_wait(hog, Purpose::Answer, 4 * MIB).unwrap();
    let (one, _) = memory.join(None);
    let (other, _) = memory.join(None);
    let wait = |number| {
        let waits = memory.get_or_wait(number, Purpose::Answer, MIB);
        waits.unwrap_err().1
    };
    let (mut a, mut b, mut c) = (wait(one), wait(one), wait(other));
    assert_eq!(memory.waiting.load(Ordering::SeqCst), 3);
    // Room for one at a time.
    memory.return_permit(hog, Purpose::Answer);
    let mut order = String::new();
    for _ in 0..3 {
        for (name, of, waits) in [("a", one, &mut a), ("b", one, &mut b), ("c", other, &mut c)] {
            if let Ok(grant) = waits.try_recv() {
                order.push_str(name);
                memory.return_permit(of, grant.permit.unwrap());
            }
        }
    }
    assert_eq!(order, "acb");
    assert!(!holding.is_waiting());
    assert_eq!(memory.waiting.load(Ordering::SeqCst), 0);
    holding.release(taken);
    memory.leave(hog);
    assert_eq!(memory.state.lock().given, 0);
}

#[test]
fn unused_quanta_are_taken_when_others_need_them() {
    let memory = memory(16 * MIB);
    for _ in 0..1000 {
        let (number, holding) = memory.join(None);
        let grant = memory.try_get(number, Purpose::Call, QUANTUM);
        let grant = grant.expect("nobody uses anything");
        let unused = holding.release(grant.bytes);
        assert!(!memory.wants_back(unused), "it keeps a little");
    }
    let (number, _) = memory.join(None);
    assert!(take_all(&memory, number, Purpose::Answer, QUANTUM) > MIB);
}

#[test]
fn who_does_not_move_what_others_wait_for_has_to_end() {
    let memory = memory(16 * MIB);
    let (hog, hogs) = memory.join(None);
    take_all(&memory, hog, Purpose::Answer, 4096);
    memory.get_or_wait(hog, Purpose::Answer, 4 * MIB).unwrap();
    hogs.owe(4 * MIB);
    let (reader, readers) = memory.join(None);
    readers.owe(MIB);
    let waits = memory.get_or_wait(hog, Purpose::Answer, MIB).unwrap_err();

    let mut now = Instant::now();
    let mut look = |seconds: u64| {
        now += Duration::from_secs(seconds);
        readers.count_taken(MIB);
        assert!(memory.look(now));
        let mut ended = pin_ended(&hogs);
        let hog = poll(ended.as_mut());
        assert!(!poll(pin_ended(&readers).as_mut()), "it reads");
        hog
    };
    // It waits for itself.
    assert!(!look(0) && !look(2) && !look(2));
    let others = memory.get_or_wait(reader, Purpose::Answer, 4 * MIB);
    let others = others.unwrap_err();
    assert!(look(2));
    memory.give_up(reader, others.0);
    memory.give_up(hog, waits.0);
    assert!(!memory.look(now), "nobody waits");
}

#[test]
fn clients_that_do_not_read_do_not_hang_up_on_each_other() {
    let memory = memory(16 * MIB);
    let mut hogs = Vec::new();
    for _ in 0..4 {
        let (number, holding) = memory.join(None);
        take_all(&memory, number, Purpose::Answer, 4096);
        holding.owe(MIB);
        let waits = memory.get_or_wait(number, Purpose::Answer, 4 * MIB);
        hogs.push((holding, waits));
    }
    let mut now = Instant::now();
    let mut look = |hogs: &[(Arc<Holding>, _)]| {
        now += Duration::from_secs(2);
        assert!(memory.look(now), "some wait");
        let ended = hogs.iter().map(|(hog, _)| poll(pin_ended(hog).as_mut()));
        ended.filter(|ended| *ended).count()
    };
    assert_eq!((look(&hogs), look(&hogs), look(&hogs)), (0, 0, 0));
    // Who has nothing to take yet is worth some of them at a time.
    let (next, _) = memory.join(None);
    let waits = memory.get_or_wait(next, Purpose::Answer, 4 * MIB);
    assert!(waits.is_err());
    assert_eq!(look(&hogs), ENDED_AT_ONCE);
}

#[test]
fn idle_calls_give_way_to_who_has_few_the_worst_first() {
    let memory = memory(16 * MIB);
    let join = || {
        let (number, holding) = memory.join(None);
        (
            number,
            holding,
            take_all(&memory, number, Purpose::Call, 4096),
        )
    };
    // The first hold most, then some hold the same, and the last nothing.
    let mut idle: Vec<_> = (0..100).map(|_| join()).collect();
    idle.sort_by_key(|(_, _, taken)| usize::MAX - taken);
    let (busy, most) = (ENDED_AT_ONCE, idle[0].0);
    // So long that nobody knows who was refused till now.
    memory.look(Instant::now());
    let mut now = Instant::now() + Duration::from_secs(6);
    let mut look = |idle: &[(u64, Arc<Holding>, usize)], refused: u64| -> Vec<u64> {
        idle[busy].1.count_taken(idle[busy].2);
        now += Duration::from_secs(2);
        assert!(memory.try_get(refused, Purpose::Call, 1 << 40).is_none());
        assert!(memory.look(now), "somebody is refused");
        let ended = idle.iter();
        let ended = ended.filter(|(_, idle, _)| poll(pin_ended(idle).as_mut()));
        ended.map(|(number, _, _)| *number).collect()
    };
    // Nobody has more than who is refused.
    assert_eq!((look(&idle, most), look(&idle, most)), (vec![], vec![]));
    // Who has nothing is worth those who hold most, a few at a time.
    let (next, _) = memory.join(None);
    assert_eq!(look(&idle, next), [idle[0].0, idle[1].0]);
    for (number, holding, taken) in &idle[..ENDED_AT_ONCE] {
        holding.release(*taken);
        memory.leave(*number);
    }
    // Then the next ones, without the one that uses its calls.
    let ended = look(&idle, next);
    assert_eq!(ended.len(), ENDED_AT_ONCE);
    assert!(!ended.contains(&idle[busy].0), "it uses its calls");
}

#[test]
fn who_was_refused_and_is_gone_is_remembered_for_a_while() {
    let memory = memory(16 * MIB);
    let idle: Vec<_> = (0..100)
        .map(|_| {
            let (number, holding) = memory.join(None);
            take_all(&memory, number, Purpose::Call, 4096);
            holding
        })
        .collect();
    let mut now = Instant::now();
    let mut look = |seconds| {
        now += Duration::from_secs(seconds);
        memory.look(now)
    };
    let ended = || {
        let ended = idle.iter();
        ended.filter(|idle| poll(pin_ended(idle).as_mut())).count()
    };
    let is_refused = || {
        let (number, _) = memory.join(None);
        assert!(memory.try_get(number, Purpose::Call, 1 << 40).is_none());
        memory.leave(number);
    };
    is_refused();
    assert!(look(0), "somebody was refused a moment ago");
    assert!(!look(6), "it is long ago");
    assert_eq!(ended(), 0);
    is_refused();
    assert!(look(0) && look(2));
    assert_eq!(ended(), ENDED_AT_ONCE, "for who may come again");
    assert!(!look(1), "somebody gave way");
    assert_eq!(ended(), 0);
}

#[test]
fn who_stopped_reading_is_not_known_to_read() {
    let memory = memory(64 * MIB);
    let (number, holding) = memory.join(None);
    let reads = || memory.state.lock().members[&number].reads();
    assert!(!reads());
    holding.owe(MIB);
    holding.settle(MIB);
    holding.count_taken(MIB);
    assert!(reads());
    holding.owe(MIB);
    let now = Instant::now();
    memory.try_get(number, Purpose::Call, 1 << 40);
    memory.look(now);
    memory.try_get(number, Purpose::Call, 1 << 40);
    memory.look(now + Duration::from_secs(2));
    assert!(!reads());
    holding.settle(MIB);
    memory.try_get(number, Purpose::Call, 1 << 40);
    memory.look(now + Duration::from_secs(4));
    assert!(reads());
}

type Ended<'a> = std::pin::Pin<Box<dyn std::future::Future<Output = ()> + 'a>>;

fn pin_ended(holding: &Holding) -> Ended<'_> {
    Box::pin(holding.ended())
}

fn poll(mut ended: std::pin::Pin<&mut (dyn std::future::Future<Output = ()> + '_)>) -> bool {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    ended.as_mut().poll(&mut context).is_ready()
}

#[test]
fn freed_memory_is_given_back_when_it_is_much() {
    let memory = memory(64 * MIB);
    let now = Instant::now();
    let later = |seconds| now + Duration::from_secs(seconds);
    let (number, holding) = memory.join(None);
    let taken = take_all(&memory, number, Purpose::Answer, 4096);
    assert!(taken > 8 * MIB);
    assert!(!memory.has_freed_much(now), "nothing was freed");
    holding.release(taken);
    memory.leave(number);
    assert!(memory.has_freed_much(now));
    assert!(!memory.has_freed_much(later(60)), "it was given back");
    let (number, holding) = memory.join(None);
    let taken = take_all(&memory, number, Purpose::Answer, 4096);
    holding.release(taken);
    memory.leave(number);
    assert!(!memory.has_freed_much(now), "it is too soon");
    assert!(memory.has_freed_much(later(1)));
}

#[test]
fn another_bound_holds_at_once_and_what_is_held_stays() {
    let memory = memory(256 * MIB);
    let config = |bound: usize| Config {
        max_client_bytes: bound,
        ..Config::default()
    };
    let (one, holding) = memory.join(None);
    let taken = take_all(&memory, one, Purpose::Answer, MIB);
    assert!(taken > 45 * MIB, "{taken}");

    memory.change(&config(16 * MIB));
    assert!(memory.bound() < 16 * MIB);
    assert_eq!(holding.used(), taken, "it is in use");
    let (other, other_holding) = memory.join(None);
    assert_eq!(memory.try_get(other, Purpose::Call, 1024), None);
    // One message gets through by a permit, and the next one waits.
    let wait = || memory.get_or_wait(other, Purpose::Request, 1024);
    assert_eq!(wait().unwrap().permit, Some(Purpose::Request));
    let mut waits = wait().unwrap_err().1;
    assert!(waits.try_recv().is_err());

    // More room comes to those who wait.
    memory.change(&config(512 * MIB));
    assert_eq!(waits.try_recv().unwrap().bytes, 1024);
    memory.return_permit(other, Purpose::Request);
    assert!(take_all(&memory, one, Purpose::Answer, MIB) > taken / 2);

    // And what was counted by one division is right by the next.
    memory.change(&config(16 * MIB));
    holding.release(holding.used());
    memory.take_back(one);
    assert!(memory.try_get(other, Purpose::Call, 1024).is_some());
    other_holding.release(2048);
    memory.leave(one);
    memory.leave(other);
    let state = memory.state.lock();
    assert_eq!((state.given, state.beyond), (0, 0));
}
