//! Path and query of a request: what is to be done, and with what.

use http::Uri;
use smallvec::SmallVec;
use venice_wire::echoed::Echoed;

use crate::http_form::error::FormError;
use crate::metadata::Question;

/// What can be asked for (`internal/venice-common`, `QueryAction`). The actions of Venice's that are about
/// ingestion (`admin` and others) are for the Java server alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Storage,
    Health,
    Compute,
    Metadata,
    Dictionary,
    StoreProperties,
    CurrentVersion,
}

impl Action {
    const ALL: [(&'static str, Action); 7] = [
        ("storage", Action::Storage),
        ("health", Action::Health),
        ("compute", Action::Compute),
        ("metadata", Action::Metadata),
        ("dictionary", Action::Dictionary),
        ("store_properties", Action::StoreProperties),
        ("current_version", Action::CurrentVersion),
    ];

    /// The action that a path begins with, in upper or lower case; `None` if it is none.
    pub(crate) fn of(uri: &Uri) -> Option<Action> {
        let name = uri.path().strip_prefix('/')?.split('/').next()?;
        let is_it = |(action, _): &&(&str, Action)| action.eq_ignore_ascii_case(name);
        Action::ALL.iter().find(is_it).map(|(_, action)| *action)
    }

    /// Their names.
    fn names() -> String {
        Action::ALL.map(|(name, _)| name).join(", ")
    }
}

/// What a plain single get begins with.
const PLAIN_GET: &str = "/storage/";

/// A path and its query, cut at each `/`.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    whole: &'a str,
    /// The first is what stands before the path: nothing.
    parts: SmallVec<[&'a str; 8]>,
}

/// A read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SingleGet<'a> {
    /// `<store>_v<N>`.
    pub(crate) resource: &'a str,
    pub(crate) partition: i32,
    /// In the form of [`venice_wire::key_string`].
    pub(crate) key_string: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Target<'a> {
        Target::of_text(uri.path_and_query().map_or("/", |both| both.as_str()))
    }

    /// A single get that is written as most are: with letters, digits and few signs, so that the text is the URI. What is
    /// not, and what is none, is for [`Target::of`].
    pub(crate) fn plain_get(path: &'a [u8]) -> Option<SingleGet<'a>> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~=%?/".contains(byte);
        if !path.iter().all(is_plain) {
            return None;
        }
        let path = std::str::from_utf8(path).ok()?;
        let (begin, rest) = path.split_at_checked(PLAIN_GET.len())?;
        if !begin.eq_ignore_ascii_case(PLAIN_GET) || rest.split('/').count() != 3 {
            return None;
        }
        Target::of_text(path).single_get().ok()
    }

    fn of_text(whole: &'a str) -> Target<'a> {
        let mut parts: SmallVec<[&str; 8]> = whole.split('/').collect();
        // As `String.split`: nothing is behind the last `/`.
        while parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
        Target { whole, parts }
    }

    /// `/storage/<store>_v<N>/<partition>/<key>`, with `?f=b64` behind a key in base64.
    pub(crate) fn single_get(&self) -> Result<SingleGet<'a>, FormError> {
        let [_, _, resource, partition, key_string] = self.parts[..] else {
            return Err(self.wrong_parts("Not a valid request for a STORAGE action: "));
        };
        let number = partition.parse();
        Ok(SingleGet {
            resource,
            partition: number.map_err(|_| FormError::Partition(Echoed::new(partition)))?,
            key_string,
        })
    }

    /// `/storage/<store>_v<N>`, and the same of `compute`: the store version.
    pub(crate) fn batch(&self) -> Result<&'a str, FormError> {
        let [_, _, resource] = self.parts[..] else {
            return Err(self.wrong_parts("Invalid request: "));
        };
        Ok(resource)
    }

    /// What is asked of a store beside its records, by an action that is about that.
    pub(crate) fn question(&self, action: Action) -> Result<Question<'a>, FormError> {
        let parts = &self.parts[..];
        Ok(match (action, parts) {
            (Action::Health, _) => Question::Health,
            (Action::Metadata, [_, _, store]) => Question::Metadata { store },
            (Action::Dictionary, [_, _, store, version]) => Question::Dictionary {
                store,
                version: version
                    .parse()
                    .map_err(|_| FormError::Version(Echoed::new(version)))?,
            },
            (Action::StoreProperties, [_, _, store]) => Question::StoreProperties {
                store,
                largest_known: None,
            },
            (Action::StoreProperties, [_, _, store, known]) => Question::StoreProperties {
                store,
                largest_known: Some(
                    known
                        .parse()
                        .map_err(|_| FormError::SchemaId(Echoed::new(known)))?,
                ),
            },
            (Action::CurrentVersion, [_, _, store]) => Question::CurrentVersion { store },
            (Action::Dictionary, _) => {
                return Err(self.wrong_parts("Not a valid request for a DICTIONARY action: "));
            }
            (Action::StoreProperties, _) => {
                return Err(self.wrong_parts("not a valid request for a Store Properties action: "));
            }
            // What Venice says of current versions too.
            (Action::Metadata | Action::CurrentVersion | Action::Storage | Action::Compute, _) => {
                return Err(self.wrong_parts("not a valid request for a METADATA action: "));
            }
        })
    }

    fn wrong_parts(&self, text: &'static str) -> FormError {
        FormError::Parts {
            text,
            target: Echoed::new(self.whole),
        }
    }

    /// What is said of a method that no action has.
    pub(crate) fn wrong_method(&self) -> FormError {
        FormError::Method {
            actions: Action::names(),
            target: Echoed::new(self.whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn actions_have_names_in_any_case() {
        for (text, action) in [
            ("/storage/s_v1", Some(Action::Storage)),
            ("/STORAGE/s_v1", Some(Action::Storage)),
            ("/Storage", Some(Action::Storage)),
            ("http://host:1/storage/s_v1", Some(Action::Storage)),
            ("/health", Some(Action::Health)),
            ("/Compute/s_v1", Some(Action::Compute)),
            ("/HEALTH/?a=b", Some(Action::Health)),
            ("/", None),
            ("/storages/s_v1", None),
            ("//storage/s_v1", None),
            ("/admin/s_v1/dump_server_configs", None),
            ("*", None),
        ] {
            assert_eq!(Action::of(&uri(text)), action, "{text}");
        }
    }

    #[test]
    fn a_get_has_a_partition_and_a_key() {
        let get = |text: &str| {
            let uri = uri(text);
            let get = Target::of(&uri).single_get();
            get.map(|get| {
                (
                    get.resource.to_owned(),
                    get.partition,
                    get.key_string.to_owned(),
                )
            })
        };
        let expected = |partition, key: &str| Ok(("s_v1".to_owned(), partition, key.to_owned()));
        assert_eq!(get("/storage/s_v1/3/AQI=?f=b64"), expected(3, "AQI=?f=b64"));
        assert_eq!(get("/storage/s_v1/3/a%2Fb"), expected(3, "a%2Fb"));
        assert_eq!(get("/storage/s_v1/-1/?f=b64"), expected(-1, "?f=b64"));
        assert_eq!(get("http://h/storage/s_v1/+0/k//"), expected(0, "k"));
        for text in ["/storage/s_v1/3/", "/storage/s_v1", "/storage/s_v1/3/a/b"] {
            let error = get(text).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("Not a valid request for a STORAGE action: {text}")
            );
        }
        assert_eq!(
            get("/storage/s_v1/2147483648/k").unwrap_err().to_string(),
            "partition is \"2147483648\"; send a decimal number: \
             /storage/<store>_v<number>/<partition>/<key>"
        );
    }

    /// What is taken for a plain get is the get that the URI is.
    #[test]
    fn a_plain_get_is_what_its_uri_says() {
        for text in [
            "/storage/s_v1/3/AQI=?f=b64",
            "/STORAGE/s_v1/-3/a%2Fb",
            "/storage/s_v1/0/a?f=b64?x=y",
            "/storage/s?_v1/0/a",
        ] {
            let parsed = uri(text);
            assert_eq!(Action::of(&parsed), Some(Action::Storage), "{text}");
            let get = Target::of(&parsed).single_get().ok();
            assert!(get.is_some(), "{text}");
            assert_eq!(Target::plain_get(text.as_bytes()), get, "{text}");
        }
        for text in [
            "",
            "/",
            "/storage",
            "/storage/",
            "/storage/s_v1",
            "/storage/s_v1/3",
            "/storage/s_v1/3/",
            "/storage/s_v1/3/a/",
            "/storage/s_v1/x/a",
            "/storage/s_v1/3/a#b",
            "/storage/s_v1/3/a b",
            "/storage/s_v1/3/\u{e4}",
            "/compute/s_v1/3/a",
            "storage/s_v1/3/a",
            "/storage/s_v1/3/a/b",
            "/storage?/s_v1/3/a",
            "/storage/s_v1/+3/a",
            "/st\u{e4}rage/s/1/a",
        ] {
            assert_eq!(Target::plain_get(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn questions_about_stores_have_their_parts() {
        let question = |text: &str| {
            let uri = uri(text);
            let asked = Target::of(&uri).question(Action::of(&uri).unwrap());
            asked
                .map(|asked| format!("{asked:?}"))
                .map_err(|error| error.to_string())
        };
        let is = |asked: Question<'_>| Ok(format!("{asked:?}"));
        let store = "s";
        assert_eq!(question("/metadata/s"), is(Question::Metadata { store }));
        assert_eq!(question("/METADATA/s/"), is(Question::Metadata { store }));
        let version = 7;
        assert_eq!(
            question("/dictionary/s/7"),
            is(Question::Dictionary { store, version })
        );
        for (text, largest_known) in [
            ("/store_properties/s", None),
            ("/store_properties/s/3", Some(3)),
        ] {
            let asked = Question::StoreProperties {
                store,
                largest_known,
            };
            assert_eq!(question(text), is(asked));
        }
        assert_eq!(
            question("/current_version/s"),
            is(Question::CurrentVersion { store })
        );
        for (text, error) in [
            ("/metadata", "not a valid request for a METADATA action: /metadata"),
            ("/metadata/s/1", "not a valid request for a METADATA action: /metadata/s/1"),
            ("/current_version", "not a valid request for a METADATA action: /current_version"),
            ("/dictionary/s", "Not a valid request for a DICTIONARY action: /dictionary/s"),
            ("/dictionary/s/x", "version is \"x\"; send a decimal number: /dictionary/<store>/<version>"),
            ("/store_properties", "not a valid request for a Store Properties action: /store_properties"),
            (
                "/store_properties/s/x",
                "schema id is \"x\"; send a decimal number: /store_properties/<store>/<largest known schema id>",
            ),
        ] {
            assert_eq!(question(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_batch_has_a_store_version() {
        let batch = |text: &str| Target::of(&uri(text)).batch().map(str::to_owned);
        assert_eq!(batch("/storage/s_v1").as_deref(), Ok("s_v1"));
        assert_eq!(batch("/storage/s_v1/").as_deref(), Ok("s_v1"));
        for text in ["/storage", "/storage/s_v1/3"] {
            let error = batch(text).unwrap_err().to_string();
            assert_eq!(error, format!("Invalid request: {text}"));
        }
        let long = format!("/storage/s_v1/{}", "x".repeat(9000));
        assert!(batch(&long).unwrap_err().to_string().len() < 300);
    }
}
