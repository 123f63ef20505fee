//! What came of the keys of a streaming call's request that were looked at, of whatever kind it is.
// #[HotPath]

use std::time::Duration;

use venice_wire::response::Footer;

use crate::observe::facts::Facts;
use crate::read_path::failure::{Failure, OK};

/// What the last message says, and what the request is counted by.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(super) footer: Footer,
    /// Why the first of those failed that did.
    reason: Option<&'static str>,
    pub(super) facts: Facts,
}

impl Done {
    /// Of a request of so many keys, in a message of so many bytes, that was admitted.
    pub(super) fn new(keys: usize, request_bytes: usize) -> Done {
        Done {
            footer: Footer {
                error_code: OK,
                response_rcu: keys as u32,
                ..Footer::default()
            },
            reason: None,
            facts: Facts {
                is_batch: true,
                is_streamed: true,
                keys: keys as u32,
                request_bytes: request_bytes as u32,
                ..Facts::default()
            },
        }
    }

    /// So many keys failed. The first failure is the one that is told.
    pub(super) fn fail(&mut self, keys: usize, failure: Failure) {
        let footer = &mut self.footer;
        footer.failed_keys += keys as u32;
        if footer.error_code == OK {
            self.reason = Some(failure.reason());
            (footer.error_code, footer.error_message) = failure.into_error_code();
        }
    }

    /// Goes back to what it was, as what was made since then was given up.
    pub(super) fn go_back(&mut self, before: Done) {
        // What it took was spent all the same.
        let spent = self.facts.spent;
        *self = before;
        self.facts.spent = spent;
    }

    /// It waited for a thread so long, behind so many.
    pub(crate) fn waited(&mut self, queued: Duration, ahead: u32) {
        let facts = &mut self.facts;
        let (before, first) = facts.queued.unwrap_or((Duration::ZERO, ahead));
        facts.queued = Some((before + queued, first));
    }

    /// What the last message says.
    pub(crate) fn footer(&self) -> &Footer {
        &self.footer
    }

    /// What the request is counted by.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Venice's code so far, and why, if it is that of a failure.
    pub(crate) fn outcome(&self) -> (i32, Option<&'static str>) {
        (self.footer.error_code, self.reason)
    }
}
