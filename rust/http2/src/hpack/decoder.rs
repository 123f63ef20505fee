//! Blocks of fields, as a peer sends them (RFC 7541, 3 and 6).

use crate::hpack::field::{Head, Meaning, Name, Vocabulary, OVERHEAD};
use crate::hpack::static_table::STATIC;
use crate::hpack::table::{Entry, NameText, Table};
use crate::hpack::{huffman, integer};

/// Blocks that are so long are remembered. Behind its first ones a client's is some ten bytes.
const REMEMBERED: usize = 64;
/// Memory that is kept for a text between blocks.
const KEPT_TEXT: usize = 4096;

/// Why a block is not one, or is not read to its end. Both end the connection, as the tables of both sides
/// differ from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It breaks a rule of HPACK: this one.
    Wrong(&'static str),
    /// Its fields are larger than what is read at all.
    TooLarge,
}

/// Is told each field of a block.
pub(crate) trait Visitor {
    /// Whether it wants to know.
    const WANTED: bool;
    fn field(&mut self, name: &[u8], value: &[u8]);
}

/// Wants to know nothing.
pub(crate) struct Nobody;

impl Visitor for Nobody {
    const WANTED: bool = false;
    fn field(&mut self, _: &[u8], _: &[u8]) {}
}

/// What the entries of the static table mean; the same for all connections of a vocabulary.
#[derive(Debug)]
pub(crate) struct StaticMeanings {
    entries: [(Meaning, u32); STATIC.len()],
}

impl StaticMeanings {
    pub(crate) fn new(vocabulary: &impl Vocabulary) -> StaticMeanings {
        StaticMeanings {
            entries: STATIC.map(|(name, value)| {
                let meaning = Meaning::of(Name::of(name, vocabulary), value, vocabulary);
                (meaning, (name.len() + value.len() + OVERHEAD) as u32)
            }),
        }
    }
}

/// Reads the blocks of one connection, in order.
#[derive(Debug)]
pub(crate) struct Decoder {
    table: Table,
    /// Huffman's texts.
    name: Vec<u8>,
    value: Vec<u8>,
    /// The last text of the last block that is wanted.
    text: Vec<u8>,
    last: LastBlock,
}

/// A block that changed no table, and what it meant. Without a deadline a client's blocks are all alike.
#[derive(Debug)]
struct LastBlock {
    bytes: [u8; REMEMBERED],
    length: usize,
    generation: u64,
    head: Head,
}

/// A literal's text, where it is.
#[derive(Clone, Copy)]
enum Text<'a> {
    Plain(&'a [u8]),
    /// In `name` or `value`.
    Unpacked,
}

impl Decoder {
    pub(crate) fn new() -> Decoder {
        Decoder {
            table: Table::new(),
            name: Vec::new(),
            value: Vec::new(),
            text: Vec::new(),
            last: LastBlock {
                bytes: [0; REMEMBERED],
                length: usize::MAX,
                generation: 0,
                head: Head::default(),
            },
        }
    }

    /// What `block` says, if that is no more than `limit` bytes.
    #[inline]
    pub(crate) fn decode(
        &mut self,
        block: &[u8],
        statics: &StaticMeanings,
        vocabulary: &impl Vocabulary,
        limit: u32,
    ) -> Result<Head, Fault> {
        let last = &self.last;
        if last.length == block.len()
            && last.generation == self.table.generation()
            && last.bytes.get(..last.length) == Some(block)
        {
            return Ok(last.head);
        }
        let generation = self.table.generation();
        let head = self.visit(block, statics, vocabulary, limit, &mut Nobody)?;
        // One that changed the table changes it again when it comes again. A text is not remembered.
        let same = generation == self.table.generation() && !head.has_text();
        if block.len() <= REMEMBERED && same {
            self.last.bytes[..block.len()].copy_from_slice(block);
            self.last.length = block.len();
            self.last.generation = generation;
            self.last.head = head;
        }
        Ok(head)
    }

    /// The same, and tells `visitor` each field.
    pub(crate) fn visit<W: Visitor>(
        &mut self,
        block: &[u8],
        statics: &StaticMeanings,
        vocabulary: &impl Vocabulary,
        limit: u32,
        visitor: &mut W,
    ) -> Result<Head, Fault> {
        let mut head = Head::default();
        let mut rest = block;
        let mut begun = false;
        self.name.shrink_to(KEPT_TEXT);
        self.value.shrink_to(KEPT_TEXT);
        self.text.shrink_to(KEPT_TEXT);
        while let Some(&first) = rest.first() {
            if first & 0x80 != 0 {
                let index = integer::decode(&mut rest, 7).ok_or(Fault::Wrong("an index"))?;
                self.indexed(index, statics, &mut head, visitor)?;
            } else if first & 0xe0 == 0x20 {
                let max = integer::decode(&mut rest, 5).ok_or(Fault::Wrong("a table's size"))?;
                if begun {
                    return Err(Fault::Wrong("a table's size behind a field"));
                }
                if !self.table.resize(max as usize) {
                    return Err(Fault::Wrong(
                        "a table's size above SETTINGS_HEADER_TABLE_SIZE",
                    ));
                }
                continue;
            } else {
                let kept = first & 0x40 != 0;
                let bits = if kept { 6 } else { 4 };
                let index = integer::decode(&mut rest, bits).ok_or(Fault::Wrong("an index"))?;
                self.literal(
                    index,
                    kept,
                    &mut rest,
                    (statics, vocabulary),
                    &mut head,
                    visitor,
                )?;
            }
            begun = true;
            if head.size() > limit {
                return Err(Fault::TooLarge);
            }
        }
        Ok(head)
    }

