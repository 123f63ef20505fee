//! Where the library's warnings and errors go.

use tracing::Level;

/// Writes warnings and errors of all our crates to standard error, one line each, with time and
/// thread: a JVM server's standard error is kept, and writing to it needs no JVM, which our threads
/// do not know. What is everyday (a client that went away) is below that level.
///
/// Harmless if someone in this process was first.
pub(crate) fn start() {
    let started = tracing_subscriber::fmt()
        .with_max_level(Level::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_thread_names(true)
        .try_init();
    if started.is_err() {
        tracing::debug!("another subscriber takes the log");
    }
}
