//! What is wrong with a request before anything is read. The texts are those of Venice's server
//! (`SRV/listener/RouterRequestHttpHandler.java` and `request/`), where it has one.

use venice_wire::echoed::Echoed;

/// Why a request has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// A method that no action has.
    #[error(
        "Only able to parse GET or POST requests for actions: {actions}. Cannot parse request for: {target}"
    )]
    Method {
        /// The actions that there are.
        actions: String,
        /// Path and query.
        target: Echoed,
    },
    /// A path of an action with too few or too many parts.
    #[error("{text}{target}")]
    Parts {
        /// What Venice says of this action.
        text: &'static str,
        /// Path and query.
        target: Echoed,
    },
    /// A partition that is no number.
    #[error(
        "partition is {0:?}; send a decimal number: /storage/<store>_v<number>/<partition>/<key>"
    )]
    Partition(Echoed),
    /// A version of a store that is no number.
    #[error("version is {0:?}; send a decimal number: /dictionary/<store>/<version>")]
    Version(Echoed),
    /// A schema id that is no number.
    #[error("schema id is {0:?}; send a decimal number: /store_properties/<store>/<largest known schema id>")]
    SchemaId(Echoed),
    /// No API version where one is asked for.
    #[error("Header: X-VENICE-API-VERSION is missing")]
    NoApiVersion,
    /// Another API version.
    #[error("Expected API version: {expected}, but received: {received}")]
    ApiVersion {
        /// The only one there is.
        expected: i32,
        /// As it came.
        received: Echoed,
    },
}
