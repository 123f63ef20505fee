//! The fields of Venice's requests and answers (`CC/HttpConstants.java`). HTTP does not tell upper case from lower
//! case in names.

use http::header::{HeaderMap, HeaderName, HOST};
use http::uri::Authority;
use http::Version;
use venice_wire::echoed::Echoed;

use crate::http_form::error::FormError;

/// Version of the form of keys.
pub(crate) const API_VERSION: HeaderName = HeaderName::from_static("x-venice-api-version");
/// Whether missing keys have records. That it is there says so, whatever its value.
pub(crate) const STREAMING: HeaderName = HeaderName::from_static("x-venice-streaming");
/// Whether the request is made again; likewise.
pub(crate) const RETRY: HeaderName = HeaderName::from_static("x-venice-retry");
/// The reader schema of a compute request.
pub(crate) const VALUE_SCHEMA_ID: HeaderName =
    HeaderName::from_static("x-venice-compute-value-schema-id");

/// Of answers: the writer schema of a value, or the version of the protocol.
pub(super) const SCHEMA_ID: HeaderName = HeaderName::from_static("x-venice-schema-id");
/// How the values of an answer are compressed.
pub(super) const COMPRESSION_STRATEGY: HeaderName =
    HeaderName::from_static("x-venice-compression-strategy");
/// Read capacity units.
pub(super) const RCU: HeaderName = HeaderName::from_static("x-venice-rcu");
/// What answers to requests with [`STREAMING`] have, with the value `1`.
pub(super) const STREAMING_RESPONSE: HeaderName =
    HeaderName::from_static("x-venice-streaming-response");

/// The only version of the keys of a batch get (`MULTI_GET_ROUTER_REQUEST_V1`).
const MULTI_GET_VERSION: i32 = 1;

/// The last version of requests to compute (`LATEST_SCHEMA_VERSION_FOR_COMPUTE_REQUEST`); all have one form.
const COMPUTE_VERSION: i32 = 3;
/// What a client says that names no schema.
const NO_SCHEMA: i32 = -1;

/// Refuses a batch get whose keys may have another form.
pub(crate) fn check_batch_version(headers: &HeaderMap) -> Result<(), FormError> {
    match number(headers, &API_VERSION) {
        None => Err(FormError::NoApiVersion),
        Some(Ok(MULTI_GET_VERSION)) => Ok(()),
        Some(Ok(_) | Err(())) => Err(FormError::ApiVersion {
            expected: MULTI_GET_VERSION,
            received: echoed(headers, &API_VERSION),
        }),
    }
}

/// Refuses a request to compute that may have another form.
pub(crate) fn check_compute_version(headers: &HeaderMap) -> Result<(), FormError> {
    match number(headers, &API_VERSION) {
        None => Err(FormError::NoApiVersion),
        Some(Ok(1..=COMPUTE_VERSION)) => Ok(()),
        Some(Ok(_) | Err(())) => Err(FormError::ComputeVersion {
            latest: COMPUTE_VERSION,
            received: echoed(headers, &API_VERSION),
        }),
    }
}

/// Refuses a request that does not say once which host it is for: over HTTP/1.1 each does, over HTTP/1.0 it may (RFC 9112,
/// section 3.2). Whom it is for does not matter here; but who stands between a client and this server may look at another
/// of several.
pub(crate) fn check_host(version: Version, headers: &HeaderMap) -> Result<(), FormError> {
    if version > Version::HTTP_11 {
        // HTTP/2 has a pseudo-header for it.
        return Ok(());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.count()) {
        (None, _) if version < Version::HTTP_11 => return Ok(()),
        (None, _) => return Err(FormError::NoHost),
        (Some(host), 0) => host.as_bytes(),
        (Some(_), more) => return Err(FormError::ManyHosts(1 + more)),
    };
    // It is empty where the target has no authority.
    if host.is_empty() || (!host.contains(&b'@') && Authority::try_from(host).is_ok()) {
        return Ok(());
    }
    Err(FormError::Host(echoed(headers, &HOST)))
}

