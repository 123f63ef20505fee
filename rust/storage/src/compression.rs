//! How the values of a store version are compressed (`CompressionStrategy`, `CompressorFactory`).

use std::io::{Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use zstd_safe::{CCtx, DCtx};

/// Bytes of a decompressed value at most: more is no value, but a mistake or an attack.
const MAX_VALUE: usize = 1 << 30;
/// Bytes of a dictionary that is made here.
const DICTIONARY: usize = 64 * 1024;
/// zstd's own default.
const LEVEL: i32 = 3;

/// A compression strategy of Venice's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Values are as they were written.
    NoOp,
    /// Each is a gzip member.
    Gzip,
    /// Each is a zstd frame, made with the dictionary of the store version.
    ZstdWithDict,
}

impl Strategy {
    /// Venice's name.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::NoOp => "NO_OP",
            Strategy::Gzip => "GZIP",
            Strategy::ZstdWithDict => "ZSTD_WITH_DICT",
        }
    }

    /// The number in a store-version state and in an answer.
    pub fn id(self) -> i32 {
        match self {
            Strategy::NoOp => 0,
            Strategy::Gzip => 1,
            Strategy::ZstdWithDict => 3,
        }
    }

    /// The strategy of a number. 2, zstd without a dictionary, is deprecated, and Venice has no compressor for it.
    pub fn of(id: i32) -> Result<Strategy, CompressionError> {
        match id {
            0 => Ok(Strategy::NoOp),
            1 => Ok(Strategy::Gzip),
            3 => Ok(Strategy::ZstdWithDict),
            _ => Err(CompressionError::UnknownStrategy(id)),
        }
    }
}

/// Why a value cannot be compressed or decompressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompressionError {
    /// No strategy of Venice's has this number.
    #[error("compression strategy {0} is none of 0 (NO_OP), 1 (GZIP) and 3 (ZSTD_WITH_DICT)")]
    UnknownStrategy(i32),
    /// Zstd without its dictionary.
    #[error("ZSTD_WITH_DICT needs the dictionary of the store version; give the folder it is in, or its description")]
    NoDictionary,
    /// The bytes are no value of this strategy and dictionary.
    #[error("a value of {length} bytes is not compressed by {strategy}: {reason}")]
    NotCompressed {
        /// The strategy's name.
        strategy: &'static str,
        /// Bytes of the value as stored.
        length: usize,
        /// What the library said.
        reason: String,
    },
    /// A value is larger than any.
    #[error("a value decompresses to more than {MAX_VALUE} bytes, which no value has")]
    TooLarge,
    /// No dictionary can be made of nothing.
    #[error("there are no values to make a zstd dictionary of; give data with at least one, or another compression")]
    NoSamples,
}

/// Compresses and decompresses the values of one store version.
pub struct Compressor {
    strategy: Strategy,
    zstd: Option<(CCtx<'static>, DCtx<'static>)>,
}

impl Compressor {
    /// The compressor of a strategy, with the dictionary if it needs one.
    pub fn new(
        strategy: Strategy,
        dictionary: Option<&[u8]>,
    ) -> Result<Compressor, CompressionError> {
        if strategy != Strategy::ZstdWithDict {
            return Ok(Compressor {
                strategy,
                zstd: None,
            });
        }
        let dictionary = dictionary.ok_or(CompressionError::NoDictionary)?;
        let bad = |code| CompressionError::NotCompressed {
            strategy: "ZSTD_WITH_DICT",
            length: dictionary.len(),
            reason: zstd_safe::get_error_name(code).to_owned(),
        };
        let mut compress = CCtx::create();
        compress
            .set_parameter(zstd_safe::CParameter::CompressionLevel(LEVEL))
            .map_err(bad)?;
        compress.load_dictionary(dictionary).map_err(bad)?;
        let mut decompress = DCtx::create();
        decompress.load_dictionary(dictionary).map_err(bad)?;
        Ok(Compressor {
            strategy,
            zstd: Some((compress, decompress)),
        })
    }

    /// The strategy.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// A value as it is stored.
    pub fn compress(&mut self, value: &[u8]) -> Result<Vec<u8>, CompressionError> {
        match (&mut self.zstd, self.strategy) {
            (Some((context, _)), _) => {
                // One call: the frame says how long its content is, which Venice's client relies on.
                let mut out = vec![0; zstd_safe::compress_bound(value.len())];
                let written = context.compress2(&mut out[..], value);
                out.truncate(written.map_err(|code| self.refused(value, zstd_error(code)))?);
                Ok(out)
            }
            (None, Strategy::Gzip) => {
                let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
                let written = gzip.write_all(value).and_then(|()| gzip.finish());
                written.map_err(|error| self.refused(value, error.to_string()))
            }
            (None, _) => Ok(value.to_vec()),
        }
    }

