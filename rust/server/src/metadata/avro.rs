//! Avro's encoding, into memory or counted alone. As Java's `BinaryEncoder`: a map or an array is one block, and an
//! empty one has none.

/// Where bytes go.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]);

    /// A number, `int` or `long`.
    fn number(&mut self, number: i64) {
        let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
        let mut bytes = [0; 10];
        let mut length = 0;
        for byte in &mut bytes {
            *byte = (rest & 0x7f) as u8;
            length += 1;
            rest >>= 7;
            if rest == 0 {
                break;
            }
            *byte |= 0x80;
        }
        self.put(&bytes[..length]);
    }

    /// `bytes`, or the UTF-8 of a `string`.
    fn bytes(&mut self, bytes: &[u8]) {
        // Nothing here is longer than i64::MAX.
        self.number(bytes.len() as i64);
        self.put(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A map or an array: `write` writes an entry.
    fn block<T>(
        &mut self,
        entries: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        if entries.len() > 0 {
            self.number(entries.len() as i64);
            for entry in entries {
                write(self, entry);
            }
        }
        self.number(0);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// How many bytes came.
#[derive(Debug, Default)]
pub(super) struct Count(pub(super) usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_avro() {
        for (number, bytes) in [
            (0, vec![0]),
            (-1, vec![1]),
            (1, vec![2]),
            (-64, vec![0x7f]),
            (64, vec![0x80, 1]),
            (i64::from(i32::MAX), vec![0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i64::MIN, [vec![0xff; 9], vec![1]].concat()),
        ] {
            let mut out = Vec::new();
            out.number(number);
            assert_eq!(out, bytes, "{number}");
            let mut count = Count::default();
            count.number(number);
            assert_eq!(count.0, bytes.len());
        }
    }

    #[test]
    fn an_empty_map_has_no_block() {
        let mut out = Vec::new();
        out.block([("", 0); 0].iter(), |_, _| {});
        out.block([("a", 1)].iter(), |out, (name, number)| {
            out.text(name);
            out.number(*number);
        });
        assert_eq!(out, [0, 2, 2, b'a', 2, 0]);
    }
}
