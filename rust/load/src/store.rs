//! What the benchmark's stores hold: `tests/bench/server/BenchStore.java` writes the same.

use std::path::Path;
use std::{fs, io};

/// Keys above this number are in no store.
const MISSING: u64 = 1 << 40;

/// A store version, as a client has to know it.
pub struct Store {
    partitions: Vec<u8>,
    value_bytes: usize,
}

impl Store {
    /// Reads `<data>/<name>.partitions`: one byte for each key, which also says how many there are.
    pub fn open(data: &Path, name: &str, value_bytes: usize) -> io::Result<Store> {
        let file = data.join(format!("{name}.partitions"));
        let partitions = fs::read(&file).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", file.display()))
        })?;
        if partitions.is_empty() {
            let text = format!("{} is empty", file.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(Store {
            partitions,
            value_bytes,
        })
    }

    /// How many keys there are; never 0.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> u64 {
        self.partitions.len() as u64
    }

    /// The length of each value.
    pub fn value_bytes(&self) -> usize {
        self.value_bytes
    }

    /// Where a key is. One that is missing is looked for in some partition.
    pub fn partition(&self, number: u64) -> u8 {
        self.partitions[(number % self.len()) as usize]
    }

    /// The key with a number: 16 bytes, in no order.
    pub fn key(&self, number: u64, missing: bool) -> [u8; 16] {
        let number = if missing { number + MISSING } else { number };
        let mut key = [0; 16];
        key[..8].copy_from_slice(&mixed(number).to_be_bytes());
        key[8..].copy_from_slice(&number.to_be_bytes());
        key
    }

    /// The value of the key with a number.
    pub fn value(&self, number: u64) -> Vec<u8> {
        let mut draw = Draw::new(number);
        let words = (0..self.value_bytes.div_ceil(8)).flat_map(|_| draw.next().to_le_bytes());
        words.take(self.value_bytes).collect()
    }

    /// Whether `bytes` is the value of the key with a number.
    pub fn is_value(&self, number: u64, bytes: &[u8]) -> bool {
        bytes == self.value(number)
    }
}

/// Random numbers that Java draws too: Marsaglia's xorshift, from a mixed seed.
pub struct Draw(u64);

impl Draw {
    /// Draws that the seed decides.
    pub fn new(seed: u64) -> Draw {
        Draw(mixed(seed) | 1)
    }

    /// The next number.
    #[allow(clippy::should_implement_trait, reason = "it has no end")]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// The last step of Steele's SplitMix64: every bit of the number decides every bit of the result.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
