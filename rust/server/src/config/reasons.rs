//! Why settings cannot be changed while a server runs: said in the refusal, and in docs/settings.md.

/// Addresses, ports and sockets.
pub(crate) const LISTENS: &str =
    "what listens there is opened with the server, and clients know it by its address";
/// Numbers of threads and how they run.
pub(crate) const STARTED_THREADS: &str = "the threads that it is about are started with the server";
/// What is spoken.
pub(crate) const PROTOCOL: &str = "what is spoken with clients is made ready with the server";
/// Keys and certificates. What the files have is followed.
pub(crate) const CERTIFICATES: &str =
    "TLS is set up with the server; to change certificates and keys, change the files that it names, which are read again";
/// How long a start waits.
pub(crate) const START: &str = "the files that it is about are read when the server starts";
/// What is counted, and under which names.
pub(crate) const COUNTED: &str = "counters and their names are made with the server";
/// Whether metrics and spans go anywhere, and who they are of.
pub(crate) const EXPORTERS: &str = "the exporters are started with the server";
/// What a number that is sent counts from.
pub(crate) const TEMPORALITY: &str =
    "a collector adds up what it got, and what it got of the one kind would count again in the other";
/// How many spans may wait.
pub(crate) const SPANS: &str = "room for spans that wait is taken with the server";
/// Memory that is taken once.
pub(crate) const MEMORY: &str = "its memory is taken with the server";
/// Who may do what.
pub(crate) const RIGHTS: &str = "who may change settings could give himself further rights by it";
