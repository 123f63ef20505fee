//! Why a command has no result.

/// Why there is no result. It ends the program, with its text.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The command line is none.
    #[error("{0}")]
    Usage(String),
    /// A file or a socket.
    #[error("{what}: {source}")]
    #[allow(missing_docs, reason = "the text says it")]
    Io {
        what: String,
        source: std::io::Error,
    },
    /// TLS, or its files.
    #[error("TLS: {0}")]
    Tls(String),
    /// The server breaks HTTP/2, or ends a connection.
    #[error("{0}")]
    Http2(String),
    /// An answer is not what the store has.
    #[error("wrong answer: {0}")]
    WrongAnswer(String),
}

impl LoadError {
    /// What was tried, with what the system said.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> LoadError {
        let what = what.into();
        move |source| LoadError::Io { what, source }
    }
}
