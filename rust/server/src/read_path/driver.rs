//! Takes a request from step to step, and awaits what each needs: the one place where a request waits
//! on its way to an answer. Get, batch get and the streaming batch get all go through here.
//!
//! ```text
//!   admitted:   admit ---> Decided
//!                 ^  \---> NeedsAccess: wait for Java ---+
//!                 +--------- without access <------------+
//!
//!   finished:   read ----> Done
//!                  \-----> NeedsDisk: wait in the queue, read on a disk thread
//!                   \----> NeedsRoom: wait until the client has taken earlier answers, read again
//! ```
//!
//! The phases of a request, and the function in which each begins and ends; those that a request may wait in
//! are noted in its [`crate::observe::timeline`]:
//!
//! | Phase | Where |
//! |---|---|
//! | receive | `services/read.rs`, `received` |
//! | access | [`check_access`], and the wait for Java in [`admitted`] |
//! | quota | [`ReadPath::charge`] |
//! | queue | [`Threads`]: from `submit` to `next` |
//! | read, encode | `ReadPath::single_get`, `ReadPath::batch_get`, [`ReadPath::next_chunk`]: a value is encoded from where RocksDB pins it |
//! | room | [`Work::read_with_room`]; of streamed requests `services/streaming.rs`, `answer` |
//! | send | `grpc/body.rs`, from the first poll of the body to its drop; of streamed requests also `services/streaming.rs`, `answer` |
//!
//! [`check_access`]: crate::read_path::stack::check_access
//! [`ReadPath::charge`]: crate::read_path::stack::ReadPath::charge
//! [`ReadPath::next_chunk`]: crate::read_path::stack::ReadPath::next_chunk
//! [`Threads`]: crate::read_path::thread_pool::Threads
// #[HotPath]
// except awaits: an answer from memory passes through at the first poll; what is awaited is not there yet.

use std::future::Future;

use bytes::Bytes;

use crate::observe::facts;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::Failure;
use crate::read_path::stack::Admission;
use crate::read_path::step::{AdmissionStep, ReadStep};

/// A read that may have to wait.
pub(crate) trait Work {
    /// What it reads.
    type Output;

    /// Reads on a thread that may wait for the disk, once its turn comes.
    fn read_on_disk_thread(&mut self) -> impl Future<Output = ReadStep<Self::Output>> + Send;

    /// Waits until there is room for an answer of `bytes` bytes, and reads again.
    fn read_with_room(
        &mut self,
        bytes: usize,
    ) -> impl Future<Output = ReadStep<Self::Output>> + Send;
}

/// Takes the request in `message` past access control: `admit` is asked again once Java has granted access, then
/// without it. Other requests of the thread go on meanwhile.
///
/// Cancel safety: Java's answer is remembered all the same.
#[inline]
pub(crate) async fn admitted<'a, T>(
    mut admission: Admission<'a>,
    timeline: &mut Timeline,
    message: &Bytes,
    mut admit: impl FnMut(&Bytes, &Admission<'a>) -> AdmissionStep<'a, T>,
) -> Result<T, Failure> {
    loop {
        if timeline.is_asked() {
            facts::time_next_read();
        }
        match admit(message, &admission) {
            AdmissionStep::Decided(decided) => return decided,
            // Once per client and store.
            AdmissionStep::NeedsAccess(pending) => {
                timeline.begin(Phase::Access, Some(message));
                let granted = Box::pin(pending.granted()).await;
                timeline.end();
                granted.map_err(Failure::Denied)?;
                admission = admission.with_access();
            }
        }
    }
}

