//! What streaming calls differ in: how their requests are admitted, and who works at a slice of one.
// #[HotPath]
// except awaits: slices that need the disk, or are computed, go to threads of their own.

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use venice_engine::Tier;

use crate::memory::account::Charge;
use crate::memory::client_memory::Purpose;
use crate::observe::timeline::Timeline;
use crate::read_path::compute::evaluate::Tools;
use crate::read_path::compute::request::ComputePath;
use crate::read_path::compute::streamed::{self as computed, StreamedCompute};
use crate::read_path::failure::Failure;
use crate::read_path::stack::{Admission, ReadPath};
use crate::read_path::step::{AdmissionStep, ReadStep};
use crate::read_path::streamed_batch::{self, StreamedBatch};
use crate::read_path::streamed_done::Done;
use crate::response::builder::EncodedResponse;
use crate::services::context::ServerContext;
use crate::services::instruments::Method;
use crate::services::session::Session;

/// A request of a streaming call that was admitted, and what is left of it.
pub(crate) trait Streamed: Sized + Send + 'static {
    /// What its call is counted as.
    const METHOD: Method;
    /// Where it was before a slice.
    type Mark;

    /// Takes a message up to the point where it may read. `request_id` becomes the request's, as soon as it is known.
    fn admit<'a>(
        context: &ServerContext,
        message: &Bytes,
        admission: &Admission<'a>,
        request_id: &mut u64,
    ) -> AdmissionStep<'a, Self>;

    /// Reads a slice on the thread of the connection, if that can be.
    fn read_inline(
        held: &mut Held<Self>,
        read_path: &ReadPath,
    ) -> ReadStep<Option<EncodedResponse>>;

    /// Reads a slice on a thread that may wait, which gives back what it took along.
    fn read_elsewhere(
        session: &Session,
        timeline: &mut Timeline,
        tier: Tier,
        held: Held<Self>,
    ) -> impl Future<Output = Result<Elsewhere<Self>, Failure>> + Send;

    /// Whether the connection's thread reads what is left itself.
    fn reads_inline(&self, read_path: &ReadPath) -> bool;

    /// What stands in its place while it is elsewhere.
    fn stand_in(&self) -> Self;
    /// Whether every key has been looked at.
    fn is_done(&self) -> bool;
    /// The last message.
    fn footer(&self) -> EncodedResponse;
    /// The store version that it asks for.
    fn resource(&self) -> &Arc<str>;
    /// What came of it so far.
    fn done(&self) -> &Done;
    /// The same, to be changed.
    fn done_mut(&mut self) -> &mut Done;
    /// Counts all keys that have not been looked at as failed.
    fn fail_rest(&mut self, failure: Failure);
    /// Where it is now.
    fn mark(&self) -> Self::Mark;
    /// Goes back to where it was.
    fn go_back(&mut self, mark: Self::Mark);
}

/// What a thread gives back: what it took along, what came of it, how long it was in the queue, and behind how many.
pub(crate) type Elsewhere<S> = (Held<S>, ReadStep<Option<EncodedResponse>>, Duration, u32);

/// What goes to another thread and comes back.
pub(crate) struct Held<S> {
    pub(super) batch: S,
    /// Counts the next chunk.
    pub(super) charge: Charge,
}

impl<S: Streamed> Held<S> {
    /// The next chunk, which `read` reads, if `charge` has room for it. Else it was given up, and `batch` is where it was.
    fn read(
        &mut self,
        read: impl FnOnce(&mut S) -> ReadStep<Option<EncodedResponse>>,
    ) -> ReadStep<Option<EncodedResponse>> {
        let mark = self.batch.mark();
        match read(&mut self.batch) {
            ReadStep::Done(Ok(Some(chunk)))
                if !self.charge.try_set(Purpose::Answer, chunk.held()) =>
            {
                self.batch.go_back(mark);
                ReadStep::NeedsRoom {
                    bytes: chunk.held(),
                }
            }
            step => step,
        }
    }

