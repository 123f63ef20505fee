//! Large values: a manifest, and chunks of their own keys (`ChunkingUtils`,
//! `ChunkedKeySuffix.avsc`, `ChunkedValueManifest.avsc`).
//!
//! In a chunked store version the top-level key is the key and [`TOP_LEVEL_SUFFIX`], also of small
//! values. A manifest lists the complete keys of the chunks, in order, in the same partition.
//! Values were compressed before they were chunked, and chunks do not nest.

use std::pin::Pin;

use crate::avro::{AvroError, Reader};
use crate::database::{ReadGuard, Tier};
use crate::error::ReadError;
use crate::ffi::RawRead;
use crate::read::pinned::PinnedValue;
use crate::read::record::split;
use crate::read::value::{Chunks, Value};
use crate::status::Status;

/// `ChunkedKeySuffix { chunkId: null, isChunk: false }`: union branch 1, then a boolean.
pub(crate) const TOP_LEVEL_SUFFIX: [u8; 2] = [2, 0];
/// `AvroProtocolDefinition.CHUNKED_VALUE_MANIFEST`.
pub(crate) const MANIFEST_SCHEMA_ID: i32 = -20;
/// `AvroProtocolDefinition.CHUNK`.
pub(crate) const CHUNK_SCHEMA_ID: i32 = -10;

/// A manifest, whose keys stay where they are: there may be as many as it has bytes.
struct Manifest<'a> {
    avro: &'a [u8],
    keys: usize,
    schema_id: i32,
    size: i32,
}

