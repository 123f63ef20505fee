//! The order in which Java's `HashMap` has its entries, which is the order in which it writes them.

/// `String.hashCode`.
pub(crate) fn hash(text: &str) -> u32 {
    let add = |hash: u32, unit: u16| hash.wrapping_mul(31).wrapping_add(u32::from(unit));
    text.encode_utf16().fold(0, add)
}

/// Puts entries of these hashes of their keys, which were put into a `new HashMap<>()` in this order, into the order of its entries: by bucket, and in
/// one bucket as they came (a bucket of eight entries becomes a tree, which keeps their order too).
pub(crate) fn sort<T>(entries: &mut [T], hash_of: impl Fn(&T) -> u32) {
    let mut buckets = 16u32;
    // It grows when it is filled to three quarters.
    while entries.len() as u64 * 4 > u64::from(buckets) * 3 {
        buckets *= 2;
    }
    entries.sort_by_cached_key(|entry| {
        let hash = hash_of(entry);
        (hash ^ (hash >> 16)) & (buckets - 1)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut keys: Vec<String>) -> Vec<String> {
        sort(&mut keys, |key| hash(key));
        keys
    }

    #[test]
    fn hashes_are_javas() {
        assert_eq!(hash(""), 0);
        assert_eq!(hash("hello"), 99_162_322);
        assert_eq!(hash("Aa"), hash("BB"));
    }

    /// What `new HashMap<>()` of a JVM printed for the same keys.
    #[test]
    fn the_order_is_javas() {
        let keys = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(sorted(keys("dot cos had count")), keys("cos dot count had"));
        assert_eq!(sorted(keys("BB Aa")), keys("BB Aa"));
        assert_eq!(sorted(keys("Aa BB")), keys("Aa BB"));
        let many: Vec<String> = (0..14).map(|n| format!("result{n}")).collect();
        assert_eq!(
            sorted(many),
            keys("result10 result11 result12 result13 result8 result7 result6 result5 result9 result0 result4 result3 result2 result1")
        );
    }
}
