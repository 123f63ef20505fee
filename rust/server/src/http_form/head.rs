//! The fields of Venice's requests and answers (`CC/HttpConstants.java`). HTTP does not tell upper case from lower
//! case in names.

use http::header::{HeaderMap, HeaderName};
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