impl<'a> Manifest<'a> {
    fn decode(avro: &'a [u8]) -> Result<Manifest<'a>, AvroError> {
        let mut reader = Reader::new(avro);
        let mut keys = 0;
        reader.array(|reader| {
            keys += 1;
            reader.bytes().map(drop)
        })?;
        Ok(Manifest {
            avro,
            keys,
            schema_id: reader.int()?,
            size: reader.int()?,
        })
    }

    /// Hands position and key of each chunk to `each`, until its first error.
    fn each_key<E: From<AvroError>>(
        &self,
        mut each: impl FnMut(usize, &'a [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut index = 0;
        Reader::new(self.avro).array(|reader| {
            each(index, reader.bytes()?)?;
            index += 1;
            Ok(())
        })
    }

    /// Bytes of the value; 0 where that cannot be.
    fn announced(&self) -> usize {
        usize::try_from(self.size).unwrap_or(0)
    }
}

/// How many keys a manifest has, and of how many bytes they are.
#[cfg(feature = "testing")]
pub(crate) fn manifest_shape(avro: &[u8]) -> Result<(usize, usize), AvroError> {
    let (mut keys, mut bytes) = (0, 0);
    Manifest::decode(avro)?.each_key(|_, key| {
        keys += 1;
        bytes += key.len();
        Ok::<_, AvroError>(())
    })?;
    Ok((keys, bytes))
}

/// Reads in one partition, under its guard; knows what errors have to say.
#[derive(Clone, Copy)]
pub(crate) struct PartitionReader<'g> {
    pub(crate) store_version: &'g str,
    pub(crate) partition: i32,
    pub(crate) guard: &'g ReadGuard,
    pub(crate) tier: Tier,
    /// What `tier` means for RocksDB, from the beginning of the read on.
    pub(crate) read: RawRead,
}

/// Why the chunks of a manifest do not make a value.
enum NoValue {
    /// The error, if the chunk is missing again.
    ChunkMissing(ReadError),
    Failed(ReadError),
    Manifest(AvroError),
}

impl From<AvroError> for NoValue {
    fn from(error: AvroError) -> NoValue {
        NoValue::Manifest(error)
    }
}

impl From<ReadError> for NoValue {
    fn from(error: ReadError) -> NoValue {
        NoValue::Failed(error)
    }
}

/// A record of the top level.
enum TopLevel<'a, 'g> {
    Value(Value<'a>),
    Chunks(Chunks<'g>),
    /// A chunk is missing: the error, if it is missing again.
    ChunkMissing(ReadError),
}

impl<'g> PartitionReader<'g> {
    /// Reads the value under `key`, as it is on disk, and hands it to `found`. `None` if there is
    /// none. A chunked value that is announced as larger than `room` is not read:
    /// [`ReadError::NoRoom`].
    pub(crate) fn get<R>(
        &self,
        key: &[u8],
        room: usize,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        self.get_into(std::pin::pin!(PinnedValue::new()), key, room, found)
    }

    /// As [`PartitionReader::get`], with the slot of the reads before.
    pub(crate) fn get_into<R>(
        &self,
        mut slot: Pin<&mut PinnedValue<'g>>,
        key: &[u8],
        room: usize,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        if !self.record(slot.as_mut(), key)? {
            return Ok(None);
        }
        self.resolve(key, slot.value(), room, found)
    }

    fn record(&self, slot: Pin<&mut PinnedValue<'g>>, key: &[u8]) -> Result<bool, ReadError> {
        let read = slot.get(self.guard, key, self.read);
        read.map_err(|status| self.failed(status))
    }

    /// Hands the value of `record`, found under `key`, to `found`; `room` as for [`PartitionReader::get`].
    ///
    /// When a chunk is missing, starts again from the manifest, once: a writer replaces the
    /// manifest before it deletes the chunks of the old one, so a new manifest is there by now.
    /// `None` if the key is gone by then.
    pub(crate) fn resolve<R>(
        &self,
        key: &[u8],
        record: &[u8],
        room: usize,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        match self.parse_record(record, room)? {
            TopLevel::Value(value) => return Ok(Some(found(value))),
            TopLevel::Chunks(chunks) => return Ok(Some(found(Value::chunked(&chunks)))),
            TopLevel::ChunkMissing(_) => {}
        }
        let mut slot = std::pin::pin!(PinnedValue::new());
        if !self.record(slot.as_mut(), key)? {
            return Ok(None);
        }
        match self.parse_record(slot.value(), room)? {
            TopLevel::Value(value) => Ok(Some(found(value))),
            TopLevel::Chunks(chunks) => Ok(Some(found(Value::chunked(&chunks)))),
            TopLevel::ChunkMissing(error) => Err(error),
        }
    }

    fn parse_record<'a>(
        &self,
        record: &'a [u8],
        room: usize,
    ) -> Result<TopLevel<'a, 'g>, ReadError> {
        match self.split(record)? {
            (schema_id @ 1.., payload) => Ok(TopLevel::Value(Value::whole(schema_id, payload))),
            (MANIFEST_SCHEMA_ID, manifest) => match self.assemble(manifest, room) {
                Ok(chunks) => Ok(TopLevel::Chunks(chunks)),
                Err(NoValue::ChunkMissing(error)) => Ok(TopLevel::ChunkMissing(error)),
                Err(NoValue::Failed(error)) => Err(error),
                Err(NoValue::Manifest(error)) => Err(ReadError::BadManifest {
                    store_version: self.store_version.into(),
                    partition: self.partition,
                    reason: error.to_string().into(),
                }),
            },
            (other, _) => Err(ReadError::InvalidSchemaId(other)),
        }
    }

    /// Reads the chunks of a value: none if it is announced as larger than `room`, and no more than it
    /// is announced with, whatever the chunks are.
    fn assemble(&self, manifest: &[u8], room: usize) -> Result<Chunks<'g>, NoValue> {
        let manifest = Manifest::decode(manifest)?;
        let announced = manifest.announced();
        if announced > room {
            return Err(ReadError::NoRoom { size: announced }.into());
        }
        let wrong_size = |actual_size, cut_off| ReadError::WrongSize {
            store_version: self.store_version.into(),
            partition: self.partition,
            actual_size,
            cut_off,
            manifest_size: manifest.size,
        };
        let mut chunks = Chunks::new(manifest.schema_id);
        let mut slot = Box::pin(PinnedValue::new());
        manifest.each_key(|chunk_index, key| {
            if !self.record(slot.as_mut(), key)? {
                return Err(NoValue::ChunkMissing(ReadError::ChunkNotFound {
                    store_version: self.store_version.into(),
                    partition: self.partition,
                    chunk_index,
                }));
            }
            let (schema_id, payload) = self.split(slot.value())?;
            if schema_id != CHUNK_SCHEMA_ID {
                return Err(NoValue::Failed(ReadError::NotAChunk {
                    store_version: self.store_version.into(),
                    partition: self.partition,
                    chunk_index,
                    schema_id,
                }));
            }
            let read = chunks.len() + payload.len();
            if read > announced && chunk_index + 1 < manifest.keys {
                return Err(wrong_size(read, true).into());
            }
            chunks.push(&mut slot);
            Ok(())
        })?;
        if usize::try_from(manifest.size) != Ok(chunks.len()) {
            return Err(wrong_size(chunks.len(), false).into());
        }
        Ok(chunks)
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
        let mut keys = Vec::new();
        let each = manifest.each_key(|index, key| {
            keys.push((index, key));
            Ok::<_, AvroError>(())
        });
        assert_eq!(each, Ok(()));
        assert_eq!(keys, [(0, &b"a"[..]), (1, b"bc")]);
        assert_eq!(
            (manifest.keys, manifest.schema_id, manifest.size),
            (2, 3, 10)
        );
        for cut in 0..avro.len() {
            assert!(Manifest::decode(&avro[..cut]).is_err(), "cut at {cut}");
        }
    }
}
