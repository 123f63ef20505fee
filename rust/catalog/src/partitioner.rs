//! Which partition a key is in.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use venice_wire::echoed::Echoed;

/// How a version's keys are dealt out: a class of Venice's, with its parameters. It is data for clients, which make an
/// instance of the class; what can be computed here is a [`ComputedPartitioner`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitioner {
    /// The class's full name.
    pub class: String,
    /// Its parameters.
    pub params: BTreeMap<String, String>,
    /// Parts of a partition; 1 in all of today's stores.
    pub amplification_factor: i32,
}

/// A partitioner that is computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputedPartitioner {
    /// `DefaultVenicePartitioner`.
    Default,
}

/// Why a key's partition cannot be computed here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UncomputedPartitioner {
    /// A class of somebody's.
    #[error("the partition of a key is not known here: the partitioner is {class:?}, and the server computes {known} alone")]
    Class {
        /// The class's name.
        class: Echoed,
        /// [`Partitioner::DEFAULT_CLASS`].
        known: &'static str,
    },
    /// Partitions in parts.
    #[error("the partition of a key is not known here: the amplification factor is {factor}, and the server computes partitions for 1 alone")]
    Amplified {
        /// The factor.
        factor: i32,
    },
}

impl Partitioner {
    /// Venice's partitioner for stores that say nothing.
    pub const DEFAULT_CLASS: &'static str =
        "com.linkedin.venice.partitioner.DefaultVenicePartitioner";

    /// What finds partitions of keys, to be asked once for a request.
    ///
    /// # Errors
    ///
    /// For classes that only Java has, and for amplification factors other than 1.
    pub fn computed(&self) -> Result<ComputedPartitioner, UncomputedPartitioner> {
        if self.class != Self::DEFAULT_CLASS {
            return Err(UncomputedPartitioner::Class {
                class: Echoed::new(&self.class),
                known: Self::DEFAULT_CLASS,
            });
        }
        if self.amplification_factor != 1 {
            return Err(UncomputedPartitioner::Amplified {
                factor: self.amplification_factor,
            });
        }
        Ok(ComputedPartitioner::Default)
    }
}

impl Default for Partitioner {
    fn default() -> Self {
        Self {
            class: Self::DEFAULT_CLASS.to_owned(),
            params: BTreeMap::new(),
            amplification_factor: 1,
        }
    }
}

impl ComputedPartitioner {
    /// The partition of a key, from 0 to `partitions - 1`. The chunk suffix is no part of the key.
    pub fn partition_of(self, key: &[u8], partitions: i32) -> i32 {
        match self {
            Self::Default => partition_of(key, partitions),
        }
    }
}

/// The partition of a key by `DefaultVenicePartitioner`, from 0 to `partitions - 1`: its MD5 as an unsigned big-endian
/// number, modulo the number of partitions, which is at least 1. The chunk suffix is no part of the key.
///
/// Java takes the remainder byte by byte in an `int`, which gives the same up to 2²³ partitions.
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    let digest: [u8; 16] = Md5::digest(key).into();
    let partitions = u128::from(partitions.unsigned_abs().max(1));
    // Less than `partitions`, which is an i32.
    (u128::from_be_bytes(digest) % partitions) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::PARTITIONS;

    /// What Java's `MessageDigest` and `BigInteger` give.
    #[test]
    fn keys_are_where_venice_has_them() {
        // MD5 of nothing: d41d8cd98f00b204e9800998ecf8427e.
        assert_eq!(partition_of(b"", 16), 14);
        assert_eq!(partition_of(b"", 1), 0);
        // MD5 of "a": 0cc175b9c0f1b6a831c399e269772661.
        assert_eq!(partition_of(b"a", 256), 0x61);
        assert_eq!(
            partition_of(b"a", 1000),
            (0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661_u128 % 1000) as i32
        );
        assert_eq!(partition_of(b"a", i32::MAX), {
            (0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661_u128 % 0x7fff_ffff) as i32
        });
    }

    /// Java's loop, in numbers that wrap as its `int` does.
    #[test]
    fn javas_arithmetic_gives_the_same() {
        for number in 0..2_000_i32 {
            let key = number.to_le_bytes();
            let partitions = 1 + number.wrapping_mul(7919).rem_euclid(PARTITIONS);
            let digest: [u8; 16] = Md5::digest(key).into();
            let modulo = digest.iter().fold(0i32, |modulo, byte| {
                modulo.wrapping_mul(256).wrapping_add(i32::from(*byte)) % partitions
            });
            assert_eq!(partition_of(&key, partitions), modulo.abs(), "{partitions}");
        }
    }

    #[test]
    fn what_is_computed() {
        let default = Partitioner::default().computed().unwrap();
        assert_eq!(default.partition_of(b"a", 256), 0x61);
        let text = |partitioner: Partitioner| partitioner.computed().unwrap_err().to_string();
        assert_eq!(
            text(Partitioner {
                class: "com.example.ByCountry".to_owned(),
                ..Partitioner::default()
            }),
            "the partition of a key is not known here: the partitioner is \"com.example.ByCountry\", and the server \
             computes com.linkedin.venice.partitioner.DefaultVenicePartitioner alone"
        );
        assert_eq!(
            text(Partitioner {
                amplification_factor: 2,
                ..Partitioner::default()
            }),
            "the partition of a key is not known here: the amplification factor is 2, and the server computes partitions \
             for 1 alone"
        );
    }
}
