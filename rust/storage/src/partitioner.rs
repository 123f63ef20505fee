//! Which partition a key is in: `DefaultVenicePartitioner`.

use md5::{Digest, Md5};

/// The partition of a key, from 0 to `partitions - 1`: its MD5 as an unsigned big-endian number, modulo the
/// number of partitions, which is at least 1. The chunk suffix is no part of the key.
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    let digest: [u8; 16] = Md5::digest(key).into();
    let partitions = u128::from(partitions.unsigned_abs().max(1));
    // Less than `partitions`, which is an i32.
    (u128::from_be_bytes(digest) % partitions) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