/// Takes a read that came as far as `step` to its result. What it waits for is awaited in a box: most
/// reads wait for nothing, and their future is to stay small.
///
/// Cancel safety: what waits leaves its queue.
#[inline]
pub(crate) async fn finished<W: Work>(
    mut step: ReadStep<W::Output>,
    work: &mut W,
) -> Result<W::Output, Failure> {
    loop {
        step = match step {
            ReadStep::Done(result) => return result,
            ReadStep::NeedsDisk => Box::pin(work.read_on_disk_thread()).await,
            ReadStep::NeedsRoom { bytes } => Box::pin(work.read_with_room(bytes)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::access::AccessSettings;
    use crate::config::quota::RefillPolicy;
    use crate::policy::access::decision::{AccessResult, Denial};
    use crate::policy::access::{Access, Decision, Principal};
    use crate::policy::quota::Quota;
    use crate::runtime::clock::ManualClock;

    /// Requests of a client whose access Java decides as `decision`: what comes of one, and how often it
    /// was tried.
    async fn admitted_after(decision: AccessResult) -> (Result<&'static str, Failure>, usize) {
        let clock = Arc::new(ManualClock::default());
        let access = Access::new(AccessSettings::default(), clock.clone());
        let principal = Principal::new(Some(Arc::from(&b"certificate"[..])), true);
        let refill = RefillPolicy {
            interval_millis: 1000,
            capacity_multiple: 1,
        };
        let admission = Admission {
            access: Some((&access, &principal)),
            quota: &Quota::new(refill, 1, clock),
            is_retry: false,
            batches_wait: false,
        };
        let mut tries = 0;
        let admit = |_: &Bytes, admission: &Admission<'_>| {
            tries += 1;
            match admission.access {
                None => AdmissionStep::Decided(Ok("admitted")),
                Some(_) => match access.decide(&principal, "store_v1", "GET") {
                    Decision::Unknown(pending) => AdmissionStep::NeedsAccess(pending),
                    known => panic!("{known:?}"),
                },
            }
        };
        let java = async { access.try_next_question().unwrap().answer(decision) };
        let mut timeline = Timeline::default();
        let message = Bytes::from_static(b"request");
        let admitted = admitted(admission, &mut timeline, &message, admit);
        let (result, ()) = tokio::join!(admitted, java);
        let waited: Vec<Phase> = timeline
            .take_spans()
            .iter()
            .map(|span| span.phase)
            .collect();
        assert_eq!(waited, [Phase::Access]);
        assert_eq!(timeline.message(), Some(&message));
        (result, tries)
    }

    #[tokio::test]
    async fn a_request_goes_on_without_access_once_it_was_granted() {
        let (result, tries) = admitted_after(AccessResult::Granted).await;
        assert_eq!((result.unwrap(), tries), ("admitted", 2));
    }

    #[tokio::test]
    async fn a_request_that_may_not_read_is_not_tried_again() {
        let (result, tries) = admitted_after(AccessResult::Forbidden).await;
        let denial = Denial::Answered(AccessResult::Forbidden);
        assert!(matches!(result, Err(Failure::Denied(denied)) if denied == denial));
        assert_eq!(tries, 1);
    }

    /// A read that needs one thing after the other.
    #[derive(Default)]
    struct Needy {
        waits: Vec<&'static str>,
    }

    impl Work for Needy {
        type Output = &'static str;

        async fn read_on_disk_thread(&mut self) -> ReadStep<&'static str> {
            self.waits.push("disk");
            match self.waits.len() {
                1 => ReadStep::NeedsRoom { bytes: 7 },
                2 => panic!("room was needed"),
                _ => ReadStep::Done(Ok("read")),
            }
        }

        async fn read_with_room(&mut self, bytes: usize) -> ReadStep<&'static str> {
            assert_eq!(bytes, 7);
            self.waits.push("room");
            ReadStep::NeedsDisk
        }
    }

    #[tokio::test]
    async fn a_read_waits_for_what_it_needs_and_for_nothing_else() {
        let mut needy = Needy::default();
        let read = finished(ReadStep::NeedsDisk, &mut needy).await;
        assert_eq!(read.unwrap(), "read");
        assert_eq!(needy.waits, ["disk", "room", "disk"]);

        let mut needy = Needy::default();
        let failed = ReadStep::Done(Err(Failure::QuotaExceeded));
        let failed = finished(failed, &mut needy).await;
        assert!(matches!(failed, Err(Failure::QuotaExceeded)));
        assert!(needy.waits.is_empty());
    }
}
