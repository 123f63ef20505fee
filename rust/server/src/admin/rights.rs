//! What those who ask may see.

/// The rights of one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Keys of stores, where hot keys were counted with them.
    pub(crate) sees_keys: bool,
    /// What to say of a session that is to show keys to one who may not see them.
    pub(crate) without_keys: &'static str,
}

impl Rights {
    /// Of the user of this process, who has the socket.
    pub(crate) fn of_socket(shows_keys: bool) -> Rights {
        Rights {
            sees_keys: shows_keys,
            without_keys:
                "keys are not shown here; count them without show_keys, or start the server with \
                           admin.socket.keys=true",
        }
    }
}
