//! Decisions, questions and their ages, on a clock that the tests move.

use std::time::Duration;

use super::*;
use crate::runtime::clock::ManualClock;

const REFRESH: u64 = 60_000;
const STALE: u64 = 600_000;

struct Fixture {
    access: Arc<Access>,
    clock: Arc<ManualClock>,
}

fn fixture() -> Fixture {
    fixture_with(AccessSettings::default())
}

fn fixture_with(settings: AccessSettings) -> Fixture {
    let clock = Arc::new(ManualClock::default());
    Fixture {
        access: Arc::new(Access::new(settings, clock.clone())),
        clock,
    }
}

impl Fixture {
    fn decide(&self, principal: &Principal) -> Decision<'_> {
        self.access.decide(principal, "store_v1", "GET")
    }

    /// What a request that does not want to wait would get; nothing if it had to.
    fn known(&self, principal: &Principal) -> Option<AccessResult> {
        match self.decide(principal) {
            Decision::Granted => Some(AccessResult::Granted),
            Decision::Denied(Denial::Answered(answer)) => Some(answer),
            Decision::Unknown(_) => None,
            Decision::Denied(denial) => panic!("{denial:?}"),
        }
    }

    fn answer(&self, answer: AccessResult) {
        self.access
            .try_next_question()
            .expect("a question")
            .answer(answer);
    }

    fn asks_nothing(&self) -> bool {
        self.access.try_next_question().is_none()
    }
}

fn client(certificate: &[u8]) -> Principal {
    Principal::new(Some(certificate.into()), true)
}

fn failed() -> AccessResult {
    AccessResult::Failed(Arc::from("controller failed"))
}

