//! The dynamic table (RFC 7541, 2.3.2 and 4): a ring of meanings beside their texts.

use crate::hpack::field::{Meaning, OVERHEAD};

/// What a table may hold (SETTINGS_HEADER_TABLE_SIZE), in bytes as RFC 7541 counts them. Ours is never
/// another, as nothing is announced.
pub(crate) const TABLE_BYTES: usize = 4096;
/// An entry counts 32 bytes at least.
const CAPACITY: usize = TABLE_BYTES / OVERHEAD;

/// A field of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) meaning: Meaning,
    /// As RFC 7541 counts it.
    pub(crate) size: u32,
    /// Where its text begins, name first.
    at: u32,
    name: u16,
    value: u16,
}

const FREE: Entry = Entry {
    meaning: Meaning::NONE,
    size: 0,
    at: 0,
    name: 0,
    value: 0,
};

/// Where the name of a new entry comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NameText<'a> {
    /// Given.
    Given(&'a [u8]),
    /// That of the entry with this number: 0 is the newest.
    Entry(usize),
}

#[derive(Debug)]
pub(crate) struct Table {
    /// Empty until the first entry comes.
    entries: Vec<Entry>,
    newest: usize,
    length: usize,
    size: usize,
    max: usize,
    /// Texts, in the order of their entries. Those of evicted entries go when there is no more room.
    text: Vec<u8>,
    /// Changes with every change of the table.
    generation: u64,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table {
            entries: Vec::new(),
            newest: 0,
            length: 0,
            size: 0,
            max: TABLE_BYTES,
            text: Vec::new(),
            generation: 0,
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The entry with this number; 0 is the newest.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> Option<&Entry> {
        if number >= self.length {
            return None;
        }
        self.entries
            .get((self.newest + CAPACITY - number) % CAPACITY)
    }

    /// Name and value of an entry of this table.
    pub(crate) fn text(&self, entry: &Entry) -> (&[u8], &[u8]) {
        let at = entry.at as usize;
        let value = at + usize::from(entry.name);
        let end = value + usize::from(entry.value);
        (&self.text[at..value], &self.text[value..end])
    }

    /// Sets what the table may hold. `false` if that is more than was announced.
    pub(crate) fn resize(&mut self, max: usize) -> bool {
        if max > TABLE_BYTES {
            return false;
        }
        self.max = max;
        self.evict(max);
        self.generation += 1;
        true
    }

    /// Adds an entry as the newest. One that is larger than the table empties it, and is not kept.
    pub(crate) fn insert(&mut self, name: NameText<'_>, value: &[u8], meaning: Meaning) {
        self.generation += 1;
        let name_bytes = match name {
            NameText::Given(name) => name.len(),
            NameText::Entry(number) => self.get(number).map_or(0, |entry| entry.name.into()),
        };
        let size = name_bytes + value.len() + OVERHEAD;
        if size > self.max {
            self.evict(0);
            return;
        }
        if self.entries.is_empty() {
            self.entries.resize(CAPACITY, FREE);
        }
        if self.text.len() + name_bytes + value.len() > 2 * TABLE_BYTES {
            self.forget_evicted_text();
        }
        let at = self.text.len();
        match name {
            NameText::Given(name) => self.text.extend_from_slice(name),
            // Before its entry is evicted, which may be the case now (RFC 7541, 4.4).
            NameText::Entry(number) => {
                let from = self.get(number).map_or(0, |entry| entry.at as usize);
                self.text.extend_from_within(from..from + name_bytes);
            }
        }
        self.text.extend_from_slice(value);
        self.evict(self.max - size);
        self.newest = (self.newest + 1) % CAPACITY;
        self.length += 1;
        self.size += size;
        self.entries[self.newest] = Entry {
            meaning,
            size: size as u32,
            at: at as u32,
            name: name_bytes as u16,
            value: value.len() as u16,
        };
    }

    fn evict(&mut self, left: usize) {
        while self.size > left {
            let oldest = (self.newest + CAPACITY + 1 - self.length) % CAPACITY;
            self.size -= self.entries[oldest].size as usize;
            self.length -= 1;
        }
    }

    /// Moves the texts of what is in the table to the front.
    fn forget_evicted_text(&mut self) {
        let oldest = self
            .length
            .checked_sub(1)
            .and_then(|number| self.get(number));
        let from = oldest.map_or(self.text.len(), |entry| entry.at as usize);
        self.text.drain(..from);
        for number in 0..self.length {
            let at = (self.newest + CAPACITY - number) % CAPACITY;
            self.entries[at].at -= from as u32;
        }
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    #[cfg(test)]
    pub(crate) fn fields(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let entries = (0..self.length).map(|number| self.get(number).unwrap());
        let text = entries.map(|entry| self.text(entry));
        text.map(|(name, value)| (name.to_vec(), value.to_vec()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Against a table that is a list of texts.
    #[test]
    fn it_holds_what_a_list_would() {
        let mut table = Table::new();
        let mut list: VecDeque<(Vec<u8>, Vec<u8>)> = VecDeque::new();
        let (mut max, mut seed) = (TABLE_BYTES, 1u64);
        let mut draw = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % most
        };
        let size = |list: &VecDeque<(Vec<u8>, Vec<u8>)>| -> usize {
            list.iter()
                .map(|(name, value)| name.len() + value.len() + OVERHEAD)
                .sum()
        };
        for step in 0..20_000 {
            if draw(50) == 0 {
                max = [0, 40, 100, 1000, TABLE_BYTES][draw(5)];
                assert!(table.resize(max));
            } else {
                let longest = if draw(20) == 0 { TABLE_BYTES } else { 60 };
                let value = vec![draw(256) as u8; draw(longest)];
                let from = draw(list.len() + 1);
                let (name, text) = match list.get(from) {
                    Some((name, _)) => (name.clone(), NameText::Entry(from)),
                    None => (vec![draw(256) as u8; draw(30)], NameText::Given(&[])),
                };
                let text = match text {
                    NameText::Given(_) => NameText::Given(&name),
                    entry => entry,
                };
                table.insert(text, &value, Meaning::NONE);
                list.push_front((name, value));
            }
            while size(&list) > max {
                list.pop_back();
            }
            assert_eq!(table.size(), size(&list), "step {step}");
            assert_eq!(table.fields(), Vec::from(list.clone()), "step {step}");
            assert!(table.text.len() <= 2 * TABLE_BYTES);
            assert!(table.get(list.len()).is_none());
        }
        assert!(!table.resize(TABLE_BYTES + 1));
    }
}
