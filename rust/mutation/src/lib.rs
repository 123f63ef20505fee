//! Fuzzing that runs in every test run: seeds and changes of them, the same each time.
//!
//! It finds less than libFuzzer (`rust/fuzz`), which sees what the code does with an input, and it
//! needs nothing but the compiler. Both feed the same functions.

use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::PathBuf;

/// Numbers that decoders trip over: ends of ranges, in the encodings that lie next to them.
const NUMBERS: [&[u8]; 12] = [
    &[0],
    &[0x7F],
    &[0x80],
    &[0xFF],
    &[0xFF, 0xFF, 0xFF, 0xFF],
    &[0x7F, 0xFF, 0xFF, 0xFF],
    &[0x80, 0, 0, 0],
    // Varints: 2^31 - 1, 2^32 - 1, 2^63 - 1, 2^64 - 1, and one without an end.
    &[0xFF, 0xFF, 0xFF, 0xFF, 7],
    &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
    &[
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    ],
];

/// No input grows longer.
const LONGEST: usize = 8192;

/// Feeds `run` the seeds of `target`, in `rust/fuzz/corpus/<target>`, and `rounds` changes of them.
///
/// # Panics
///
/// If `run` does; the message has the input.
pub fn fuzz(target: &str, rounds: usize, run: impl Fn(&[u8])) {
    fuzz_from(&seeds(target), target, rounds, run);
}

/// The same with seeds of the test's own.
///
/// # Panics
///
/// If `run` does; the message has the input.
pub fn fuzz_from(seeds: &[Vec<u8>], target: &str, rounds: usize, run: impl Fn(&[u8])) {
    for seed in seeds {
        feed(target, seed, &run);
    }
    let mut draw = Draw::new(target);
    for _ in 0..rounds {
        let mut input = seeds[draw.below(seeds.len())].clone();
        for _ in 0..=draw.below(4) {
            change(&mut input, seeds, &mut draw);
        }
        feed(target, &input, &run);
    }
}

/// The seeds of `target`, in the order of their names.
///
/// # Panics
///
/// If there are none.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    // Bazel says where it has put the files.
    let corpus = std::env::var_os("FUZZ_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus")),
        PathBuf::from,
    );
    let folder = corpus.join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!("no seeds in {}: {error}", folder.display());
    });
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    // So that every run draws the same.
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    let read = |path: &PathBuf| fs::read(path).expect("a seed can be read");
    paths.iter().map(read).collect()
}

fn feed(target: &str, input: &[u8], run: &impl Fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let bytes: Vec<String> = input.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!(
            "{target} fails with {:?}; keep this input among its seeds (rust/fuzz/corpus): {}",
            text.unwrap_or("no text"),
            bytes.concat()
        );
    }
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], draw: &mut Draw) {
    let at = draw.below(input.len() + 1);
    let length = draw.below(16).min(input.len() - at);
    match draw.below(8) {
        0 if at < input.len() => input[at] ^= 1 << draw.below(8),
        1 if at < input.len() => input[at] = draw.next() as u8,
        2 => drop(input.drain(at..at + length)),
        3 => {
            let copy = input[at..at + length].to_vec();
            input.splice(at..at, copy);
        }
        4 => {
            let number = NUMBERS[draw.below(NUMBERS.len())];
            let end = (at + number.len()).min(input.len());
            input.splice(at..end, number.iter().copied());
        }
        5 => {
            let number = NUMBERS[draw.below(NUMBERS.len())];
            input.splice(at..at, number.iter().copied());
        }
        6 => {
            let other = &seeds[draw.below(seeds.len())];
            let from = draw.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => input.truncate(at),
    }
    input.truncate(LONGEST);
}

/// Numbers that look random and are the same in each run (xorshift).
struct Draw(u64);

impl Draw {
    fn new(seed: &str) -> Draw {
        let mix = |state: u64, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Draw(seed.bytes().fold(0xCBF2_9CE4_8422_2325, mix))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 16) % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    #[test]
    #[should_panic(
        expected = "record_header fails with \"too long\"; keep this input among its seeds"
    )]
    fn a_failure_is_told_with_its_input() {
        super::fuzz("record_header", 5_000, |bytes| {
            assert!(bytes.len() < 5, "too long");
        });
    }

    #[test]
    fn each_seed_and_as_many_changes_are_fed() {
        let fed = Cell::new(0);
        super::fuzz("record_header", 100, |_| fed.set(fed.get() + 1));
        assert_eq!(fed.get(), 100 + super::seeds("record_header").len());
    }
}