fn waiting(decision: Decision<'_>) -> PendingAccess<'_> {
    match decision {
        Decision::Unknown(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_needs_no_question() {
    let f = fixture();
    let denied = |principal: &Principal, resource, method| match f
        .access
        .decide(principal, resource, method)
    {
        Decision::Denied(denial) => denial,
        other => panic!("{other:?}"),
    };
    let plain = Principal::new(None, false);
    assert_eq!(denied(&plain, "store_v1", "GET"), Denial::SslRequired);
    assert_eq!(denied(&plain, "", ""), Denial::SslRequired);
    let nameless = Principal::new(None, true);
    assert_eq!(denied(&nameless, "store", "GET"), Denial::InvalidRequest);
    assert_eq!(denied(&nameless, "store_v1", ""), Denial::InvalidRequest);
    assert_eq!(denied(&nameless, "store_v1", "GET"), Denial::NoCertificate);
    assert!(f.asks_nothing());
}

#[test]
fn a_store_is_asked_for_once_per_certificate_and_method() {
    let f = fixture();
    let (one, again, other) = (client(b"one"), client(b"one"), client(b"other"));
    for principal in [&one, &again, &one] {
        assert_eq!(f.known(principal), None);
    }
    let question = f.access.try_next_question().unwrap();
    assert_eq!(
        *question.subject(),
        Subject {
            certificate: Arc::from(&b"one"[..]),
            store: "store".into(),
            method: "GET".into(),
        }
    );
    assert!(f.asks_nothing());
    assert_eq!(f.known(&one), None, "still asking");
    question.answer(AccessResult::Granted);
    for principal in [&one, &again, &one] {
        assert_eq!(f.known(principal), Some(AccessResult::Granted));
    }
    // Another version is the same store.
    assert!(matches!(
        f.access.decide(&one, "store_v2", "GET"),
        Decision::Granted
    ));
    assert!(f.asks_nothing());

    assert_eq!(f.known(&other), None);
    waiting(f.access.decide(&one, "store_v1", "POST"));
    waiting(f.access.decide(&one, "store2_v1", "GET"));
    f.answer(AccessResult::Forbidden);
    f.answer(AccessResult::Unauthorized);
    f.answer(AccessResult::InvalidCertificate);
    assert!(f.asks_nothing());
    assert_eq!(f.known(&one), Some(AccessResult::Granted));
    assert_eq!(f.known(&other), Some(AccessResult::Forbidden));
}

#[test]
fn answers_are_refreshed_until_nobody_has_used_them_for_long() {
    let f = fixture();
    let (active, quiet) = (client(b"active"), client(b"quiet"));
    for principal in [&active, &quiet] {
        assert_eq!(f.known(principal), None);
        f.answer(AccessResult::Granted);
    }
    f.clock.advance(REFRESH);
    // Both were used since they were asked.
    let (first, second) = (f.access.try_next_question(), f.access.try_next_question());
    assert_eq!(
        f.known(&active),
        Some(AccessResult::Granted),
        "does not wait"
    );
    first.unwrap().answer(AccessResult::Granted);
    second.unwrap().answer(AccessResult::Granted);

    for _ in 0..STALE / REFRESH {
        assert_eq!(f.known(&active), Some(AccessResult::Granted));
        f.clock.advance(REFRESH);
        f.answer(AccessResult::Granted);
        f.answer(AccessResult::Granted);
    }
    assert_eq!(f.known(&active), Some(AccessResult::Granted));
    f.clock.advance(REFRESH);
    f.answer(AccessResult::Forbidden);
    assert!(f.asks_nothing(), "one is not asked for any more");
    assert_eq!(f.known(&active), Some(AccessResult::Forbidden));
    assert_eq!(f.known(&quiet), None, "forgotten");
}

#[test]
fn a_failing_refresh_leaves_the_answer_until_it_is_too_old() {
    let f = fixture();
    let principal = client(b"one");
    assert_eq!(f.known(&principal), None);
    f.answer(AccessResult::Granted);
    f.clock.advance(REFRESH);
    let mut failures = 0;
    while f.known(&principal) == Some(AccessResult::Granted) {
        f.answer(if failures % 2 == 0 {
            failed()
        } else {
            AccessResult::ErrorForbidden
        });
        failures += 1;
        f.clock.advance(1000);
    }
    assert_eq!(failures, STALE / 1000, "once a second");
    // Now no earlier result is valid.
    assert_eq!(f.known(&principal), None);
    f.answer(failed());
    assert_eq!(f.known(&principal), Some(failed()));
    f.clock.advance(1001);
    assert_eq!(f.known(&principal), None);
    f.answer(AccessResult::Granted);
    assert_eq!(f.known(&principal), Some(AccessResult::Granted));
}

#[test]
fn a_hanging_refresh_delays_nobody_whose_answer_is_known() {
    let f = fixture();
    let (known, new) = (client(b"known"), client(b"new"));
    assert_eq!(f.known(&known), None);
    f.answer(AccessResult::Granted);
    f.clock.advance(REFRESH);
    let hanging = f.access.try_next_question().unwrap();
    for _ in 0..100 {
        f.clock.advance(1000);
        assert_eq!(f.known(&known), Some(AccessResult::Granted));
    }
    assert!(f.asks_nothing(), "not asked twice at the same time");
    // Who is new is served by another thread.
    assert_eq!(f.known(&new), None);
    f.answer(AccessResult::Forbidden);
    assert_eq!(f.known(&new), Some(AccessResult::Forbidden));
    f.clock.advance(STALE);
    assert_eq!(f.known(&known), None, "the end of the bound");
    hanging.answer(AccessResult::Granted);
    assert_eq!(f.known(&known), Some(AccessResult::Granted));
}

#[test]
fn refreshes_leave_a_thread_for_first_questions() {
    let f = fixture_with(AccessSettings {
        threads: 3,
        ..AccessSettings::default()
    });
    let clients: Vec<_> = (0..5u8).map(|number| client(&[number])).collect();
    for principal in &clients {
        assert_eq!(f.known(principal), None);
        f.answer(AccessResult::Granted);
    }
    f.clock.advance(REFRESH);
    let refreshes = [f.access.try_next_question(), f.access.try_next_question()];
    assert!(refreshes.iter().all(|question| question.is_some()));
    assert!(f.asks_nothing(), "two of three threads refresh");
    let new = client(b"new");
    assert_eq!(f.known(&new), None);
    f.answer(AccessResult::Granted);
    for question in refreshes.into_iter().flatten() {
        question.answer(AccessResult::Granted);
    }
    f.answer(AccessResult::Granted);
    f.answer(AccessResult::Granted);
    f.answer(AccessResult::Granted);
    assert!(f.asks_nothing());
}

#[test]
fn a_first_failure_is_told_and_asked_again_soon() {
    let f = fixture();
    let principal = client(b"one");
    assert_eq!(f.known(&principal), None);
    drop(f.access.try_next_question());
    let ended = "the thread that asked the access controller ended";
    assert_eq!(
        f.known(&principal),
        Some(AccessResult::Failed(Arc::from(ended)))
    );
    f.clock.advance(1000);
    f.answer(AccessResult::ErrorForbidden);
    assert_eq!(f.known(&principal), Some(AccessResult::ErrorForbidden));
}

#[test]
fn first_questions_are_bounded() {
    let f = fixture();
    let principal = client(b"one");
    for store in 0..WAITING_QUESTIONS {
        waiting(f.access.decide(&principal, &format!("s{store}_v1"), "GET"));
    }
    assert!(matches!(
        f.access.decide(&principal, "more_v1", "GET"),
        Decision::Denied(Denial::Busy)
    ));
    f.answer(AccessResult::Granted);
    waiting(f.access.decide(&principal, "more_v1", "GET"));
}

#[tokio::test]
async fn all_who_wait_get_the_one_answer() {
    let f = fixture();
    let (one, again) = (client(b"one"), client(b"one"));
    let (first, second) = (waiting(f.decide(&one)), waiting(f.decide(&again)));
    let answers = async {
        tokio::task::yield_now().await; // after both have begun to wait
        f.answer(AccessResult::Granted);
    };
    let (first, second, ()) = tokio::join!(first.granted(), second.granted(), answers);
    assert_eq!((first, second), (Ok(()), Ok(())));
    // An answer that came before it is waited for is found as well.
    let late = waiting(f.access.decide(&one, "store_v1", "POST"));
    f.answer(failed());
    assert_eq!(late.granted().await, Err(Denial::Answered(failed())));
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let wait = Duration::from_millis(1);
    let f = fixture_with(AccessSettings {
        wait,
        ..AccessSettings::default()
    });
    let principal = client(b"one");
    let unanswered = waiting(f.decide(&principal));
    assert_eq!(unanswered.granted().await, Err(Denial::NoAnswer { wait }));
}

#[tokio::test]
async fn closing_lets_everybody_go() {
    let f = fixture();
    let (one, other) = (client(b"one"), client(b"other"));
    assert_eq!(f.known(&other), None);
    f.answer(AccessResult::Granted);
    let waiting = waiting(f.decide(&one));
    let thread = std::thread::spawn({
        let access = Arc::clone(&f.access);
        // The first question stays unanswered until the end.
        move || access.next_question().is_some() && access.next_question().is_none()
    });
    let closing = async {
        tokio::task::yield_now().await;
        f.access.close();
    };
    let (answer, ()) = tokio::join!(waiting.granted(), closing);
    assert!(matches!(
        answer,
        Err(Denial::Stopping | Denial::Answered(AccessResult::Failed(_)))
    ));
    let _first: bool = thread.join().unwrap();
    assert!(f.access.next_question().is_none());
    assert_eq!(
        f.known(&other),
        Some(AccessResult::Granted),
        "known is known"
    );
    assert!(matches!(
        f.access.decide(&one, "new_v1", "GET"),
        Decision::Denied(Denial::Stopping)
    ));
}
