//! Values as they were before they were compressed, within a bound that is known before memory is taken.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use venice_catalog::Compression;
use zstd_safe::DCtx;

/// Contexts of zstd that a thread keeps, each with the dictionary of a store version.
const CONTEXTS: usize = 4;

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
}

/// Decompresses values, one after the other, by one thread.
#[derive(Default)]
pub(crate) struct Decompressor {
    /// The last one used is the last.
    contexts: Vec<(Bytes, DCtx<'static>)>,
}

impl Decompressor {
    /// Appends to `out` what `stored` was before, which has at most `most` bytes.
    pub(crate) fn decompress(
        &mut self,
        strategy: i32,
        dictionary: Option<&Bytes>,
        stored: &[u8],
        most: usize,
        out: &mut Vec<u8>,
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
            Some(Compression::Gzip) => gzip(stored, most, out),
            Some(Compression::ZstdWithDict) => {
                let dictionary = dictionary.ok_or(DecompressError::NoDictionary)?;
                self.zstd(dictionary, stored, most, out)
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
        let context = self.context(dictionary).map_err(failed)?;
        let start = out.len();
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

fn gzip(stored: &[u8], most: usize, out: &mut Vec<u8>) -> Result<(), DecompressError> {
    let start = out.len();
    let mut content = MultiGzDecoder::new(stored).take(most as u64 + 1);
    let read = content.read_to_end(out);
    let size = out.len() - start;
    if size > most {
        return Err(DecompressError::TooLarge { size });
    }
    match read {
        Ok(_) => Ok(()),
        Err(error) => Err(DecompressError::NotCompressed {
            strategy: Compression::Gzip,
            length: stored.len(),
            reason: error.to_string(),
        }),
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
            let done = decompressor.decompress(
                ZSTD_WITH_DICT,
                Some(dictionary),
                &stored,
                value.len(),
                &mut out,
            );
            assert_eq!(done, Ok(()));
            assert_eq!(out, [&b"before"[..], value].concat());
        }
        assert_eq!(decompressor.contexts.len(), CONTEXTS);
        for (strategy, stored) in [(0, value.to_vec()), (GZIP, gzipped(value))] {
            out.truncate(6);
            let done = decompressor.decompress(strategy, None, &stored, value.len(), &mut out);
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
            let refused =
                decompressor.decompress(strategy, Some(&dictionary), &stored, 1000, &mut out);
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
            let refused = decompressor.decompress(strategy, with, stored, 1000, &mut Vec::new());
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
}