    /// A value as it was before it was stored.
    pub fn decompress(&mut self, stored: &[u8]) -> Result<Vec<u8>, CompressionError> {
        match (&mut self.zstd, self.strategy) {
            (Some((_, context)), _) => {
                let size = match zstd_safe::get_frame_content_size(stored) {
                    Ok(Some(size)) => usize::try_from(size).unwrap_or(usize::MAX),
                    Ok(None) => return Err(self.refused(stored, "no content size".to_owned())),
                    Err(_) => return Err(self.refused(stored, "no zstd frame".to_owned())),
                };
                if size > MAX_VALUE {
                    return Err(CompressionError::TooLarge);
                }
                let mut out = vec![0; size];
                let written = context.decompress(&mut out[..], stored);
                out.truncate(written.map_err(|code| self.refused(stored, zstd_error(code)))?);
                Ok(out)
            }
            (None, Strategy::Gzip) => {
                let mut out = Vec::new();
                let mut gzip = MultiGzDecoder::new(stored).take(MAX_VALUE as u64 + 1);
                let read = gzip.read_to_end(&mut out);
                read.map_err(|error| self.refused(stored, error.to_string()))?;
                if out.len() > MAX_VALUE {
                    return Err(CompressionError::TooLarge);
                }
                Ok(out)
            }
            (None, _) => Ok(stored.to_vec()),
        }
    }

    fn refused(&self, value: &[u8], reason: String) -> CompressionError {
        CompressionError::NotCompressed {
            strategy: self.strategy.name(),
            length: value.len(),
            reason,
        }
    }
}

fn zstd_error(code: zstd_safe::ErrorCode) -> String {
    zstd_safe::get_error_name(code).to_owned()
}

/// Makes a zstd dictionary of sample values. Where they are too few to train on, they are the dictionary
/// themselves, which zstd takes as raw content.
pub fn train_dictionary(samples: &[Vec<u8>]) -> Result<Vec<u8>, CompressionError> {
    let content = samples.concat();
    if content.is_empty() {
        return Err(CompressionError::NoSamples);
    }
    let sizes: Vec<usize> = samples.iter().map(Vec::len).collect();
    let mut dictionary = vec![0; DICTIONARY];
    match zstd_safe::train_from_buffer(&mut dictionary[..], &content, &sizes) {
        Ok(length) => {
            dictionary.truncate(length);
            Ok(dictionary)
        }
        Err(_too_few) => Ok(content[..content.len().min(DICTIONARY)].to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Vec<Vec<u8>> {
        let value = |number: u32| format!("{{\"id\": {number}, \"name\": \"value {number}\"}}");
        (0..2000).map(|number| value(number).into_bytes()).collect()
    }

    #[test]
    fn what_is_compressed_is_decompressed() {
        let dictionary = train_dictionary(&values()).unwrap();
        for strategy in [Strategy::NoOp, Strategy::Gzip, Strategy::ZstdWithDict] {
            assert_eq!(Strategy::of(strategy.id()), Ok(strategy));
            let mut compressor = Compressor::new(strategy, Some(&dictionary)).unwrap();
            for value in values().iter().chain([&Vec::new(), &vec![7; 1 << 20]]) {
                let stored = compressor.compress(value).unwrap();
                assert_eq!(&compressor.decompress(&stored).unwrap(), value);
            }
        }
    }

    #[test]
    fn a_trained_dictionary_helps() {
        let dictionary = train_dictionary(&values()).unwrap();
        let mut with = Compressor::new(Strategy::ZstdWithDict, Some(&dictionary)).unwrap();
        let mut gzip = Compressor::new(Strategy::Gzip, None).unwrap();
        let value = &values()[1234];
        let (with, without) = (with.compress(value), gzip.compress(value));
        assert!(with.unwrap().len() < without.unwrap().len());
    }

    #[test]
    fn few_samples_are_a_dictionary_too() {
        let few = [b"abc".to_vec(), b"defg".to_vec()];
        let dictionary = train_dictionary(&few).unwrap();
        let mut compressor = Compressor::new(Strategy::ZstdWithDict, Some(&dictionary)).unwrap();
        let stored = compressor.compress(b"abcdefg").unwrap();
        assert_eq!(compressor.decompress(&stored).unwrap(), b"abcdefg");
        assert_eq!(train_dictionary(&[]), Err(CompressionError::NoSamples));
    }

    #[test]
    fn what_is_not_compressed_is_refused() {
        let dictionary = train_dictionary(&values()).unwrap();
        for (strategy, name) in [
            (Strategy::Gzip, "GZIP"),
            (Strategy::ZstdWithDict, "ZSTD_WITH_DICT"),
        ] {
            let mut compressor = Compressor::new(strategy, Some(&dictionary)).unwrap();
            let error = compressor.decompress(b"plainly not").unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            let mut cut = compressor.compress(&[1; 1000]).unwrap();
            cut.pop();
            assert!(compressor.decompress(&cut).is_err(), "{name}");
        }
        let without = Compressor::new(Strategy::ZstdWithDict, None);
        assert_eq!(without.err(), Some(CompressionError::NoDictionary));
        assert_eq!(Strategy::of(2), Err(CompressionError::UnknownStrategy(2)));
    }
}
