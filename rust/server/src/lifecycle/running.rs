//! What a server does from its start to its end: it serves, leaves, drains, and ends. In one place, for whoever asks for it:
//! Java, and operators by the admin socket.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use venice_export::Exporters;

use crate::admin::control::{Control, DrainError, DrainPlan, DrainReport, Phase, Step};
use crate::config::live::{Change, ChangeError, StoresError};
use crate::config::names::STORES;
use crate::config::Config;
use crate::lifecycle::description_reader::Reader;
use crate::lifecycle::descriptions::Described;
use crate::lifecycle::exporting::{self, TracesChange};
use crate::lifecycle::sources::Sources;
use crate::lifecycle::threads::Threads;
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;
use crate::transport::tls::Tls;

/// How often a drain looks whether clients still read.
const IDLE_LOOK: Duration = Duration::from_millis(5);

/// A server that was started.
pub(crate) struct Running {
    context: Arc<ServerContext>,
    transport: Arc<Transport>,
    sources: Arc<Sources>,
    /// Stores that files describe.
    described: Mutex<BTreeSet<String>>,
    /// Reads such files for operators.
    reader: Reader,
    /// Until the stop.
    pub(crate) exporters: Mutex<Option<Exporters>>,
    /// Those of spans, while calls are traced, until the stop.
    pub(crate) tracers: Mutex<Option<Exporters>>,
    /// TLS whose files are followed, beside that of clients.
    others_tls: Mutex<Option<Arc<Tls>>>,
    threads: Mutex<State>,
    course: Mutex<Course>,
    /// The phase is another.
    changed: Condvar,
}

enum State {
    Running(Threads),
    /// What the stop returned.
    Stopped(bool),
}

/// How far it is.
struct Course {
    phase: Phase,
    /// How often it began to leave.
    leaves: u64,
    /// Whether a drain is under way.
    drains: bool,
    /// Whether somebody marks the server down in discovery when it leaves.
    announced: bool,
    /// The last time that it left and was marked down, and whether discovery held it.
    marked: Option<(u64, bool)>,
    /// What the health service said before it left.
    said_serving: bool,
    last_drain: Option<DrainReport>,
}

impl Course {
    fn step(&self) -> Step {
        Step {
            phase: self.phase,
            leaves: self.leaves,
        }
    }
}

