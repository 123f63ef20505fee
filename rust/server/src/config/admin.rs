//! Settings of the admin socket.

use std::path::PathBuf;

use crate::config::names::ADMIN_SOCKET;
use crate::config::setting::{file, flag, settings, Field, Setting};

settings! {
    /// Where operators look at the server, and change it.
    pub struct AdminSettings {
        /// Path of a unix socket on which operators see what the server does and change it, by HTTP/1.1
        /// (docs/admin.md). Its folder has to be there. Only the user of this process may connect (mode 0600). A
        /// socket that a server left behind is replaced; one that is in use, and a file that is no socket,
        /// keep the server from starting. Beside it lies a file with `.lock` behind the name. Without
        /// it there is no socket.
        socket: Option<PathBuf> = None, file(ADMIN_SOCKET),
            acts in "lifecycle/administration.rs";

        /// Whether who has the socket may have the keys shown that are read most (docs/hot-keys.md). Else they have
        /// numbers there: the socket shows no key.
        socket_keys: bool = false, flag("admin.socket.keys"),
            acts in "lifecycle/administration.rs";
    }
}
