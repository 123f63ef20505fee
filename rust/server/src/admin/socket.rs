//! The file of the admin socket.
//!
//! Only the user of this process may connect. The socket is made beside its place, told whose it is there, and
//! moved to its place in one step: at no time can anybody else connect, and a socket that a server left behind is
//! replaced without a time between. That nobody else listens there is held by a lock on a file beside it, which the
//! system gives up with the process, however that ends.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process;

use crate::config::names::ADMIN_SOCKET;

/// Only its user.
const MODE: u32 = 0o600;
/// Bytes of a path that the system has room for, with those that are put behind it here: `sun_path` has 104 on some
/// systems, 108 on Linux.
const PATH_BYTES: usize = 88;

/// A socket that nobody else listens on. Its file goes with it.
#[derive(Debug)]
pub(crate) struct AdminListener {
    listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file, by which it is told from one that another put in its place.
    identity: (u64, u64),
    _lock: File,
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The path is too long for a socket.
    #[error(
        "{ADMIN_SOCKET} has {length} bytes, and a socket's path has {PATH_BYTES} at most; give a shorter one: {path:?}"
    )]
    LongPath {
        /// The beginning of the path.
        path: String,
        /// Bytes of it.
        length: usize,
    },
    /// Somebody has the lock, or listens.
    #[error(
        "{ADMIN_SOCKET} {} is in use by another server, of this process or another; stop that one, or give this \
         one another path",
        path.display()
    )]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// There is something else.
    #[error(
        "{ADMIN_SOCKET} {} is there, and is no socket; remove it, or give another path",
        path.display()
    )]
    NoSocket {
        /// The path.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot {what} {}: {source}; {ADMIN_SOCKET} needs a folder that is there, and that this user may write to", path.display())]
    System {
        /// What was to be done.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl AdminListener {
    /// Listens at `path`.
    pub(crate) fn bind(path: &Path) -> Result<AdminListener, SocketError> {
        let length = path.as_os_str().len();
        if length > PATH_BYTES {
            let shown = path.as_os_str().to_string_lossy();
            return Err(SocketError::LongPath {
                path: shown.chars().take(100).collect(),
                length,
            });
        }
        let lock = lock(path)?;
        look_at_old(path)?;
        let beside = with_suffix(path, &format!(".{}", process::id()));
        let system = |what, path: &Path| {
            let path = path.to_owned();
            move |source| SocketError::System { what, path, source }
        };
        // Of a process that had this number, and is no more.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(system("remove", &beside)(error));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&beside).map_err(system("make the socket", &beside))?;
        let placed = (|| {
            // Nobody knows the name yet; who guessed it is not waited for, as nobody accepts before the move.
            fs::set_permissions(&beside, Permissions::from_mode(MODE))
                .map_err(system("set the mode of", &beside))?;
            listener
                .set_nonblocking(true)
                .map_err(system("listen on", &beside))?;
            let made = fs::symlink_metadata(&beside).map_err(system("look at", &beside))?;
            fs::rename(&beside, path).map_err(system("move the socket to", path))?;
            Ok((made.dev(), made.ino()))
        })();
        if placed.is_err() {
            let _ = fs::remove_file(&beside);
        }
        Ok(AdminListener {
            identity: placed?,
            listener,
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The socket, which does not block.
    pub(crate) fn socket(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AdminListener {
    fn drop(&mut self) {
        let here = fs::symlink_metadata(&self.path);
        if here.is_ok_and(|here| (here.dev(), here.ino()) == self.identity) {
            // Gone already is as good.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes the lock beside the socket. Its file stays: who removed it would take it from one who waits for it.
fn lock(path: &Path) -> Result<File, SocketError> {
    let path_of_lock = with_suffix(path, ".lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(MODE);
    let system = |what| {
        let path = path_of_lock.clone();
        move |source| SocketError::System { what, path, source }
    };
    let file = options.open(&path_of_lock).map_err(system("open"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SocketError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(system("lock")(error)),
    }
}

/// Whether what is at `path` may be replaced.
fn look_at_old(path: &Path) -> Result<(), SocketError> {
    let path = path.to_owned();
    let old = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            let what = "look at";
            return Err(SocketError::System { what, path, source });
        }
        Ok(old) => old,
    };
    if !old.file_type().is_socket() {
        return Err(SocketError::NoSocket { path });
    }
    // Somebody may listen who knows nothing of the lock.
    match UnixStream::connect(&path) {
        Ok(_) => Err(SocketError::InUse { path }),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(source) => Err(SocketError::System {
            what: "see who listens on",
            path,
            source,
        }),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        AdminListener::bind(path).unwrap_err().to_string()
    }

    #[test]
    fn only_its_user_may_connect_and_the_file_goes_with_it() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let path = folder.path().join("admin");
        let listener = AdminListener::bind(&path).unwrap();
        let file = fs::symlink_metadata(&path).unwrap();
        assert!(file.file_type().is_socket());
        assert_eq!(file.mode() & 0o7777, 0o600);
        assert_eq!(file.uid(), fs::metadata("/proc/self").unwrap().uid());
        UnixStream::connect(&path).unwrap();
        drop(listener);
        assert!(!path.exists());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "the lock alone is left: {left:?}");
    }

    #[test]
    fn what_a_server_left_behind_is_replaced() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let path = folder.path().join("admin");
        // Its end was sudden: nobody removed the file.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let _listener = AdminListener::bind(&path).unwrap();
        UnixStream::connect(&path).unwrap();
    }

    #[test]
    fn what_is_in_use_is_left_alone() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let path = folder.path().join("admin");
        let first = AdminListener::bind(&path).unwrap();
        let in_use = format!(
            "admin.socket {} is in use by another server, of this process or another; stop that one, or give \
             this one another path",
            path.display()
        );
        assert_eq!(refused(&path), in_use);
        UnixStream::connect(&path).unwrap();
        drop(first);
        // Somebody who has no lock.
        let other = UnixListener::bind(&path).unwrap();
        assert_eq!(refused(&path), in_use);
        drop(other);
        drop(AdminListener::bind(&path).unwrap());
    }

    #[test]
    fn what_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let path = folder.path().join("admin");
        fs::write(&path, "precious").unwrap();
        let text = refused(&path);
        let end = "is there, and is no socket; remove it, or give another path";
        assert!(text.ends_with(end), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        // Nor what a link leads to.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(refused(&link).ends_with(end));
    }

    #[test]
    fn paths_that_cannot_be_say_why() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let text = refused(&folder.path().join("no/folder"));
        assert!(text.contains("needs a folder that is there"), "{text}");
        let text = refused(&folder.path().join("x".repeat(200)));
        assert!(
            text.contains("and a socket's path has 88 at most"),
            "{text}"
        );
        assert!(text.len() < 300, "{text}");
    }

    #[test]
    fn the_file_of_another_stays() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let path = folder.path().join("admin");
        let listener = AdminListener::bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let _other = UnixListener::bind(&path).unwrap();
        drop(listener);
        assert!(path.exists());
    }
}
