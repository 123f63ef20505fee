//! The weight of a thread against others, where processors are short.

use std::io;

/// Sets the nice value of the calling thread; below 0 it needs a right.
#[cfg(target_os = "linux")]
pub(crate) fn weigh(nice: i32) -> io::Result<()> {
    // On Linux it is a thread's own: setpriority(2), BUGS.
    Ok(rustix::process::setpriority_process(None, nice)?)
}

/// As above.
#[cfg(not(target_os = "linux"))]
pub(crate) fn weigh(_: i32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
