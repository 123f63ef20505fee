//! Descriptions in files, read for an operator: on a thread of their own, as a disk that does not answer holds up whoever
//! reads from it, for as long as it likes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::config::live::StoresError;
use crate::lifecycle::descriptions::{self, Described};

/// How long a request waits. As many stores as there may be are read in less from any disk that works.
const WITHIN: Duration = Duration::from_secs(60);

/// Reads files for operators: one thread at most, however many of them ask.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    reads: Arc<AtomicBool>,
}

/// Somebody reads. Whoever waits for it is told after others may read: it may ask for the next at once.
struct Reading {
    reads: Option<Arc<AtomicBool>>,
    told: SyncSender<Result<Described, StoresError>>,
}

impl Reading {
    fn end(mut self, described: Result<Described, StoresError>) {
        self.let_others();
        // Nobody may wait for it any more.
        let _ = self.told.send(described);
    }

    fn let_others(&mut self) {
        if let Some(reads) = self.reads.take() {
            reads.store(false, Ordering::Release);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.let_others();
    }
}

impl Reader {
    /// What the files of `path` describe.
    ///
    /// # Errors
    ///
    /// As [`descriptions::read`]; and if other files are being read, or these are not read in time. Then the thread that
    /// reads them is left to itself, and what it reads is forgotten.
    pub(crate) fn read(&self, path: &Path) -> Result<Described, StoresError> {
        self.read_by(path, WITHIN, descriptions::read)
    }

    fn read_by(
        &self,
        path: &Path,
        within: Duration,
        read: impl FnOnce(&Path) -> Result<Described, StoresError> + Send + 'static,
    ) -> Result<Described, StoresError> {
        let refused = |problem: String| StoresError {
            path: path.display().to_string(),
            problem,
        };
        if self.reads.swap(true, Ordering::Acquire) {
            let text = "is not read: files are being read for another change of it; try again, or look at the disk that \
                        they are on";
            return Err(refused(text.to_owned()));
        }
        let (told, described) = mpsc::sync_channel(1);
        let reading = Reading {
            reads: Some(Arc::clone(&self.reads)),
            told,
        };
        let file = path.to_owned();
        let started = thread::Builder::new().name("venice-describe".to_owned());
        let started = started.spawn(move || {
            let described = read(&file);
            reading.end(described);
        });
        started
            .map_err(|error| refused(format!("is not read: there is no thread for it: {error}")))?;
        match described.recv_timeout(within) {
            Ok(described) => described,
            Err(RecvTimeoutError::Timeout) => Err(refused(format!(
                "was not read within {} ms: the disk does not answer; nothing was changed. Other files are read once it \
                 does, or when the server is started anew",
                within.as_millis()
            ))),
            Err(RecvTimeoutError::Disconnected) => Err(refused(
                "is not read: reading it failed; the log says why".to_owned(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_disk_that_does_not_answer_holds_up_one_thread_and_no_request() {
        let reader = Reader::default();
        let (answer, asked) = mpsc::channel::<()>();
        let (ended, end) = mpsc::channel();
        let path = Path::new("/hung/disk");
        let hung = move |_: &Path| {
            let _ = asked.recv();
            ended.send(()).unwrap();
            Ok(Described::default())
        };
        let text = reader.read_by(path, Duration::ZERO, hung).unwrap_err();
        let begins = "setting stores.descriptions: /hung/disk: was not read within 0 ms: the disk does not answer";
        assert!(text.to_string().starts_with(begins), "{text}");
        // However many come meanwhile, none has a thread.
        let called = Arc::new(Mutex::new(0));
        for _ in 0..100 {
            let called = Arc::clone(&called);
            let next = move |_: &Path| {
                *called.lock().unwrap() += 1;
                Ok(Described::default())
            };
            let text = reader.read_by(path, WITHIN, next).unwrap_err().to_string();
            assert!(
                text.contains("is not read: files are being read for another change"),
                "{text}"
            );
        }
        assert_eq!(*called.lock().unwrap(), 0);
        // Once the disk answers files are read again.
        drop(answer);
        end.recv().unwrap();
        while reader.reads.load(Ordering::Acquire) {
            thread::yield_now();
        }
        let next = |_: &Path| Ok(Described::default());
        reader.read_by(path, WITHIN, next).unwrap();
        let missing = reader.read(Path::new("/no/such/file.json")).unwrap_err();
        assert!(
            missing.to_string().contains("cannot be read: "),
            "{missing}"
        );
    }

    #[test]
    fn a_reader_that_panics_is_an_error_and_not_the_last() {
        let reader = Reader::default();
        let path = Path::new("/p");
        let text = reader
            .read_by(path, WITHIN, |_| panic!("of the test"))
            .unwrap_err();
        assert!(text.to_string().contains("reading it failed"), "{text}");
        let next = |_: &Path| Ok(Described::default());
        reader.read_by(path, WITHIN, next).unwrap();
    }
}
