//! Error codes (RFC 9113, 7), and why a connection ends.

/// A code of RST_STREAM and GOAWAY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing is wrong.
    pub const NO_ERROR: ErrorCode = ErrorCode(0);
    /// A rule was broken that has no code of its own.
    pub const PROTOCOL_ERROR: ErrorCode = ErrorCode(1);
    /// The fault is this side's.
    pub const INTERNAL_ERROR: ErrorCode = ErrorCode(2);
    /// More was sent than the windows allow, or a window grew beyond 2^31-1.
    pub const FLOW_CONTROL_ERROR: ErrorCode = ErrorCode(3);
    /// A frame came for a stream that its sender had ended.
    pub const STREAM_CLOSED: ErrorCode = ErrorCode(5);
    /// A frame has a length that its type may not have.
    pub const FRAME_SIZE_ERROR: ErrorCode = ErrorCode(6);
    /// The call was not begun, and may be made again.
    pub const REFUSED_STREAM: ErrorCode = ErrorCode(7);
    /// The answer is not wanted any more.
    pub const CANCEL: ErrorCode = ErrorCode(8);
    /// A block of fields cannot be read.
    pub const COMPRESSION_ERROR: ErrorCode = ErrorCode(9);
    /// The peer makes too much work.
    pub const ENHANCE_YOUR_CALM: ErrorCode = ErrorCode(11);
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// What GOAWAY says.
    pub code: ErrorCode,
    /// The rule that the peer broke; GOAWAY has it as its text.
    pub reason: &'static str,
}

impl Ending {
    /// The client sends too many frames that ask for nothing.
    pub const FLOOD_OF_FRAMES: Ending = Ending::new(
        ErrorCode::ENHANCE_YOUR_CALM,
        "the client floods the connection with frames beside calls",
    );
    /// The client resets too many of its calls, or has them reset.
    pub const FLOOD_OF_RESETS: Ending = Ending::new(
        ErrorCode::ENHANCE_YOUR_CALM,
        "the client cancels its calls, or breaks them, as fast as it makes them",
    );

    pub(crate) const fn new(code: ErrorCode, reason: &'static str) -> Ending {
        Ending { code, reason }
    }

    pub(crate) const fn protocol(reason: &'static str) -> Ending {
        Ending::new(ErrorCode::PROTOCOL_ERROR, reason)
    }

    pub(crate) const fn size(reason: &'static str) -> Ending {
        Ending::new(ErrorCode::FRAME_SIZE_ERROR, reason)
    }
}
