//! Large values: a manifest, and chunks of their own keys (`ChunkingUtils`,
//! `ChunkedKeySuffix.avsc`, `ChunkedValueManifest.avsc`).
//!
//! In a chunked store version the top-level key is the key and [`TOP_LEVEL_SUFFIX`], also of small
//! values. A manifest lists the complete keys of the chunks, in order, in the same partition.
//! Values were compressed before they were chunked, and chunks do not nest.

use std::pin::Pin;

use smallvec::SmallVec;

use crate::avro::{AvroError, Reader};
use crate::database::{ReadGuard, Tier};
use crate::error::ReadError;
use crate::ffi::RawRead;
use crate::pinned::Slot;
use crate::status::Status;
use crate::value::{split, Value, SCHEMA_HEADER};

/// `ChunkedKeySuffix { chunkId: null, isChunk: false }`: union branch 1, then a boolean.
pub(crate) const TOP_LEVEL_SUFFIX: [u8; 2] = [2, 0];
/// `AvroProtocolDefinition.CHUNKED_VALUE_MANIFEST`.
pub(crate) const MANIFEST_SCHEMA_ID: i32 = -20;
/// `AvroProtocolDefinition.CHUNK`.
pub(crate) const CHUNK_SCHEMA_ID: i32 = -10;

/// The chunks of one value, pinned where RocksDB has them.
pub(crate) struct Chunks<'g> {
    schema_id: i32,
    len: usize,
    // Boxed, as a slot must not move. Beside chunks of about a mebibyte it does not count.
    slots: Vec<Pin<Box<Slot<'g>>>>,
}

impl Chunks<'_> {
    pub(crate) fn schema_id(&self) -> i32 {
        self.schema_id
    }

    /// Bytes of all payloads.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().map(|slot| &slot.value()[SCHEMA_HEADER..])
    }
}

struct Manifest<'a> {
    keys: SmallVec<[&'a [u8]; 8]>,
    schema_id: i32,
    size: i32,
}

impl<'a> Manifest<'a> {
    fn decode(avro: &'a [u8]) -> Result<Manifest<'a>, AvroError> {
        let mut reader = Reader::new(avro);
        let mut keys = SmallVec::new();
        reader.array(|reader| {
            keys.push(reader.bytes()?);
            Ok::<_, AvroError>(())
        })?;
        Ok(Manifest {
            keys,
            schema_id: reader.int()?,
            size: reader.int()?,
        })
    }
}

/// How many keys a manifest has, and of how many bytes they are.
#[cfg(feature = "testing")]
pub(crate) fn manifest_shape(avro: &[u8]) -> Result<(usize, usize), AvroError> {
    let keys = Manifest::decode(avro)?.keys;
    Ok((keys.len(), keys.iter().map(|key| key.len()).sum()))
}

/// Reads in one partition, under its guard; knows what errors have to say.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'g> {
    pub(crate) store_version: &'g str,
    pub(crate) partition: i32,
    pub(crate) guard: &'g ReadGuard,
    pub(crate) tier: Tier,
    /// What `tier` means for RocksDB, from the beginning of the read on.
    pub(crate) read: RawRead,
}

