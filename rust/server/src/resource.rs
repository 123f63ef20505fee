//! `resourceName`: the store version that a request names.

/// The store of a store version, `<store>_v<N>`; `None` for every other name. A store's own name
/// may contain `_v` (`COM/meta/Version.java`, `parseStoreFromKafkaTopicName`).
pub fn store_name(resource: &str) -> Option<&str> {
    let (store, version) = resource.rsplit_once("_v")?;
    let digits = version.bytes().all(|byte| byte.is_ascii_digit());
    (!store.is_empty() && digits && version.parse::<i32>().is_ok()).then_some(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_versions() {
        assert_eq!(store_name("s_v1"), Some("s"));
        assert_eq!(store_name("a_v2_v10"), Some("a_v2"));
        assert_eq!(
            store_name("venice_system_store_x_v3"),
            Some("venice_system_store_x")
        );
    }

    #[test]
    fn everything_else() {
        for name in [
            "",
            "s",
            "_v1",
            "s_v",
            "s_v1x",
            "s_v-1",
            "s_v+1",
            "s_rt",
            "s_v9999999999",
        ] {
            assert_eq!(store_name(name), None, "{name}");
        }
    }
}
