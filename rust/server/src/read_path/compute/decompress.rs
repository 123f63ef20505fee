//! Values as they were before they were compressed, within a bound that is known before memory is taken, and a part at a time:
//! between two it is asked whether anybody still waits.

use std::io::{self, BufRead, Read};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use venice_avro::{Interrupted, Pace};
use venice_catalog::Compression;
use zstd_safe::{DCtx, InBuffer, OutBuffer};

/// Contexts of zstd that a thread keeps, each with the dictionary of a store version.
const CONTEXTS: usize = 4;

/// Bytes that are decompressed before it is asked: a millisecond or so.
const STEP_BYTES: usize = 256 * 1024;
/// Bytes of a stored value that gzip is given at a time: it is asked after 64 of these, should nothing come of them.
const STEP_STORED: usize = 16 * 1024;
/// What is done in a step, so that it is asked ([`Pace::did`]).
const STEP_WORK: usize = 8192;

/// Why a value cannot be decompressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecompressError {
    /// No value is compressed so.
    #[error("compression strategy {0} is none of 0 (NO_OP), 1 (GZIP) and 3 (ZSTD_WITH_DICT)")]
    UnknownStrategy(i32),
    /// There is no dictionary.
    #[error(
        "ZSTD_WITH_DICT needs the dictionary of the store version, and neither its state on disk nor the server's \
         description of the store has one; hand it a description that has it (docs/metadata.md)"
    )]
    NoDictionary,
    /// The bytes are no value of this strategy and dictionary.
    #[error("its {length} bytes are not compressed by {strategy}: {reason}")]
    NotCompressed {
        /// The strategy's name.
        strategy: Compression,
        /// Bytes of the value as stored.
        length: usize,
        /// What the library said.
        reason: String,
    },
    /// It would be larger than any value may be.
    #[error("it has {size} bytes")]
    TooLarge {
        /// Bytes that it has at least.
        size: usize,
    },
    /// Nobody waits for it any more.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Decompresses values, one after the other, by one thread.
#[derive(Default)]
pub(crate) struct Decompressor {
    /// The last one used is the last.
    contexts: Vec<(Bytes, DCtx<'static>)>,
}

impl Decompressor {
    /// Appends to `out` what `stored` was before, which has at most `most` bytes. Given up when `pace` says so; then, and
    /// after any other error, a part of it may be there.
    pub(crate) fn decompress(
        &mut self,
        (strategy, dictionary): (i32, Option<&Bytes>),
        stored: &[u8],
        most: usize,
        out: &mut Vec<u8>,
        pace: &Pace<'_>,
    ) -> Result<(), DecompressError> {
        let known = Compression::ALL
            .into_iter()
            .find(|one| one.id() == strategy);
        match known {
            Some(Compression::NoOp) if stored.len() > most => {
                Err(DecompressError::TooLarge { size: stored.len() })
            }
            Some(Compression::NoOp) => {
                out.extend_from_slice(stored);
                Ok(())
            }
            Some(Compression::Gzip) => gzip(stored, most, out, pace),
            Some(Compression::ZstdWithDict) => {
                let dictionary = dictionary.ok_or(DecompressError::NoDictionary)?;
                self.zstd(dictionary, stored, most, out, pace)
            }
            Some(Compression::Zstd) | None => Err(DecompressError::UnknownStrategy(strategy)),
        }
    }

    fn zstd(
        &mut self,
        dictionary: &Bytes,
        stored: &[u8],
        most: usize,
        out: &mut Vec<u8>,
        pace: &Pace<'_>,
    ) -> Result<(), DecompressError> {
        let refused = |reason: &str| DecompressError::NotCompressed {
            strategy: Compression::ZstdWithDict,
            length: stored.len(),
            reason: reason.to_owned(),
        };
        // As Venice's own does, it relies on the size in the frame, which is looked at before memory is taken.
        let size = match zstd_safe::get_frame_content_size(stored) {
            Ok(Some(size)) => usize::try_from(size).unwrap_or(usize::MAX),
            Ok(None) => return Err(refused("the frame does not say how large its content is")),
            Err(_) => return Err(refused("it is no frame of zstd")),
        };
        if size > most {
            return Err(DecompressError::TooLarge { size });
        }
        let failed = |code| refused(zstd_safe::get_error_name(code));
        let start = out.len();
        if size > STEP_BYTES {
            // A context of its own, as it keeps what it has decompressed until it goes.
            let mut context = DCtx::create();
            context.load_dictionary(dictionary).map_err(failed)?;
            let mut input = InBuffer::around(stored);
            loop {
                let done = out.len() - start;
                // One byte more finds what is larger than it says.
                let room = (size + 1 - done).min(STEP_BYTES);
                out.resize(start + done + room, 0);
                let mut output = OutBuffer::around(&mut out[start + done..]);
                let left = context.decompress_stream(&mut output, &mut input);
                let written = output.pos();
                out.truncate(start + done + written);
                if left.map_err(failed)? == 0 || done + written > size {
                    break;
                }
                if written == 0 && input.pos() == stored.len() {
                    return Err(refused("it ends too early"));
                }
                pace.did(STEP_WORK)?;
            }
            return match out.len() - start == size && input.pos() == stored.len() {
                true => Ok(()),
                false => Err(refused(
                    "its frame is not as large as it says, or not alone",
                )),
            };
        }
        let context = self.context(dictionary).map_err(failed)?;
        out.resize(start + size, 0);
        let written = context
            .decompress(&mut out[start..], stored)
            .map_err(failed)?;
        out.truncate(start + written);
        Ok(())
    }