impl Running {
    /// A server that serves.
    pub(crate) fn new(
        context: &Arc<ServerContext>,
        transport: &Arc<Transport>,
        sources: Arc<Sources>,
        threads: Threads,
    ) -> Running {
        Running {
            context: Arc::clone(context),
            transport: Arc::clone(transport),
            sources,
            described: Mutex::default(),
            reader: Reader::default(),
            exporters: Mutex::default(),
            tracers: Mutex::default(),
            others_tls: Mutex::default(),
            threads: Mutex::new(State::Running(threads)),
            course: Mutex::new(Course {
                phase: Phase::Serving,
                leaves: 0,
                drains: false,
                announced: false,
                marked: None,
                said_serving: true,
                last_drain: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// Ends the server: [`crate::Server::stop`] says how. Who drains it meanwhile is told.
    pub(crate) fn stop(&self, drain: Duration) -> bool {
        {
            let mut course = self.course.lock();
            if matches!(course.phase, Phase::Serving | Phase::Leaving) {
                self.enter(&mut course, Phase::Draining);
            }
        }
        self.end(drain)
    }

    fn end(&self, drain: Duration) -> bool {
        let mut threads = self.threads.lock();
        let drained = match &mut *threads {
            State::Running(threads) => threads.stop(drain),
            State::Stopped(drained) => *drained,
        };
        *threads = State::Stopped(drained);
        drop(threads);
        let mut course = self.course.lock();
        if course.phase != Phase::Ended {
            self.enter(&mut course, Phase::Ended);
        }
        drained
    }

    fn enter(&self, course: &mut Course, phase: Phase) {
        course.phase = phase;
        self.changed.notify_all();
    }

    /// Waits until the server has gone on from `known`, for `bound` at most. Returns where it is.
    pub(crate) fn await_step(&self, known: Step, bound: Duration) -> Step {
        let end = Instant::now() + bound;
        let mut course = self.course.lock();
        while course.step() == known && !self.changed.wait_until(&mut course, end).timed_out() {}
        course.step()
    }

    /// From now on somebody marks the server down in discovery when it leaves, and tells so by [`Running::marked_down`]:
    /// a drain waits for that before it waits for clients.
    pub(crate) fn is_announced(&self) {
        self.course.lock().announced = true;
    }

    /// The server that leaves is marked down; whether discovery held it in time.
    pub(crate) fn marked_down(&self, held: bool) {
        let mut course = self.course.lock();
        course.marked = Some((course.leaves, held));
        self.changed.notify_all();
    }

    /// Says that it leaves. Returns which time it is.
    fn leave(&self) -> Result<u64, DrainError> {
        let mut course = self.course.lock();
        match course.phase {
            Phase::Draining | Phase::Ended => return Err(DrainError::Ending),
            Phase::Leaving if course.drains => return Err(DrainError::UnderWay),
            Phase::Leaving => {}
            Phase::Serving => {
                course.leaves += 1;
                course.said_serving = self.context.health.is_serving();
                self.context.health.set_serving(false);
                self.enter(&mut course, Phase::Leaving);
            }
        }
        course.drains = true;
        Ok(course.leaves)
    }

    /// Waits until no client has read for as long as `quiet`, until `end` at most. Returns whether it became so.
    fn await_idle(&self, leaves: u64, quiet: Duration, end: Instant) -> Result<bool, DrainError> {
        let memory = &self.transport.memory;
        let (mut moved, mut since) = (memory.moved(), Instant::now());
        loop {
            let mut course = self.course.lock();
            let now = Instant::now();
            let unknown = course.announced && course.marked.is_none_or(|(time, _)| time != leaves);
            if unknown {
                // Who does not know it yet cannot have gone.
                since = now;
            }
            let idle = !unknown && now - since >= quiet;
            if idle || now >= end {
                return Ok(idle);
            }
            if course.phase != Phase::Leaving || course.leaves != leaves {
                return Err(match course.phase {
                    Phase::Draining | Phase::Ended => DrainError::Ending,
                    Phase::Serving | Phase::Leaving => DrainError::TakenBack,
                });
            }
            let look = (now + IDLE_LOOK).min(end);
            self.changed.wait_until(&mut course, look);
            drop(course);
            let next = memory.moved();
            if next != moved {
                (moved, since) = (next, Instant::now());
            }
        }
    }
}

impl Control for Running {
    fn phase(&self) -> Phase {
        self.course.lock().phase
    }

    fn last_drain(&self) -> Option<DrainReport> {
        self.course.lock().last_drain
    }

    fn drain(&self, plan: DrainPlan) -> Result<DrainReport, DrainError> {
        let begin = Instant::now();
        let leaves = self.leave()?;
        let idle = self.await_idle(leaves, plan.quiet, begin + plan.bound / 2);
        let mut course = self.course.lock();
        // Another drain may be under way by now, if this one was taken back.
        if course.leaves == leaves {
            course.drains = false;
        }
        let idle = idle?;
        let marked = course.marked.filter(|(time, _)| *time == leaves);
        let mut report = DrainReport {
            marked_down: course
                .announced
                .then(|| marked.is_some_and(|(_, held)| held)),
            idle,
            ended: plan.end,
            answered: true,
            calls_cut: 0,
            time: begin.elapsed(),
        };
        if plan.end {
            if course.phase != Phase::Leaving || course.leaves != leaves {
                return Err(DrainError::TakenBack);
            }
            self.enter(&mut course, Phase::Draining);
            drop(course);
            report.answered = self.end(plan.bound.saturating_sub(begin.elapsed()));
            report.calls_cut = self.transport.memory.calls_cut();
            report.time = begin.elapsed();
            course = self.course.lock();
        }
        course.last_drain = Some(report);
        Ok(report)
    }

    fn undrain(&self) -> Result<(), DrainError> {
        let mut course = self.course.lock();
        match course.phase {
            Phase::Serving => Err(DrainError::Serving),
            Phase::Draining | Phase::Ended => Err(DrainError::Ending),
            Phase::Leaving => {
                self.context.health.set_serving(course.said_serving);
                course.drains = false;
                self.enter(&mut course, Phase::Serving);
                Ok(())
            }
        }
    }

    fn change(&self, name: &str, value: &str) -> Result<Change, ChangeError> {
        // Read before anything is changed: what cannot be used is refused.
        // Held until the setting says the same, so that of two changes both are of one.
        let mut known = None;
        if name == STORES && !value.trim().is_empty() {
            let described = self.reader.read(Path::new(value))?;
            let known = known.insert(self.described.lock());
            described.put_in(&self.context.catalog, known)?;
        }
        let live = &self.transport.live;
        let tell = |change, before: &Config, after: &Config| self.tell(change, before, after);
        let prepare =
            |before: &Config, after: &Config| exporting::change(before, after, &self.context);
        let change = live.change(name, value, prepare, tell)?;
        drop(known);
        Ok(change)
    }
}

impl Running {
    /// Describes the stores of the files, and forgets those that only files before had.
    pub(crate) fn describe(&self, described: Described) -> Result<(), StoresError> {
        let mut known = self.described.lock();
        described.put_in(&self.context.catalog, &mut known)
    }

    /// Sends spans otherwise, or begins or ends to send any.
    pub(crate) fn trace(&self, change: TracesChange) {
        let mut tracers = self.tracers.lock();
        match change {
            TracesChange::Stays => {}
            TracesChange::Goes(change) => {
                if let Some(tracers) = &*tracers {
                    tracers.change(change);
                }
            }
            TracesChange::Begins(queue, exporters) => {
                *tracers = Some(exporters);
                self.context.traces.set(Some(queue));
            }
            TracesChange::Ends => {
                self.context.traces.set(None);
                if let Some(tracers) = tracers.take() {
                    // What there is of spans is sent.
                    tracers.stop(exporting::LAST_EXPORT);
                }
            }
        }
    }

    /// The files of `tls` are followed as those of clients' TLS.
    pub(crate) fn reloads(&self, tls: Arc<Tls>) {
        *self.others_tls.lock() = Some(tls);
    }

    /// Tells those who do not look at the settings themselves each time.
    fn tell(&self, exported: exporting::Change, before: &Config, after: &Config) {
        self.transport.change(before, after);
        for tls in self.transport.tls.iter().chain(&*self.others_tls.lock()) {
            tls.set_reload(after.tls.reload);
        }
        if let (Some(change), Some(exporters)) = (exported.metrics, &*self.exporters.lock()) {
            exporters.change(change);
        }
        self.trace(exported.traces);
        let memory = &self.transport.memory;
        memory.change(after);
        self.transport.pool.set(memory.kept());
        let of_address = after.max_connections_per_address();
        let limit = &self.transport.connection_limit;
        limit.set(after.max_connections, of_address);
        self.transport.handshakes.set(after.max_handshakes());
        if before.read_deadline != after.read_deadline {
            // That of all servers of the process: it is not set without need.
            let registry = &self.context.read_path.registry;
            registry.set_read_deadline(after.read_deadline);
        }
        self.context.quota.set_refill(after.quota_refill);
        if let Some(access) = &self.context.access {
            access.change(&after.access);
        }
        self.context
            .slow_log
            .set_threshold(after.slow_log.threshold);
        self.sources.set_interval(after.metrics.rocksdb_interval);
    }
}
