//! Avro's primitives on bytes that nobody has checked, by the rules of Java's `BinaryDecoder`.
// #[HotPath]

use crate::error::{At, Fault};
use crate::limits::EMPTY_ITEMS;

/// Where in a record one is.
#[derive(Debug)]
pub(crate) struct Cursor<'r> {
    pub(crate) bytes: &'r [u8],
    pub(crate) at: usize,
    /// Steps that may be taken without a byte.
    budget: u64,
}

/// Signed to unsigned with small numbers staying small.
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Appends a number.
#[inline]
pub(crate) fn put_long(out: &mut Vec<u8>, number: i64) {
    let mut rest = zigzag(number);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

impl<'r> Cursor<'r> {
    pub(crate) fn new(bytes: &'r [u8], at: usize) -> Cursor<'r> {
        Cursor {
            bytes,
            at,
            budget: EMPTY_ITEMS + 16 * bytes.len() as u64,
        }
    }

    #[inline]
    fn varint(&mut self, longest: u32) -> Result<u64, At> {
        // Most numbers are small.
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(byte.into())
            }
            _ => self.long_varint(longest),
        }
    }

    fn long_varint(&mut self, longest: u32) -> Result<u64, At> {
        let start = self.at;
        let mut value = 0u64;
        for index in 0..longest {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(At(start, Fault::Truncated { needed: 1 }));
            };
            self.at += 1;
            // What the last byte has beyond the type's bits is dropped, as Java's shift does.
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(At(start, Fault::LongNumber))
    }

    #[inline]
    pub(crate) fn int(&mut self) -> Result<i32, At> {
        let number = self.varint(5)? as u32;
        Ok((number >> 1) as i32 ^ -((number & 1) as i32))
    }

    #[inline]
    pub(crate) fn long(&mut self) -> Result<i64, At> {
        let number = self.varint(10)?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Result<&'r [u8], At> {
        let rest = &self.bytes[self.at..];
        match rest.get(..length) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => Err(At(
                self.at,
                Fault::Truncated {
                    needed: length - rest.len(),
                },
            )),
        }
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], At> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// What stands behind its length: bytes and strings look the same.
    #[inline]
    pub(crate) fn prefixed(&mut self) -> Result<&'r [u8], At> {
        let start = self.at;
        let length = self.long()?;
        match usize::try_from(length) {
            Ok(length) => self.take(length),
            Err(_) => Err(At(start, Fault::NegativeLength(length))),
        }
    }

    /// The branch of a union.
    #[inline]
    pub(crate) fn branch(&mut self, branches: u32) -> Result<usize, At> {
        let start = self.at;
        let index = self.int()?;
        match u32::try_from(index) {
            Ok(index) if index < branches => Ok(index as usize),
            _ => Err(At(start, Fault::Branch { index, branches })),
        }
    }

    /// The next block of an array or map: how many items it has, and its bytes if it says them. No items are the end.
    /// An item has at least `least` bytes.
    #[inline]
    pub(crate) fn block(&mut self, least: u32) -> Result<Block, At> {
        let start = self.at;
        let count = self.long()?;
        let mut size = None;
        if count < 0 {
            size = Some(self.size()?);
        }
        let items = count.unsigned_abs();
        let left = (self.bytes.len() - self.at) as u64;
        match least {
            0 => self.spend(items)?,
            _ if items > left / u64::from(least) => return Err(At(start, Fault::Items(items))),
            _ => {}
        }
        Ok(Block { items, size })
    }

    /// Bytes of a block, all of which are there.
    fn size(&mut self) -> Result<usize, At> {
        let start = self.at;
        let size = self.long()?;
        let left = self.bytes.len() - self.at;
        match usize::try_from(size) {
            Ok(bytes) if bytes <= left => Ok(bytes),
            _ => Err(At(
                start,
                Fault::BlockSize {
                    said: size,
                    had: left,
                },
            )),
        }
    }

    /// Counts steps that take no byte.
    #[inline]
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), At> {
        match self.budget.checked_sub(steps) {
            Some(budget) => {
                self.budget = budget;
                Ok(())
            }
            None => Err(At(self.at, Fault::Empty)),
        }
    }
}

/// The head of a block.
#[derive(Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) items: u64,
    pub(crate) size: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_javas() {
        let int = |bytes: &[u8]| Cursor::new(bytes, 0).int();
        assert_eq!(int(&[0x0A]), Ok(5));
        assert_eq!(int(&[1]), Ok(-1));
        assert_eq!(int(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), Ok(i32::MIN));
        // Bits that an int does not have are dropped.
        assert_eq!(int(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), Ok(i32::MIN));
        assert_eq!(int(&[0x80; 6]), Err(At(0, Fault::LongNumber)));
        assert_eq!(int(&[0x80]), Err(At(0, Fault::Truncated { needed: 1 })));
        let mut out = Vec::new();
        for number in [0, -1, 63, 64, i64::MAX, i64::MIN] {
            out.clear();
            put_long(&mut out, number);
            assert_eq!(Cursor::new(&out, 0).long(), Ok(number));
        }
        assert_eq!(
            Cursor::new(&[0xFF; 11], 0).long(),
            Err(At(0, Fault::LongNumber))
        );
    }

    #[test]
    fn lengths_are_checked_before_they_are_used() {
        let mut huge = Vec::new();
        put_long(&mut huge, i64::MAX);
        assert!(matches!(
            Cursor::new(&huge, 0).prefixed(),
            Err(At(_, Fault::Truncated { .. }))
        ));
        assert_eq!(
            Cursor::new(&[1], 0).prefixed(),
            Err(At(0, Fault::NegativeLength(-1)))
        );
        assert_eq!(
            Cursor::new(&huge, 0).block(1),
            Err(At(0, Fault::Items(i64::MAX as u64)))
        );
        assert_eq!(
            Cursor::new(&huge, 0).block(0),
            Err(At(huge.len(), Fault::Empty))
        );
        put_long(&mut huge, 5);
        huge[0] |= 1; // i64::MIN items
        assert!(matches!(
            Cursor::new(&huge, 0).block(1),
            Err(At(_, Fault::BlockSize { said: 5, had: 0 }))
        ));
        assert_eq!(
            Cursor::new(&[3, 4, 7, 8], 0).block(1),
            Ok(Block {
                items: 2,
                size: Some(2)
            })
        );
    }
}
