//! Records in the order of partitions and keys, however many there are: what does not fit into memory is
//! sorted in runs, which go to temporary files and are merged.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::StorageError;

/// A record as it will be on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) partition: i32,
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

impl Entry {
    fn place(&self) -> (i32, &[u8]) {
        (self.partition, &self.key)
    }
}

/// What an entry costs beside its bytes: two vectors, a number, and the allocator's share.
const ENTRY: usize = 80;

/// Takes entries in any order.
pub(crate) struct Sorter {
    /// Where runs go.
    folder: PathBuf,
    /// Bytes in memory at most.
    memory: usize,
    held: usize,
    entries: Vec<Entry>,
    runs: Vec<File>,
}

impl Sorter {
    /// Sorts in `memory` bytes, with temporary files in `folder`.
    pub(crate) fn new(folder: &Path, memory: usize) -> Sorter {
        Sorter {
            folder: folder.to_owned(),
            memory,
            held: 0,
            entries: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, entry: Entry) -> Result<(), StorageError> {
        let longest = entry.key.len().max(entry.value.len());
        if u32::try_from(longest).is_err() {
            return Err(StorageError::RecordTooLong(longest));
        }
        self.held += entry.key.len() + entry.value.len() + ENTRY;
        self.entries.push(entry);
        if self.held >= self.memory {
            self.spill()
                .map_err(StorageError::io("sort in", &self.folder))?;
        }
        Ok(())
    }

    /// How many runs are on disk.
    #[cfg(test)]
    fn runs(&self) -> usize {
        self.runs.len()
    }

    fn sort(&mut self) {
        // Stable: of one key, what came last is last.
        self.entries.sort_by(|a, b| a.place().cmp(&b.place()));
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        // Without a name: it is gone with the last handle, however this program ends.
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(&self.folder)?);
        for entry in self.entries.drain(..) {
            write(&mut out, &entry)?;
        }
        let mut run = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.rewind()?;
        self.runs.push(run);
        self.held = 0;
        Ok(())
    }

    /// All entries, sorted; those of one key in the order in which they came.
    pub(crate) fn sorted(mut self) -> Result<Sorted, StorageError> {
        self.sort();
        let mut sorted = Sorted {
            folder: self.folder,
            heads: BinaryHeap::new(),
            runs: Vec::new(),
        };
        for run in self.runs {
            let buffer = BufReader::with_capacity(1 << 18, run);
            sorted.runs.push(Run::File(buffer));
        }
        // What is still in memory came last.
        sorted.runs.push(Run::Memory(self.entries.into_iter()));
        for index in 0..sorted.runs.len() {
            sorted.advance(index)?;
        }
        Ok(sorted)
    }
}

enum Run {
    File(BufReader<File>),
    Memory(std::vec::IntoIter<Entry>),
}

/// The next entry of a run. Of equal keys, that of the earlier run is first.
struct Head {
    entry: Entry,
    run: usize,
}

impl Head {
    fn place(&self) -> (i32, &[u8], usize) {
        (self.entry.partition, &self.entry.key, self.run)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Head) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Head) -> Ordering {
        self.place().cmp(&other.place())
    }
}

/// Entries in their order.
pub(crate) struct Sorted {
    folder: PathBuf,
    heads: BinaryHeap<Reverse<Head>>,
    runs: Vec<Run>,
}

impl Sorted {
    /// The next entry.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, StorageError> {
        let Some(Reverse(head)) = self.heads.pop() else {
            return Ok(None);
        };
        self.advance(head.run)?;
        Ok(Some(head.entry))
    }

    /// The entry that [`Sorted::next`] will give.
    pub(crate) fn peek(&self) -> Option<&Entry> {
        self.heads.peek().map(|Reverse(head)| &head.entry)
    }

    fn advance(&mut self, run: usize) -> Result<(), StorageError> {
        let entry = match &mut self.runs[run] {
            Run::Memory(entries) => entries.next(),
            Run::File(file) => read(file).map_err(StorageError::io("sort in", &self.folder))?,
        };
        if let Some(entry) = entry {
            self.heads.push(Reverse(Head { entry, run }));
        }
        Ok(())
    }
}

fn write(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    out.write_all(&entry.partition.to_le_bytes())?;
    for bytes in [&entry.key, &entry.value] {
        // `push` checked it.
        out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    }
    out.write_all(&entry.key)?;
    out.write_all(&entry.value)
}

fn read(run: &mut impl Read) -> io::Result<Option<Entry>> {
    let mut head = [[0; 4]; 3];
    match run.read_exact(head.as_flattened_mut()) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let [partition, key, value] = head;
    let mut entry = Entry {
        partition: i32::from_le_bytes(partition),
        key: vec![0; u32::from_le_bytes(key) as usize],
        value: vec![0; u32::from_le_bytes(value) as usize],
    };
    run.read_exact(&mut entry.key)?;
    run.read_exact(&mut entry.value)?;
    Ok(Some(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(partition: i32, key: &[u8], value: &[u8]) -> Entry {
        Entry {
            partition,
            key: key.to_vec(),
            value: value.to_vec(),
        }
    }

    fn all(sorter: Sorter) -> Vec<Entry> {
        let mut sorted = sorter.sorted().unwrap();
        std::iter::from_fn(|| {
            let peeked = sorted.peek().cloned();
            let next = sorted.next().unwrap();
            assert_eq!(peeked, next);
            next
        })
        .collect()
    }

    #[test]
    fn runs_and_memory_are_merged() {
        let folder = tempfile::tempdir().unwrap();
        let mut expected: Vec<Entry> = (0..5000u32)
            .map(|n| {
                let mixed = n.wrapping_mul(2_654_435_761).to_be_bytes();
                entry((n % 3) as i32, &mixed, &n.to_be_bytes())
            })
            .collect();
        for memory in [0, 10_000, usize::MAX] {
            let mut sorter = Sorter::new(folder.path(), memory);
            for entry in &expected {
                sorter.push(entry.clone()).unwrap();
            }
            assert_eq!(sorter.runs() > 20, memory == 10_000 || memory == 0);
            let sorted = all(sorter);
            expected.sort_by(|a, b| a.place().cmp(&b.place()));
            assert_eq!(sorted, expected);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_one_key_what_came_last_is_last() {
        let folder = tempfile::tempdir().unwrap();
        for memory in [0, 300, usize::MAX] {
            let mut sorter = Sorter::new(folder.path(), memory);
            for n in 0..10u8 {
                sorter.push(entry(1, b"same", &[n])).unwrap();
                sorter.push(entry(0, &[n], &[])).unwrap();
            }
            let values = all(sorter).into_iter().skip(10);
            assert!(values.map(|entry| entry.value[0]).eq(0..10));
        }
    }
}
