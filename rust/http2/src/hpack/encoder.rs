//! Blocks of fields, as they are sent. Fields that come again and again are taught: they enter the peer's
//! table once, and are one byte from then on. Nothing else enters it, so nothing is ever evicted.

use crate::hpack::field::OVERHEAD;
use crate::hpack::integer;
use crate::hpack::static_table::{status, STATIC};
use crate::hpack::table::TABLE_BYTES;

/// Fields that can be taught.
pub(crate) const MAX_TAUGHT: usize = 16;

/// A field to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// `:status`.
    Status(u16),
    /// The field with this number of [`Taught`].
    Taught(u8),
    /// The index of an entry of the static table, 1 to 61.
    Static(u8),
    /// Name, in lower case, and value.
    Literal(&'a [u8], &'a [u8]),
}

/// Fields that are sent often.
#[derive(Debug, Clone, Default)]
pub struct Taught {
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Taught {
    /// Those of `fields`, names and values, which then have the numbers 0, 1, ...
    ///
    /// # Panics
    ///
    /// If there are more than 16, or if they do not fit into a table of 4,096 bytes.
    pub fn new(fields: &[(&str, &str)]) -> Taught {
        let size = |(name, value): &(&str, &str)| name.len() + value.len() + OVERHEAD;
        let bytes: usize = fields.iter().map(size).sum();
        assert!(
            fields.len() <= MAX_TAUGHT && bytes <= TABLE_BYTES,
            "{} fields of {bytes} bytes cannot be taught: at most {MAX_TAUGHT}, and {TABLE_BYTES} bytes",
            fields.len()
        );
        let pair =
            |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        Taught {
            fields: fields.iter().map(pair).collect(),
        }
    }

    pub(crate) fn get(&self, number: u8) -> Option<(&[u8], &[u8])> {
        let (name, value) = self.fields.get(usize::from(number))?;
        Some((name, value))
    }
}

/// Writes the blocks of one connection, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoder {
    /// Which entry each taught field is, from 1 on in the order of their coming; 0 if it is not in the table.
    indexes: [u8; MAX_TAUGHT],
    entries: u8,
    /// Bytes of the entries.
    size: usize,
    /// What the table may hold: the peer's choice, at most what we mean to fill.
    max: usize,
    /// The least that it was since the last block, if the next one has to say so.
    least: Option<usize>,
}

impl Encoder {
    pub(crate) fn new() -> Encoder {
        Encoder {
            indexes: [0; MAX_TAUGHT],
            entries: 0,
            size: 0,
            max: TABLE_BYTES,
            least: None,
        }
    }

    /// The peer's SETTINGS_HEADER_TABLE_SIZE.
    pub(crate) fn resize(&mut self, max: u32) {
        let max = TABLE_BYTES.min(max as usize);
        if max == self.max {
            return;
        }
        // A larger table need not be used, but what is not said is not.
        self.least = Some(self.least.unwrap_or(max).min(max));
        self.max = max;
    }

    /// Adds a block of these fields.
    #[inline]
    pub(crate) fn encode(&mut self, fields: &[Field<'_>], taught: &Taught, out: &mut Vec<u8>) {
        self.begin(out);
        for field in fields {
            match *field {
                Field::Status(200) => out.push(0x88),
                Field::Taught(number) => self.taught(number, taught, out),
                other => detached(other, taught, out),
            }
        }
    }

    /// Begins a block: says what became of the table.
    #[inline]
    pub(crate) fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some(least) = self.least.take() {
            self.say(least, out);
        }
    }

    #[cold]
    fn say(&mut self, least: usize, out: &mut Vec<u8>) {
        if least < self.size {
            // All of them: those that would stay are taught again.
            integer::encode(0, 5, 0x20, out);
            self.indexes = [0; MAX_TAUGHT];
            self.entries = 0;
            self.size = 0;
        } else if least < self.max {
            integer::encode(least as u32, 5, 0x20, out);
        }
        integer::encode(self.max as u32, 5, 0x20, out);
    }

    #[inline]
    fn taught(&mut self, number: u8, taught: &Taught, out: &mut Vec<u8>) {
        let index = self.indexes.get(usize::from(number)).copied().unwrap_or(0);
        if index > 0 {
            // At most 61 + 16, so one byte.
            out.push(0x80 | (STATIC.len() as u8 + 1 + self.entries - index));
            return;
        }
        self.teach(number, taught, out);
    }

    #[cold]
    fn teach(&mut self, number: u8, taught: &Taught, out: &mut Vec<u8>) {
        let Some((name, value)) = taught.get(number) else {
            debug_assert!(false, "field {number} was not declared");
            return;
        };
        let size = name.len() + value.len() + OVERHEAD;
        if self.size + size > self.max {
            return literal(0, name, value, out);
        }
        literal(0x40, name, value, out);
        self.entries += 1;
        self.size += size;
        self.indexes[usize::from(number)] = self.entries;
    }
}

/// Adds a field in a form that means the same whatever the table holds. For blocks that are written now and
/// sent later.
pub(crate) fn detached(field: Field<'_>, taught: &Taught, out: &mut Vec<u8>) {
    match field {
        Field::Status(code) => match status(code) {
            Some(index) => out.push(0x80 | index),
            None => {
                // A literal whose name is that of entry 8.
                out.push(0x08);
                let digits = [code / 100 % 10, code / 10 % 10, code % 10];
                out.push(3);
                out.extend(digits.map(|digit| b'0' + digit as u8));
            }
        },
        Field::Static(index) => {
            debug_assert!(
                (1..=61).contains(&index),
                "the static table has no entry {index}"
            );
            out.push(0x80 | index);
        }
        Field::Taught(number) => {
            if let Some((name, value)) = taught.get(number) {
                literal(0, name, value, out);
            }
        }
        Field::Literal(name, value) => literal(0, name, value, out),
    }
}

