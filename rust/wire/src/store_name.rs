//! The names in a request: the store version, and what is to be done with it.
//!
//! They are all that the server keeps of a request when it is over (access decisions have them for
//! keys), so they have a bound before anything else looks at them.

use crate::echoed::Echoed;
use crate::text::Text;

/// Bytes of `resourceName`. No store version has more on disk: the folder of its metadata partition is
/// `<store>_v<N>_1000000000`, and the name of a folder has 255 bytes at most. Venice itself makes
/// store names of up to 128 characters, and puts up to 46 in front of those of system stores.
pub const RESOURCE_BYTES: usize = 244;

/// Bytes of a store's name: those of a resource without `_v` and the longest number.
pub const STORE_BYTES: usize = RESOURCE_BYTES - "_v2147483647".len();

/// Bytes of `method`. A Fast Client sends `GET` and `POST`, as Venice's router does; the longest
/// method that HTTP knows has 17.
pub const METHOD_BYTES: usize = 32;

/// A name that is longer than any can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid request: {field} is {value:?}, and may have {limit} bytes; send {remedy}")]
pub struct LongName {
    field: &'static str,
    value: Echoed,
    limit: usize,
    remedy: &'static str,
}

/// Refuses names that are longer than any store version's, or any method's.
#[inline]
pub fn check_names<'a>(resource: impl Into<Text<'a>>, method: &str) -> Result<(), LongName> {
    let resource = resource.into();
    if resource.len() > RESOURCE_BYTES {
        return Err(LongName {
            field: "resourceName",
            value: Echoed::new(resource.as_str()),
            limit: RESOURCE_BYTES,
            remedy: "<store>_v<number>",
        });
    }
    if method.len() > METHOD_BYTES {
        return Err(LongName {
            field: "method",
            value: Echoed::new(method),
            limit: METHOD_BYTES,
            remedy: "GET or POST",
        });
    }
    Ok(())
}

/// Refuses names that are longer than any store's.
pub fn check_store(store: &str) -> Result<(), LongName> {
    if store.len() <= STORE_BYTES {
        return Ok(());
    }
    Err(LongName {
        field: "storeName",
        value: Echoed::new(store),
        limit: STORE_BYTES,
        remedy: "the name of a store, without a version",
    })
}

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
    fn names_have_a_bound() {
        let resource = "r".repeat(RESOURCE_BYTES);
        let method = "m".repeat(METHOD_BYTES);
        assert_eq!(check_names(&resource, &method), Ok(()));
        assert_eq!(check_names("", ""), Ok(()));
        let text = |resource: &str, method: &str| {
            let error = check_names(resource, method).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            text(&"r".repeat(4_000_000), "GET"),
            format!(
                "Invalid request: resourceName is \"{}\" (the first 200 of 4000000 bytes), and may \
                 have 244 bytes; send <store>_v<number>",
                "r".repeat(200)
            )
        );
        assert_eq!(
            text("s_v1", &(method + "m")),
            format!(
                "Invalid request: method is \"{}\", and may have 32 bytes; send GET or POST",
                "m".repeat(33)
            )
        );
    }

    #[test]
    fn names_of_stores_have_a_bound() {
        let name = "s".repeat(STORE_BYTES);
        assert_eq!(check_store(&name), Ok(()));
        assert_eq!(
            check_store(&(name + "s")).unwrap_err().to_string(),
            format!(
                "Invalid request: storeName is \"{}\" (the first 200 of 233 bytes), and may have 232 bytes; send the \
                 name of a store, without a version",
                "s".repeat(200)
            )
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