    /// Takes it along, and leaves in its place what is enough for the last message.
    pub(super) fn take(&mut self) -> Held<S> {
        let stand_in = Held {
            batch: self.batch.stand_in(),
            charge: self.charge.account().nothing(),
        };
        mem::replace(self, stand_in)
    }
}

/// The methods that a request has by itself.
macro_rules! by_itself {
    ($T:ident) => {
        fn stand_in(&self) -> Self {
            $T::stand_in(self)
        }
        fn is_done(&self) -> bool {
            $T::is_done(self)
        }
        fn footer(&self) -> EncodedResponse {
            $T::footer(self)
        }
        fn resource(&self) -> &Arc<str> {
            $T::resource(self)
        }
        fn done(&self) -> &Done {
            $T::done(self)
        }
        fn done_mut(&mut self) -> &mut Done {
            $T::done_mut(self)
        }
        fn fail_rest(&mut self, failure: Failure) {
            $T::fail_rest(self, failure);
        }
        fn mark(&self) -> Self::Mark {
            $T::mark(self)
        }
        fn go_back(&mut self, mark: Self::Mark) {
            $T::go_back(self, mark);
        }
    };
}

impl Streamed for StreamedBatch {
    const METHOD: Method = Method::StreamingBatchGet;
    type Mark = streamed_batch::Mark;

    fn admit<'a>(
        context: &ServerContext,
        message: &Bytes,
        admission: &Admission<'a>,
        request_id: &mut u64,
    ) -> AdmissionStep<'a, StreamedBatch> {
        let read_path = &context.read_path;
        read_path.admit_streamed(message, admission, request_id)
    }

    fn read_inline(
        held: &mut Held<Self>,
        read_path: &ReadPath,
    ) -> ReadStep<Option<EncodedResponse>> {
        held.read(|batch| read_path.next_chunk(batch, Tier::Memory))
    }

    async fn read_elsewhere(
        session: &Session,
        timeline: &mut Timeline,
        tier: Tier,
        mut held: Held<Self>,
    ) -> Result<Elsewhere<Self>, Failure> {
        let read_path = session.context.read_path.clone();
        let read = move || {
            let step = held.read(|batch| read_path.next_chunk(batch, tier));
            (held, step)
        };
        let read = session.context.disk.run_noted(session.lane, timeline, read);
        let ((held, step), queued, ahead) = read.await?;
        Ok((held, step, queued, ahead))
    }

    fn reads_inline(&self, read_path: &ReadPath) -> bool {
        read_path.reads_inline(self)
    }

    by_itself!(StreamedBatch);
}

impl Streamed for StreamedCompute {
    const METHOD: Method = Method::StreamingCompute;
    type Mark = computed::Mark;

    fn admit<'a>(
        context: &ServerContext,
        message: &Bytes,
        admission: &Admission<'a>,
        request_id: &mut u64,
    ) -> AdmissionStep<'a, StreamedCompute> {
        match &context.compute {
            Some(compute) => compute
                .path()
                .admit_streamed(message, admission, request_id),
            // Its calls are refused.
            None => AdmissionStep::Decided(Err(Failure::Stopping)),
        }
    }

    /// Threads of connections never compute.
    fn read_inline(_: &mut Held<Self>, _: &ReadPath) -> ReadStep<Option<EncodedResponse>> {
        ReadStep::NeedsDisk
    }

    async fn read_elsewhere(
        session: &Session,
        timeline: &mut Timeline,
        tier: Tier,
        mut held: Held<Self>,
    ) -> Result<Elsewhere<Self>, Failure> {
        let Some(compute) = &session.context.compute else {
            return Err(Failure::Stopping);
        };
        let is_long = held.batch.is_long();
        let work = move |path: &ComputePath, tools: &mut Tools| {
            let step = held.read(|batch| batch.next_chunk(path, tools, tier));
            (held, step)
        };
        let of = (session.lane, is_long);
        let worked = compute.run_noted(of, timeline, work);
        let ((held, step), queued, ahead) = worked.await?;
        Ok((held, step, queued, ahead))
    }

    fn reads_inline(&self, _: &ReadPath) -> bool {
        false
    }

    by_itself!(StreamedCompute);
}