/// `kind` is 0 for one that enters no table, 0x40 for one that does.
fn literal(kind: u8, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    let named = STATIC.iter().position(|(known, _)| *known == name);
    let bits = if kind == 0 { 4 } else { 6 };
    match named {
        Some(at) => integer::encode(at as u32 + 1, bits, kind, out),
        None => {
            out.push(kind);
            text(name, out);
        }
    }
    text(value, out);
}

fn text(text: &[u8], out: &mut Vec<u8>) {
    integer::encode(text.len() as u32, 7, 0, out);
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpack::decoder::{Decoder, StaticMeanings, Visitor};
    use crate::hpack::testing::Watch;

    struct List(Vec<String>);

    impl Visitor for List {
        const WANTED: bool = true;
        fn field(&mut self, name: &[u8], value: &[u8]) {
            let text = |bytes| std::str::from_utf8(bytes).unwrap();
            self.0.push(format!("{}: {}", text(name), text(value)));
        }
    }

    /// Two sides of a connection.
    struct Sides {
        encoder: Encoder,
        decoder: Decoder,
        taught: Taught,
    }

    impl Sides {
        fn new() -> Sides {
            Sides {
                encoder: Encoder::new(),
                decoder: Decoder::new(),
                taught: Taught::new(&[("content-type", "application/grpc"), ("grpc-status", "0")]),
            }
        }

        /// The bytes of a block, which say `expected`.
        fn send(&mut self, fields: &[Field<'_>], expected: &[&str]) -> usize {
            let mut block = Vec::new();
            self.encoder.encode(fields, &self.taught, &mut block);
            self.received(&block, expected)
        }

        fn received(&mut self, block: &[u8], expected: &[&str]) -> usize {
            let statics = StaticMeanings::new(&Watch);
            let mut list = List(Vec::new());
            self.decoder
                .visit(block, &statics, &Watch, 100_000, &mut list)
                .unwrap();
            assert_eq!(list.0, expected);
            block.len()
        }

        fn answer(&mut self) -> (usize, usize) {
            (
                self.send(
                    &[Field::Status(200), Field::Taught(0)],
                    &[":status: 200", "content-type: application/grpc"],
                ),
                self.send(&[Field::Taught(1)], &["grpc-status: 0"]),
            )
        }
    }

    #[test]
    fn an_answer_is_three_bytes_once_it_was_taught() {
        let mut sides = Sides::new();
        assert_eq!(sides.answer(), (19, 15));
        for _ in 0..200 {
            assert_eq!(sides.answer(), (2, 1));
        }
    }

    #[test]
    fn every_field_comes_as_it_went() {
        let mut sides = Sides::new();
        let long = "x".repeat(1000);
        for round in 0..3 {
            sides.send(&[Field::Status(418)], &[":status: 418"]);
            sides.send(&[Field::Status(404)], &[":status: 404"]);
            sides.send(
                &[Field::Static(3), Field::Static(6)],
                &[":method: POST", ":scheme: http"],
            );
            let literal = Field::Literal(b"grpc-message", long.as_bytes());
            let said = format!("grpc-message: {long}");
            sides.send(&[Field::Taught(1), literal], &["grpc-status: 0", &said]);
            sides.send(&[Field::Literal(b"server", b"")], &["server: "]);
            let mut block = Vec::new();
            detached(Field::Taught(1), &sides.taught, &mut block);
            detached(Field::Status(200), &sides.taught, &mut block);
            sides.received(&block, &["grpc-status: 0", ":status: 200"]);
            assert_eq!(sides.encoder.entries, 1, "round {round}");
        }
    }

    #[test]
    fn the_table_goes_to_0_and_up_and_down() {
        let mut sides = Sides::new();
        sides.answer();
        // Says so (one byte, twice), and teaches nothing.
        sides.encoder.resize(0);
        assert_eq!(sides.answer(), (20 + 2, 15));
        assert_eq!(sides.answer(), (20, 15));
        // Up again: said, taught, used.
        sides.encoder.resize(1_000_000);
        assert_eq!(sides.answer(), (19 + 3, 15));
        assert_eq!(sides.answer(), (2, 1));
        // Down and up between two blocks: the least is said too.
        sides.encoder.resize(10);
        sides.encoder.resize(4096);
        assert_eq!(sides.answer(), (19 + 1 + 3, 15));
        // Down, but not below what is in it: nothing is evicted.
        sides.encoder.resize(200);
        assert_eq!(sides.answer(), (2 + 3, 1));
        // Room for one of the two.
        sides.encoder.resize(70);
        assert_eq!(sides.answer(), (19 + 1 + 2, 15));
        assert_eq!(sides.answer(), (2, 15));
        // What stays the same is not said.
        sides.encoder.resize(70);
        assert_eq!(sides.answer(), (2, 15));
    }

    #[test]
    #[should_panic(expected = "17 fields")]
    fn no_more_is_taught_than_fits() {
        Taught::new(&[("a", "b"); 17]);
    }
}
