//! What operators can have a server do, and what came of it. The lifecycle does it.

use std::time::Duration;

use crate::config::live::{Change, ChangeError};

/// Whether a server serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It does.
    Serving,
    /// It does, and says that clients should go elsewhere: the health service says NOT_SERVING. The way back is
    /// open.
    Leaving,
    /// It takes no new connection, and told its clients to go away (GOAWAY): it answers what is in flight.
    Draining,
    /// It has ended.
    Ended,
}

impl Phase {
    /// As operators read it.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Serving => "serving",
            Phase::Leaving => "leaving",
            Phase::Draining => "draining",
            Phase::Ended => "ended",
        }
    }
}

/// The phase of a server, and how often it began to leave: so that who follows it misses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whether it serves.
    pub phase: Phase,
    /// How often it began to leave.
    pub leaves: u64,
}

impl Step {
    /// Where a server begins.
    pub const FIRST: Step = Step {
        phase: Phase::Serving,
        leaves: 0,
    };
}

/// How a drain is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainPlan {
    /// For how long no client is to have read for the server to be idle.
    pub quiet: Duration,
    /// What all of it may take, before calls in flight are cut: half of it at most is spent on waiting for
    /// clients to go by themselves.
    pub bound: Duration,
    /// Whether the server is to end. If not, it stays leaving, and answers, until it is drained or undrained.
    pub end: bool,
}

impl DrainPlan {
    /// So long nobody has to have read for clients to have gone: more than a slow network takes.
    pub const QUIET: Duration = Duration::from_millis(200);
}

/// How a drain went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainReport {
    /// Whether discovery held that the server is down before clients were waited for; none if nobody announces
    /// the server.
    pub marked_down: Option<bool>,
    /// Whether clients had gone elsewhere before they were told to go away.
    pub idle: bool,
    /// Whether the server has ended.
    pub ended: bool,
    /// Whether every call was answered, and no connection had to be broken off.
    pub answered: bool,
    /// Calls that were cut because the time was up.
    pub calls_cut: usize,
    /// How long it took.
    pub time: Duration,
}

/// Why a server was not drained, or not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrainError {
    /// Somebody else does it.
    #[error("the server is being drained already: wait for it, or undrain it first")]
    UnderWay,
    /// It was taken back meanwhile.
    #[error("the drain was taken back before the end: the server serves")]
    TakenBack,
    /// It ends, or has ended.
    #[error("the server has told its clients to go away, and ends: start a new one")]
    Ending,
    /// There is nothing to take back.
    #[error("there is nothing to take back: the server serves")]
    Serving,
}

/// What operators can have a server do.
pub(crate) trait Control: Send + Sync + 'static {
    /// Whether it serves.
    fn phase(&self) -> Phase;

    /// How the last drain went, if there was one.
    fn last_drain(&self) -> Option<DrainReport>;

    /// Has clients go elsewhere, and ends the server if the plan says so. Returns when that is done, or the time
    /// is up.
    fn drain(&self, plan: DrainPlan) -> Result<DrainReport, DrainError>;

    /// Takes back a drain that has not told clients to go away.
    fn undrain(&self) -> Result<(), DrainError>;

    /// Changes a setting.
    fn change(&self, name: &str, value: &str) -> Result<Change, ChangeError>;
}