    /// The context with this dictionary, which is read once and not for each value.
    fn context(&mut self, dictionary: &Bytes) -> Result<&mut DCtx<'static>, usize> {
        let mut known = self.contexts.iter();
        // The same memory, which is held as long as the context is.
        let is_it = |of: &Bytes| (of.as_ptr(), of.len()) == (dictionary.as_ptr(), dictionary.len());
        match known.position(|(of, _)| is_it(of)) {
            Some(at) => {
                let used = self.contexts.remove(at);
                self.contexts.push(used);
            }
            None => {
                let mut context = DCtx::create();
                context.load_dictionary(dictionary)?;
                if self.contexts.len() == CONTEXTS {
                    self.contexts.remove(0);
                }
                self.contexts.push((dictionary.clone(), context));
            }
        }
        let last = self.contexts.len() - 1;
        Ok(&mut self.contexts[last].1)
    }
}

fn gzip(
    stored: &[u8],
    most: usize,
    out: &mut Vec<u8>,
    pace: &Pace<'_>,
) -> Result<(), DecompressError> {
    let start = out.len();
    let mut content = MultiGzDecoder::new(Stored { rest: stored, pace });
    loop {
        let room = (most + 1 - (out.len() - start)).min(STEP_BYTES);
        let read = content.by_ref().take(room as u64).read_to_end(out);
        let size = out.len() - start;
        if size > most {
            return Err(DecompressError::TooLarge { size });
        }
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => pace.did(STEP_WORK)?,
            Err(error) if is_interrupted(&error) => return Err(Interrupted.into()),
            Err(error) => {
                return Err(DecompressError::NotCompressed {
                    strategy: Compression::Gzip,
                    length: stored.len(),
                    reason: error.to_string(),
                })
            }
        }
    }
}

fn is_interrupted(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.is::<Interrupted>())
}

/// A stored value, a part at a time: it may be made of many members without content.
struct Stored<'a> {
    rest: &'a [u8],
    pace: &'a Pace<'a>,
}

impl BufRead for Stored<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.pace.did(STEP_WORK / 128).map_err(io::Error::other)?;
        Ok(&self.rest[..self.rest.len().min(STEP_STORED)])
    }

    fn consume(&mut self, amount: usize) {
        self.rest = &self.rest[amount..];
    }
}

