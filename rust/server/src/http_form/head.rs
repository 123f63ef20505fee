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

/// Refuses a batch get whose keys may have another form.
pub(crate) fn check_batch_version(headers: &HeaderMap) -> Result<(), FormError> {
    let Some(value) = headers.get(API_VERSION) else {
        return Err(FormError::NoApiVersion);
    };
    let version = value.to_str().ok().and_then(|text| text.parse().ok());
    if version == Some(MULTI_GET_VERSION) {
        return Ok(());
    }
    Err(FormError::ApiVersion {
        expected: MULTI_GET_VERSION,
        received: Echoed::new(&String::from_utf8_lossy(value.as_bytes())),
    })
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
}
