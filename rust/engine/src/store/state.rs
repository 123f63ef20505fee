//! The store-version state: how the records of one store version are written.
//!
//! Stored in the metadata partition under `VERSION_METADATA`: magic byte 25, protocol version, Avro
//! binary (`InternalAvroSpecificSerializer`, `StoreVersionState/v7/StoreVersionState.avsc`).
//! Versions 1 to 7 differ in fields added at the end only, so one decoder reads them all and stops
//! where the version does.

use bytes::Bytes;

use crate::avro::{AvroError, Reader};

/// Key of the state in the metadata partition (`AbstractStorageEngine.VERSION_METADATA_KEY`).
pub const VERSION_METADATA: &[u8] = b"VERSION_METADATA";

/// `AvroProtocolDefinition.STORE_VERSION_STATE`.
const MAGIC: u8 = 25;
const NEWEST: u8 = 7;

/// Venice's `StoreVersionState`, without what only ingestion needs (buffer replay, topic switch).
/// The default is what Venice assumes of a store version that has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreVersionState {
    /// The push is sorted. All versions.
    pub sorted: bool,
    /// Every key has a chunk suffix, also those of small values. Since version 2.
    pub chunked: bool,
    /// `CompressionStrategy`: 0 none, 1 gzip, 3 zstd with dictionary. Since version 3.
    pub compression_strategy: i32,
    /// The zstd dictionary of strategy 3. Since version 5.
    pub compression_dictionary: Option<Bytes>,
    /// `BatchConflictResolutionPolicy`. Since version 6.
    pub batch_conflict_resolution_policy: i32,
    /// Milliseconds since the epoch, 0 if unknown. Since version 6.
    pub start_of_push_timestamp: i64,
    /// Milliseconds since the epoch, 0 if unknown. Since version 7.
    pub end_of_push_timestamp: i64,
}

/// Why a record is no store-version state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StateError {
    #[error("{0} bytes are too few for the two header bytes")]
    NoHeader(usize),
    #[error("magic byte is {0}, not {MAGIC}")]
    BadMagic(u8),
    #[error(
        "protocol version {0} is none of 1 to {NEWEST}: it was written by a newer server \
         than this library knows; use a library made for that server"
    )]
    UnknownVersion(u8),
    #[error("{0}")]
    Avro(#[from] AvroError),
}

impl StoreVersionState {
    /// Decodes the value of [`VERSION_METADATA`].
    pub(crate) fn decode(record: &[u8]) -> Result<StoreVersionState, StateError> {
        let [magic, version, avro @ ..] = record else {
            return Err(StateError::NoHeader(record.len()));
        };
        if *magic != MAGIC {
            return Err(StateError::BadMagic(*magic));
        }
        if !(1..=NEWEST).contains(version) {
            return Err(StateError::UnknownVersion(*version));
        }
        let mut reader = Reader::new(avro);
        let mut state = StoreVersionState {
            sorted: reader.boolean()?,
            ..Default::default()
        };
        skip_start_of_buffer_replay(&mut reader)?;
        if *version >= 2 {
            state.chunked = reader.boolean()?;
        }
        if *version >= 3 {
            state.compression_strategy = reader.int()?;
        }
        if *version >= 4 {
            skip_topic_switch(&mut reader)?;
        }
        if *version >= 5 && reader.optional()? {
            state.compression_dictionary = Some(Bytes::copy_from_slice(reader.bytes()?));
        }
        if *version >= 6 {
            state.batch_conflict_resolution_policy = reader.int()?;
            state.start_of_push_timestamp = reader.long()?;
        }
        if *version >= 7 {
            state.end_of_push_timestamp = reader.long()?;
        }
        Ok(state)
    }
}

fn skip_start_of_buffer_replay(reader: &mut Reader<'_>) -> Result<(), AvroError> {
    if reader.optional()? {
        reader.array(|offsets| offsets.long().map(drop))?;
        reader.bytes()?; // sourceKafkaCluster
        reader.bytes()?; // sourceTopicName
    }
    Ok(())
}

