//! Snapshots of transactions, which end with those, unseen by us.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether Java was ever given a snapshot of a transaction.
static UNSEEN: AtomicBool = AtomicBool::new(false);

/// Whether a snapshot that nobody knows may be one of a transaction.
pub(super) fn may_be_unknown() -> bool {
    UNSEEN.load(Ordering::Relaxed)
}

/// Java gets one, or will by a notifier.
pub(super) fn unseen() {
    UNSEEN.store(true, Ordering::Relaxed);
}
