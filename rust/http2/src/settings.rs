//! SETTINGS (RFC 9113, 6.5): the peer's, and those that are announced.

use crate::error::{Ending, ErrorCode};
use crate::frame::{put_head, MAX_31, SETTINGS};

pub(crate) const HEADER_TABLE_SIZE: u16 = 1;
pub(crate) const ENABLE_PUSH: u16 = 2;
pub(crate) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;
pub(crate) const MAX_FRAME_SIZE: u16 = 5;
pub(crate) const MAX_HEADER_LIST_SIZE: u16 = 6;

/// What every peer takes, until it says otherwise.
pub(crate) const DEFAULT_WINDOW: u32 = 65_535;
pub(crate) const DEFAULT_FRAME: u32 = 16_384;
/// The largest frame that can be announced.
pub(crate) const LARGEST_FRAME: u32 = 0x00ff_ffff;

const ENTRY: usize = 6;

/// What the peer announced, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerSettings {
    pub(crate) header_table: u32,
    pub(crate) initial_window: u32,
    pub(crate) max_frame: u32,
    pub(crate) max_streams: u32,
}

impl Default for PeerSettings {
    fn default() -> PeerSettings {
        PeerSettings {
            header_table: 4096,
            initial_window: DEFAULT_WINDOW,
            max_frame: DEFAULT_FRAME,
            max_streams: u32::MAX,
        }
    }
}

impl PeerSettings {
    /// Takes in the payload of a frame, in order. `changed` is told each new initial window and each size of
    /// the header table, since what is between two of them counts too.
    pub(crate) fn take(
        &mut self,
        payload: &[u8],
        mut changed: impl FnMut(&PeerSettings) -> Result<(), Ending>,
    ) -> Result<(), Ending> {
        if !payload.len().is_multiple_of(ENTRY) {
            return Err(Ending::size("SETTINGS whose length is no multiple of 6"));
        }
        for entry in payload.chunks_exact(ENTRY) {
            let name = u16::from_be_bytes([entry[0], entry[1]]);
            let value = u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]);
            match name {
                HEADER_TABLE_SIZE => {
                    self.header_table = value;
                    changed(self)?;
                }
                ENABLE_PUSH if value > 1 => {
                    return Err(Ending::protocol("SETTINGS_ENABLE_PUSH other than 0 and 1"));
                }
                MAX_CONCURRENT_STREAMS => self.max_streams = value,
                INITIAL_WINDOW_SIZE if value > MAX_31 => {
                    return Err(Ending::new(
                        ErrorCode::FLOW_CONTROL_ERROR,
                        "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1",
                    ));
                }
                INITIAL_WINDOW_SIZE => {
                    self.initial_window = value;
                    changed(self)?;
                }
                MAX_FRAME_SIZE if !(DEFAULT_FRAME..=LARGEST_FRAME).contains(&value) => {
                    return Err(Ending::protocol(
                        "SETTINGS_MAX_FRAME_SIZE outside of 16,384 to 16,777,215",
                    ));
                }
                MAX_FRAME_SIZE => self.max_frame = value,
                // Unknown ones, and those that only the other role minds.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Adds a SETTINGS frame.
pub(crate) fn put(entries: &[(u16, u32)], out: &mut Vec<u8>) {
    put_head(out, ENTRY * entries.len(), SETTINGS, 0, 0);
    for (name, value) in entries {
        out.extend(name.to_be_bytes());
        out.extend(value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::HEAD_BYTES;

    fn taken(entries: &[(u16, u32)]) -> Result<(PeerSettings, Vec<u32>), ErrorCode> {
        let mut frame = Vec::new();
        put(entries, &mut frame);
        let (mut settings, mut windows) = (PeerSettings::default(), Vec::new());
        let told = settings.take(&frame[HEAD_BYTES..], |settings| {
            windows.push(settings.initial_window);
            Ok(())
        });
        told.map(|()| (settings, windows))
            .map_err(|ending| ending.code)
    }

    #[test]
    fn values_are_taken_in_order() {
        let (settings, windows) = taken(&[
            (INITIAL_WINDOW_SIZE, 100),
            (99, 7),
            (MAX_FRAME_SIZE, LARGEST_FRAME),
            (INITIAL_WINDOW_SIZE, 1),
            (ENABLE_PUSH, 0),
            (MAX_CONCURRENT_STREAMS, 9),
            (HEADER_TABLE_SIZE, 0),
        ])
        .unwrap();
        assert_eq!(windows, [100, 1, 1]);
        let expected = PeerSettings {
            header_table: 0,
            initial_window: 1,
            max_frame: LARGEST_FRAME,
            max_streams: 9,
        };
        assert_eq!(settings, expected);
        assert_eq!(taken(&[]).unwrap().0, PeerSettings::default());
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (name, value, code) in [
            (ENABLE_PUSH, 2, ErrorCode::PROTOCOL_ERROR),
            (INITIAL_WINDOW_SIZE, 1 << 31, ErrorCode::FLOW_CONTROL_ERROR),
            (MAX_FRAME_SIZE, 16_383, ErrorCode::PROTOCOL_ERROR),
            (MAX_FRAME_SIZE, 16_777_216, ErrorCode::PROTOCOL_ERROR),
        ] {
            assert_eq!(
                taken(&[(name, value)]).unwrap_err(),
                code,
                "{name}: {value}"
            );
        }
        let odd = PeerSettings::default().take(&[0; 7], |_| Ok(()));
        assert_eq!(odd.unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
    }
}