fn skip_topic_switch(reader: &mut Reader<'_>) -> Result<(), AvroError> {
    if reader.optional()? {
        reader.array(|servers| servers.bytes().map(drop))?;
        reader.bytes()?; // sourceTopicName
        reader.long()?; // rewindStartTimestamp
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorted, with buffer replay and topic switch, chunked, strategy 3, dictionary, all numbers.
    const FULL: &[u8] = &[
        1, // sorted
        2, 4, 10, 1, 0, 2, b'c', 2, b't', // startOfBufferReplay {[5, -1], "c", "t"}
        1,    // chunked
        6,    // compressionStrategy 3
        2, 2, 2, b's', 0, 2, b't', 20, // topicSwitch {["s"], "t", 10}
        2, 6, 0xD1, 0xD2, 0xD3, // compressionDictionary
        2, 200, 1, // batchConflictResolutionPolicy 1, startOfPushTimestamp 100
        202, 1, // endOfPushTimestamp 101
    ];
    /// Where each version ends, from version 1.
    const ENDS: [usize; 7] = [10, 11, 12, 20, 25, 28, 30];

    fn record(version: u8, avro: &[u8]) -> Vec<u8> {
        [&[MAGIC, version], avro].concat()
    }

    #[test]
    fn each_version_ends_where_it_ends() {
        let full = StoreVersionState {
            sorted: true,
            chunked: true,
            compression_strategy: 3,
            compression_dictionary: Some(Bytes::from_static(&[0xD1, 0xD2, 0xD3])),
            batch_conflict_resolution_policy: 1,
            start_of_push_timestamp: 100,
            end_of_push_timestamp: 101,
        };
        for (version, end) in (1..).zip(ENDS) {
            let mut expected = StoreVersionState {
                sorted: true,
                ..Default::default()
            };
            if version >= 2 {
                expected.chunked = full.chunked;
            }
            if version >= 3 {
                expected.compression_strategy = full.compression_strategy;
            }
            if version >= 5 {
                expected
                    .compression_dictionary
                    .clone_from(&full.compression_dictionary);
            }
            if version >= 6 {
                expected.batch_conflict_resolution_policy = full.batch_conflict_resolution_policy;
                expected.start_of_push_timestamp = full.start_of_push_timestamp;
            }
            if version >= 7 {
                expected.end_of_push_timestamp = full.end_of_push_timestamp;
            }
            let decode = |end: usize| StoreVersionState::decode(&record(version, &FULL[..end]));
            assert_eq!(decode(end), Ok(expected), "version {version}");
            for cut in 0..end {
                assert!(decode(cut).is_err(), "version {version} cut at {cut}");
            }
        }
    }

    #[test]
    fn nulls_and_zeros() {
        let plain = record(7, &[0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            StoreVersionState::decode(&plain),
            Ok(StoreVersionState::default())
        );
    }

    #[test]
    fn headers_are_checked() {
        assert_eq!(
            StoreVersionState::decode(&[25]),
            Err(StateError::NoHeader(1))
        );
        assert_eq!(
            StoreVersionState::decode(&[24, 7, 0]),
            Err(StateError::BadMagic(24))
        );
        assert_eq!(
            StoreVersionState::decode(&[25, 8, 0]),
            Err(StateError::UnknownVersion(8))
        );
        assert_eq!(
            StoreVersionState::decode(&[25, 0, 0]),
            Err(StateError::UnknownVersion(0))
        );
    }

    #[test]
    fn any_single_changed_byte_is_decoded_or_refused() {
        for at in 0..FULL.len() {
            for byte in 0..=255 {
                let mut record = record(7, FULL);
                record[2 + at] = byte;
                // Neither a panic nor an allocation of what a length claims.
                let _ = StoreVersionState::decode(&record);
            }
        }
    }
}