/// The schema that values are to be read with; -1 if the request names none.
pub(crate) fn value_schema_id(headers: &HeaderMap) -> Result<i32, FormError> {
    let id = number(headers, &VALUE_SCHEMA_ID).unwrap_or(Ok(NO_SCHEMA));
    id.map_err(|()| FormError::ValueSchemaId(echoed(headers, &VALUE_SCHEMA_ID)))
}

/// A field that is a decimal number.
fn number(headers: &HeaderMap, name: &HeaderName) -> Option<Result<i32, ()>> {
    let text = headers.get(name)?.to_str();
    Some(
        text.map_err(drop)
            .and_then(|text| text.parse().map_err(drop)),
    )
}

/// A field as it came.
fn echoed(headers: &HeaderMap, name: &HeaderName) -> Echoed {
    let value = headers.get(name).map_or(&b""[..], |value| value.as_bytes());
    Echoed::new(&String::from_utf8_lossy(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_over_http1_names_one_host() {
        let checked = |version, hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, host.parse().unwrap());
            }
            check_host(version, &headers)
        };
        for host in ["venice", "venice.example:8080", "127.0.0.1", "[::1]:80", ""] {
            assert_eq!(checked(Version::HTTP_11, &[host]), Ok(()), "{host}");
            assert_eq!(checked(Version::HTTP_10, &[host]), Ok(()), "{host}");
        }
        assert_eq!(checked(Version::HTTP_11, &[]), Err(FormError::NoHost));
        assert_eq!(checked(Version::HTTP_10, &[]), Ok(()));
        assert_eq!(checked(Version::HTTP_2, &[]), Ok(()));
        for version in [Version::HTTP_10, Version::HTTP_11] {
            let many = checked(version, &["a", "a", "b"]);
            assert_eq!(many, Err(FormError::ManyHosts(3)));
            for host in ["a b", "a@b", "http://a/", "a/b", "a,b c", "[::1"] {
                let error = checked(version, &[host]).unwrap_err().to_string();
                let begins = format!("Host is {host:?}; send the name of the host");
                assert!(error.starts_with(&begins), "{error}");
            }
        }
    }

    #[test]
    fn a_batch_has_version_one() {
        let mut headers = HeaderMap::new();
        assert_eq!(check_batch_version(&headers), Err(FormError::NoApiVersion));
        let mut checked = |version: &'static str| {
            headers.insert(API_VERSION, version.parse().unwrap());
            check_batch_version(&headers)
        };
        // As `Integer.parseInt` reads them.
        assert_eq!(checked("1"), Ok(()));
        assert_eq!(checked("+1"), Ok(()));
        assert_eq!(checked("01"), Ok(()));
        for version in ["0", "2", "-1", "1.0", "one", ""] {
            let text = checked(version).unwrap_err().to_string();
            assert_eq!(
                text,
                format!("Expected API version: 1, but received: {version}")
            );
        }
    }

    #[test]
    fn a_request_to_compute_has_version_one_to_three_and_may_name_a_schema() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            check_compute_version(&headers),
            Err(FormError::NoApiVersion)
        );
        assert_eq!(value_schema_id(&headers), Ok(-1));
        for version in ["1", "2", "3"] {
            headers.insert(API_VERSION, version.parse().unwrap());
            assert_eq!(check_compute_version(&headers), Ok(()));
        }
        for version in ["0", "4", "-1", "x", ""] {
            headers.insert(API_VERSION, version.parse().unwrap());
            let error = check_compute_version(&headers).unwrap_err().to_string();
            let text = format!("Compute API version {version} is invalid. Latest version is 3");
            assert_eq!(error, text);
        }
        for (text, id) in [("7", Some(7)), ("-1", Some(-1)), ("x", None), ("", None)] {
            headers.insert(VALUE_SCHEMA_ID, text.parse().unwrap());
            assert_eq!(value_schema_id(&headers).ok(), id, "{text}");
        }
    }
}
