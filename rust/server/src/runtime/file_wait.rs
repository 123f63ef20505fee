//! Files for who cannot wait for a disk as long as that likes, such as Java's thread that starts a server: they are read on
//! a thread of their own, which is left to itself when its time is up.
//!
//! The system offers nothing else: a thread that reads from a disk that does not answer cannot be woken, and opening a pipe
//! that nobody writes to waits as well.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

/// Threads of the process that may wait for disks at a time. Each that is left behind costs its stack, some pages.
const MOST: usize = 16;

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Where a reader is: the file that it waits for.
#[derive(Clone)]
pub(crate) struct At(Arc<Mutex<PathBuf>>);

impl At {
    /// The next file is this one.
    pub(crate) fn file(&self, path: &Path) {
        *self.0.lock() = path.to_owned();
    }
}

/// Why files were not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    /// Not in time.
    #[error(
        "no answer within {millis} ms (setting files.timeout.ms): its disk does not answer, or it is a pipe that nobody \
         writes to; have the disk answer, name another file, or raise the setting"
    )]
    Late {
        /// Which file it is that did not answer.
        file: PathBuf,
        /// How long it was waited for.
        millis: u128,
    },
    /// Earlier ones are not read yet either.
    #[error(
        "{MOST} threads wait for files already, and none has an answer; look at the disks that they are on, or \
         start the process anew"
    )]
    Many,
    /// The system gives no thread.
    #[error("there is no thread for it: {0}; raise the limits of the process")]
    Thread(io::Error),
    /// The reader panicked.
    #[error("reading it failed; the log says why")]
    Failed,
}

impl NotRead {
    /// The file that it is about; `named` if nothing closer is known.
    pub(crate) fn file<'a>(&'a self, named: &'a Path) -> &'a Path {
        match self {
            NotRead::Late { file, .. } => file,
            _ => named,
        }
    }
}

impl From<NotRead> for io::Error {
    fn from(error: NotRead) -> io::Error {
        io::Error::other(error.to_string())
    }
}

/// One of the threads that wait.
struct Place;

impl Place {
    fn take() -> Option<Place> {
        let more = |waiting| (waiting < MOST).then_some(waiting + 1);
        let taken = WAITING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        // Made only where it was taken, as one that is dropped gives it back.
        taken.ok().map(|_| Place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What `read` returns, if that is known within `wait`. If not, it goes on, and what it returns is dropped on its thread.
/// `path` is the first file that it reads.
pub(crate) fn within<T: Send + 'static>(
    wait: Duration,
    path: &Path,
    read: impl FnOnce(&At) -> T + Send + 'static,
) -> Result<T, NotRead> {
    let place = Place::take().ok_or(NotRead::Many)?;
    let at = At(Arc::new(Mutex::new(path.to_owned())));
    let (tell, told) = mpsc::sync_channel(1);
    let of_reader = at.clone();
    let reader = move || {
        let result = read(&of_reader);
        drop(place);
        // Nobody may wait for it any more.
        let _ = tell.send(result);
    };
    let thread = thread::Builder::new().name("venice-files".to_owned());
    thread.spawn(reader).map_err(NotRead::Thread)?;
    told.recv_timeout(wait).map_err(|error| match error {
        RecvTimeoutError::Disconnected => NotRead::Failed,
        RecvTimeoutError::Timeout => NotRead::Late {
            file: at.0.lock().clone(),
            millis: wait.as_millis(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// The only test that takes places for long: others of this process would find none.
    #[test]
    fn a_disk_that_does_not_answer_is_left_with_a_thread_and_not_with_many() {
        assert_eq!(within(PATIENCE, Path::new("/a"), |_| 7).unwrap(), 7);
        let error = within(PATIENCE, Path::new("/a"), |_| -> i32 {
            panic!("of the test")
        });
        let text = error.unwrap_err().to_string();
        assert!(text.contains("reading it failed"), "{text}");

        let (answer, asked) = mpsc::channel::<()>();
        let asked = Arc::new(Mutex::new(asked));
        let mut late = 0;
        let last = loop {
            let asked = Arc::clone(&asked);
            let hung = move |at: &At| {
                at.file(Path::new("/hung/second"));
                let _ = asked.lock().recv();
            };
            let wait = Duration::from_millis(50);
            let result = within(wait, Path::new("/hung/first"), hung);
            match result.unwrap_err() {
                NotRead::Late { file, millis } => {
                    assert!(file.starts_with("/hung") && millis == 50);
                    late += 1;
                }
                other => break other,
            }
        };
        assert!((1..=MOST).contains(&late), "{late}");
        assert!(
            last.to_string().contains("16 threads wait for files"),
            "{last}"
        );
        // Once disks answer, files are read again.
        drop(answer);
        while WAITING.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        assert_eq!(within(PATIENCE, Path::new("/a"), |_| 7).unwrap(), 7);
    }
}