    #[inline]
    fn indexed<W: Visitor>(
        &mut self,
        index: u32,
        statics: &StaticMeanings,
        head: &mut Head,
        visitor: &mut W,
    ) -> Result<(), Fault> {
        let at = (index as usize).wrapping_sub(1);
        if let Some((meaning, size)) = statics.entries.get(at) {
            head.add(meaning, *size);
            if meaning.has_text() {
                self.text.clear();
                self.text.extend_from_slice(STATIC[at].1);
            }
            if W::WANTED {
                visitor.field(STATIC[at].0, STATIC[at].1);
            }
            return Ok(());
        }
        let entry = self.dynamic(index)?;
        head.add(&entry.meaning, entry.size);
        let has_text = entry.meaning.has_text();
        if W::WANTED {
            let (name, value) = self.table.text(entry);
            visitor.field(name, value);
        }
        if has_text {
            self.keep_text(index)?;
        }
        Ok(())
    }

    #[cold]
    fn keep_text(&mut self, index: u32) -> Result<(), Fault> {
        let entry = *self.dynamic(index)?;
        self.text.clear();
        self.text.extend_from_slice(self.table.text(&entry).1);
        Ok(())
    }

    /// The text of the last block that is wanted, if [`Head::has_text`] says that there is one; of several the last.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    #[inline]
    fn dynamic(&self, index: u32) -> Result<&Entry, Fault> {
        let number = (index as usize).checked_sub(STATIC.len() + 1);
        let entry = number.and_then(|number| self.table.get(number));
        entry.ok_or(Fault::Wrong("an index that no table has"))
    }

    fn literal<W: Visitor, V: Vocabulary>(
        &mut self,
        index: u32,
        kept: bool,
        rest: &mut &[u8],
        (statics, vocabulary): (&StaticMeanings, &V),
        head: &mut Head,
        visitor: &mut W,
    ) -> Result<(), Fault> {
        let at = (index as usize).wrapping_sub(1);
        let (meant, text) = if index == 0 {
            let text = string(rest, &mut self.name)?;
            let name = match text {
                Text::Plain(name) => name,
                Text::Unpacked => &self.name[..],
            };
            (Name::of(name, vocabulary), NameText::Given(name))
        } else if let Some((meaning, _)) = statics.entries.get(at) {
            (meaning.name, NameText::Given(STATIC[at].0))
        } else {
            let meant = self.dynamic(index)?.meaning.name;
            (meant, NameText::Entry(at - STATIC.len()))
        };
        let value = match string(rest, &mut self.value)? {
            Text::Plain(value) => value,
            Text::Unpacked => &self.value[..],
        };
        let meaning = Meaning::of(meant, value, vocabulary);
        if meaning.has_text() {
            self.text.clear();
            self.text.extend_from_slice(value);
        }
        let name = match text {
            NameText::Given(name) => name.len(),
            NameText::Entry(number) => {
                let entry = self.table.get(number);
                entry.map_or(0, |entry| self.table.text(entry).0.len())
            }
        };
        head.add(&meaning, (name + value.len() + OVERHEAD) as u32);
        if W::WANTED {
            let name = match text {
                NameText::Given(name) => Some(name),
                NameText::Entry(number) => {
                    self.table.get(number).map(|entry| self.table.text(entry).0)
                }
            };
            visitor.field(name.unwrap_or_default(), value);
        }
        if kept {
            self.table.insert(text, value, meaning);
        }
        Ok(())
    }

    #[cfg(test)]
    fn table(&self) -> &Table {
        &self.table
    }
}

/// Takes a string off the front (RFC 7541, 5.2).
fn string<'a>(rest: &mut &'a [u8], unpacked: &mut Vec<u8>) -> Result<Text<'a>, Fault> {
    let packed = rest.first().is_some_and(|first| first & 0x80 != 0);
    let length = integer::decode(rest, 7).ok_or(Fault::Wrong("a string's length"))? as usize;
    if length > rest.len() {
        return Err(Fault::Wrong("a string that is cut off"));
    }
    let (bytes, behind) = rest.split_at(length);
    *rest = behind;
    if !packed {
        return Ok(Text::Plain(bytes));
    }
    unpacked.clear();
    if huffman::decode(bytes, unpacked) {
        Ok(Text::Unpacked)
    } else {
        Err(Fault::Wrong("a Huffman code"))
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