/// A record of the top level.
enum TopLevel<'a, 'g> {
    Value(Value<'a>),
    Chunks(Chunks<'g>),
    /// A chunk is missing: the error, if it is missing again.
    ChunkMissing(ReadError),
}

impl<'g> Reading<'g> {
    /// Reads the value under `key`, as it is on disk, and hands it to `found`. `None` if there is
    /// none.
    pub(crate) fn get<R>(
        &self,
        key: &[u8],
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        self.get_into(std::pin::pin!(Slot::new()), key, found)
    }

    /// As [`Reading::get`], with the slot of the reads before.
    pub(crate) fn get_into<R>(
        &self,
        mut slot: Pin<&mut Slot<'g>>,
        key: &[u8],
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        if !self.record(slot.as_mut(), key)? {
            return Ok(None);
        }
        self.deliver(key, slot.value(), found)
    }

    fn record(&self, slot: Pin<&mut Slot<'g>>, key: &[u8]) -> Result<bool, ReadError> {
        let read = slot.get(self.guard, key, self.read);
        read.map_err(|status| self.failed(status))
    }

    /// Hands the value of `record`, found under `key`, to `found`.
    ///
    /// When a chunk is missing, starts again from the manifest, once: a writer replaces the
    /// manifest before it deletes the chunks of the old one, so a new manifest is there by now.
    /// `None` if the key is gone by then.
    pub(crate) fn deliver<R>(
        &self,
        key: &[u8],
        record: &[u8],
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        match self.top_level(record)? {
            TopLevel::Value(value) => return Ok(Some(found(value))),
            TopLevel::Chunks(chunks) => return Ok(Some(found(Value::chunked(&chunks)))),
            TopLevel::ChunkMissing(_) => {}
        }
        let mut slot = std::pin::pin!(Slot::new());
        if !self.record(slot.as_mut(), key)? {
            return Ok(None);
        }
        match self.top_level(slot.value())? {
            TopLevel::Value(value) => Ok(Some(found(value))),
            TopLevel::Chunks(chunks) => Ok(Some(found(Value::chunked(&chunks)))),
            TopLevel::ChunkMissing(error) => Err(error),
        }
    }

    fn top_level<'a>(&self, record: &'a [u8]) -> Result<TopLevel<'a, 'g>, ReadError> {
        match self.split(record)? {
            (schema_id @ 1.., payload) => Ok(TopLevel::Value(Value::whole(schema_id, payload))),
            (MANIFEST_SCHEMA_ID, manifest) => self.assemble(manifest),
            (other, _) => Err(ReadError::InvalidSchemaId(other)),
        }
    }

    fn assemble<'a>(&self, manifest: &[u8]) -> Result<TopLevel<'a, 'g>, ReadError> {
        let manifest = Manifest::decode(manifest).map_err(|error| ReadError::BadManifest {
            store_version: self.store_version.into(),
            partition: self.partition,
            reason: error.to_string().into(),
        })?;
        let mut chunks = Chunks {
            schema_id: manifest.schema_id,
            len: 0,
            slots: Vec::with_capacity(manifest.keys.len()),
        };
        for (chunk_index, key) in manifest.keys.iter().enumerate() {
            let mut slot = Box::pin(Slot::new());
            if !self.record(slot.as_mut(), key)? {
                return Ok(TopLevel::ChunkMissing(ReadError::ChunkNotFound {
                    store_version: self.store_version.into(),
                    partition: self.partition,
                    chunk_index,
                }));
            }
            let (schema_id, payload) = self.split(slot.value())?;
            if schema_id != CHUNK_SCHEMA_ID {
                return Err(ReadError::NotAChunk {
                    store_version: self.store_version.into(),
                    partition: self.partition,
                    chunk_index,
                    schema_id,
                });
            }
            chunks.len += payload.len();
            chunks.slots.push(slot);
        }
        if usize::try_from(manifest.size) != Ok(chunks.len) {
            return Err(ReadError::WrongSize {
                store_version: self.store_version.into(),
                partition: self.partition,
                actual_size: chunks.len,
                manifest_size: manifest.size,
            });
        }
        Ok(TopLevel::Chunks(chunks))
    }

    fn split<'a>(&self, record: &'a [u8]) -> Result<(i32, &'a [u8]), ReadError> {
        split(record).ok_or_else(|| ReadError::ShortRecord {
            store_version: self.store_version.into(),
            partition: self.partition,
            length: record.len(),
        })
    }

    /// What a failed RocksDB call means for the request.
    pub(crate) fn failed(&self, status: Status) -> ReadError {
        if self.tier == Tier::Memory && status.code == Status::INCOMPLETE {
            return ReadError::WouldBlock;
        }
        ReadError::Rocks {
            store_version: self.store_version.into(),
            partition: self.partition,
            status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests() {
        let avro = [4, 2, b'a', 4, b'b', b'c', 0, 6, 20];
        let manifest = Manifest::decode(&avro).unwrap();
        assert_eq!(manifest.keys[..], [&b"a"[..], b"bc"]);
        assert_eq!((manifest.schema_id, manifest.size), (3, 10));
        for cut in 0..avro.len() {
            assert!(Manifest::decode(&avro[..cut]).is_err(), "cut at {cut}");
        }
    }
}