impl Read for Stored<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut part = self.fill_buf()?;
        let read = part.read(bytes)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;
    use zstd_safe::CCtx;

    use super::*;

    const GZIP: i32 = 1;
    const ZSTD_WITH_DICT: i32 = 3;

    fn gzipped(value: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(value).unwrap();
        gzip.finish().unwrap()
    }

    fn framed(dictionary: &[u8], value: &[u8]) -> Vec<u8> {
        let mut context = CCtx::create();
        context.load_dictionary(dictionary).unwrap();
        let mut out = vec![0; zstd_safe::compress_bound(value.len())];
        let written = context.compress2(&mut out[..], value).unwrap();
        out.truncate(written);
        out
    }

    fn dictionary(text: &str) -> Bytes {
        text.repeat(40).into()
    }

    #[test]
    fn values_are_appended_as_they_were() {
        let mut decompressor = Decompressor::default();
        // More dictionaries than a thread keeps, in turn.
        let dictionaries: Vec<_> = (0..6).map(|i| dictionary(&format!("number {i}"))).collect();
        let value = b"a value with number 3 in it";
        let mut out = b"before".to_vec();
        for dictionary in dictionaries.iter().chain(&dictionaries) {
            let stored = framed(dictionary, value);
            out.truncate(6);
            let pace = Pace::to_the_end();
            let of = (ZSTD_WITH_DICT, Some(dictionary));
            let done = decompressor.decompress(of, &stored, value.len(), &mut out, &pace);
            assert_eq!(done, Ok(()));
            assert_eq!(out, [&b"before"[..], value].concat());
        }
        assert_eq!(decompressor.contexts.len(), CONTEXTS);
        for (strategy, stored) in [(0, value.to_vec()), (GZIP, gzipped(value))] {
            out.truncate(6);
            let pace = Pace::to_the_end();
            let of = (strategy, None);
            let done = decompressor.decompress(of, &stored, value.len(), &mut out, &pace);
            assert_eq!(done, Ok(()));
            assert_eq!(out, [&b"before"[..], value].concat());
        }
    }

    #[test]
    fn what_would_be_too_large_takes_no_memory() {
        let mut decompressor = Decompressor::default();
        let dictionary = dictionary("zeros");
        let bomb = vec![0; 64 << 20];
        for (strategy, stored) in [
            (0, vec![0; 1001]),
            (GZIP, gzipped(&bomb)),
            (ZSTD_WITH_DICT, framed(&dictionary, &bomb)),
        ] {
            let mut out = Vec::new();
            let of = (strategy, Some(&dictionary));
            let pace = Pace::to_the_end();
            let refused = decompressor.decompress(of, &stored, 1000, &mut out, &pace);
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, DecompressError::TooLarge { size } if size > 1000),
                "{strategy}: {refused}"
            );
            assert!(out.capacity() < 64 * 1024, "{strategy}: {}", out.capacity());
        }
    }

    #[test]
    fn what_is_not_compressed_so_is_refused() {
        let mut decompressor = Decompressor::default();
        let dictionary = dictionary("some");
        let mut text = |strategy, with: Option<&Bytes>, stored: &[u8]| {
            let (of, pace) = ((strategy, with), Pace::to_the_end());
            let refused = decompressor.decompress(of, stored, 1000, &mut Vec::new(), &pace);
            refused.unwrap_err().to_string()
        };
        assert!(text(GZIP, None, b"plainly not").contains("11 bytes are not compressed by GZIP"));
        let zstd = text(ZSTD_WITH_DICT, Some(&dictionary), b"plainly not");
        assert!(
            zstd.ends_with("ZSTD_WITH_DICT: it is no frame of zstd"),
            "{zstd}"
        );
        let mut cut = framed(&dictionary, &[7; 100]);
        cut.pop();
        assert!(text(ZSTD_WITH_DICT, Some(&dictionary), &cut).contains("not compressed by"));
        assert!(text(ZSTD_WITH_DICT, None, &cut).contains("needs the dictionary"));
        assert!(text(2, None, b"").starts_with("compression strategy 2 is none of"));
        assert!(text(-7, None, b"").starts_with("compression strategy -7 is none of"));
    }

    /// Content of which no part is as another.
    fn large(bytes: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8 & 0x3f
        };
        std::iter::repeat_with(&mut next).take(bytes).collect()
    }

    #[test]
    fn large_values_are_decompressed_part_by_part_to_the_same() {
        let mut decompressor = Decompressor::default();
        let dictionary = dictionary("large");
        for bytes in [STEP_BYTES, STEP_BYTES + 1, 3 * STEP_BYTES, 1_500_000] {
            for value in [large(bytes), vec![0; bytes]] {
                for (strategy, stored) in [
                    (GZIP, gzipped(&value)),
                    (ZSTD_WITH_DICT, framed(&dictionary, &value)),
                ] {
                    let (of, pace) = ((strategy, Some(&dictionary)), Pace::to_the_end());
                    let mut out = b"before".to_vec();
                    let mut decompress = |stored: &[u8], out: &mut Vec<u8>| {
                        decompressor.decompress(of, stored, bytes, out, &pace)
                    };
                    assert_eq!(decompress(&stored, &mut out), Ok(()));
                    assert!(out[6..] == value[..], "{strategy}, {bytes} bytes");
                    // Cut off, and with something behind it.
                    let cut = &stored[..stored.len() - 1];
                    let longer = [&stored[..], b"x"].concat();
                    for wrong in [cut, &longer] {
                        let refused = decompress(wrong, &mut Vec::new()).unwrap_err();
                        let is_it = matches!(refused, DecompressError::NotCompressed { .. });
                        assert!(is_it, "{strategy}, {bytes} bytes: {refused}");
                    }
                }
            }
        }
    }

    /// Whatever it is that takes long: content, or members without any.
    #[test]
    fn a_value_that_nobody_waits_for_is_given_up_in_its_midst() {
        let mut decompressor = Decompressor::default();
        let dictionary = dictionary("bomb");
        let bomb = vec![0; 16 << 20];
        for (strategy, stored) in [
            (GZIP, gzipped(&bomb)),
            (GZIP, gzipped(b"").repeat(100_000)),
            (ZSTD_WITH_DICT, framed(&dictionary, &bomb)),
        ] {
            let is_over = || true;
            let (of, pace) = ((strategy, Some(&dictionary)), Pace::until(&is_over));
            let mut out = Vec::new();
            let done = decompressor.decompress(of, &stored, bomb.len(), &mut out, &pace);
            assert_eq!(done, Err(DecompressError::Interrupted(Interrupted)));
            assert!(out.len() <= 2 * STEP_BYTES, "{}", out.len());
        }
    }
}
