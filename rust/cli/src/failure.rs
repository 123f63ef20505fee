//! How a command fails: one line of text, and an exit code that scripts can act on.

use std::fmt;

use venice_storage::{CompressionError, StorageError};

/// Exit codes: those of `sysexits.h`, and 1 for an answer that is no.
///
/// `EXIT_CODES` says the same for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The answer is no: the key is not there, the servers differ, the state of the server does not allow it.
    No = 1,
    /// The command was used wrongly.
    Usage = 64,
    /// The data given are not what they should be.
    Data = 65,
    /// A file or folder given is not there or cannot be read.
    NoInput = 66,
    /// Nobody answers at the address, or not in time.
    Unavailable = 69,
    /// The server failed, or answered what it should not.
    Software = 70,
    /// The system refused something: memory, threads, a port.
    System = 71,
    /// The output cannot be made.
    CannotCreate = 73,
    /// Reading or writing failed.
    Io = 74,
    /// The server is over a quota or too busy; later it may work.
    TryLater = 75,
    /// The server does not let this client read.
    NoPermission = 77,
    /// Settings are wrong, or too little is known of a store.
    Config = 78,
}

/// For the help and docs/command-line.md.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
   0  done, and the answer is yes
   1  the answer is no: a key is not there, servers differ, or a server cannot do it as it is
  64  the command was used wrongly
  65  the data given are not what they should be
  66  a file or folder given is not there, or cannot be read
  69  nobody answers at the address, or not in time
  70  the server failed
  71  the system refused something: memory, threads, a port
  73  the output cannot be made
  74  reading or writing failed
  75  the server is over a quota or too busy: try again later
  77  the server does not let this client read
  78  settings are wrong, or too little is known of a store";

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    text: String,
    /// The command has printed it as its answer.
    pub(crate) told: bool,
}

/// What commands return.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with its text: what, the value, the remedy. A `no` is what the command has printed as its answer.
    pub(crate) fn new(exit: Exit, text: impl fmt::Display) -> Failure {
        // One line, whatever a library said.
        let text = text.to_string();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join(" ");
        let told = exit == Exit::No;
        Failure { exit, text, told }
    }

    /// The same, said though it is a `no`: nothing was printed.
    pub(crate) fn said(self) -> Failure {
        Failure {
            told: false,
            ..self
        }
    }

    /// For `map_err`: what was tried before what went wrong.
    pub(crate) fn of<E: fmt::Display>(
        exit: Exit,
        what: impl fmt::Display,
    ) -> impl FnOnce(E) -> Failure {
        move |error| Failure::new(exit, format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Failure {
        let exit = match &error {
            StorageError::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => Exit::NoInput,
                std::io::ErrorKind::PermissionDenied => Exit::CannotCreate,
                _ => Exit::Io,
            },
            StorageError::Rocks { .. } | StorageError::Read(_) => Exit::Io,
            StorageError::NoStoreVersions(_) => Exit::NoInput,
            StorageError::Exists(_) => Exit::CannotCreate,
            StorageError::BadName { .. } | StorageError::OutOfBounds { .. } => Exit::Usage,
            StorageError::DuplicateKey { .. }
            | StorageError::RecordTooLong(_)
            | StorageError::Compression(_) => Exit::Data,
            StorageError::NoMemory(_) => Exit::System,
        };
        Failure::new(exit, error)
    }
}

impl From<CompressionError> for Failure {
    fn from(error: CompressionError) -> Failure {
        let exit = match error {
            CompressionError::NoDictionary => Exit::Config,
            _ => Exit::Data,
        };
        Failure::new(exit, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line() {
        let failure = Failure::new(Exit::Data, "a\n   b\n\nc");
        assert_eq!(failure.to_string(), "a b c");
    }

    #[test]
    fn the_list_has_every_code() {
        for exit in [
            Exit::No,
            Exit::Usage,
            Exit::Data,
            Exit::NoInput,
            Exit::Unavailable,
            Exit::Software,
            Exit::System,
            Exit::CannotCreate,
            Exit::Io,
            Exit::TryLater,
            Exit::NoPermission,
            Exit::Config,
        ] {
            let line = format!("\n{:4}  ", exit as u8);
            assert!(EXIT_CODES.contains(&line), "{exit:?}");
        }
    }
}
