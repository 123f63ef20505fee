//! What a client may have under way.

/// Receive window of one request. gRPC's default of 64 KiB makes a larger batch wait for a round
/// trip.
pub(crate) const STREAM_WINDOW: u32 = 128 * 1024;
/// Receive window of a connection: bounds what a client can make HTTP/2 hold for requests that wait
/// for room, which is counted nowhere else.
pub(crate) const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Largest frame a client may send. A request in one frame is decoded in place; 64 KiB holds a
/// batch of 500 keys of 100 bytes, where the protocol's least of 16 KiB would split it.
pub(crate) const FRAME_BYTES: u32 = 64 * 1024;
