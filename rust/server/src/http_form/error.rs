//! What is wrong with a request before anything is read. The texts are those of Venice's server
//! (`SRV/listener/RouterRequestHttpHandler.java` and `request/`), where it has one.

use venice_wire::echoed::Echoed;

use crate::config::names::{COMPUTE_ENABLED, MAX_HEADER_BYTES, RECEIVE_TIMEOUT};
use crate::observe::reasons;

/// Why a request has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// A request over HTTP/1.1 without the field that each has (RFC 9112, section 3.2).
    #[error("the field Host is missing; send it with the name of the host, and the port if it is not the usual one, as HTTP/1.1 asks for")]
    NoHost,
    /// The same, with several.
    #[error("the field Host is there {0} times; send it once, with the name of the host")]
    ManyHosts(usize),
    /// The same, with a value that names none.
    #[error("Host is {0:?}; send the name of the host, and the port if it is not the usual one: venice.example:8080")]
    Host(Echoed),
    /// A request over HTTP/1.1 that ends in two places (RFC 9112, section 6.1).
    #[error("Content-Length and Transfer-Encoding are both there, so the request has two ends; send one of them")]
    BothLengths,
    /// The same, by one field.
    #[error("Content-Length is there more than once; send it once")]
    ManyLengths,
    /// The same, by the other.
    #[error("Transfer-Encoding is there more than once; send it once, with the value chunked")]
    ManyCodings,
    /// A size of the body that is none, or larger than a body can be.
    #[error("Content-Length is {0:?}; send it as one decimal number without a sign")]
    Length(Echoed),
    /// A body whose end is not known (RFC 9112, section 6.3).
    #[error("Transfer-Encoding is {0:?}, of which chunked is not the last, or not once; send chunked alone, or Content-Length")]
    Coding(Echoed),
    /// A body whose end is known, and whose bytes are not.
    #[error("Transfer-Encoding is {0:?}; this server knows chunked alone")]
    UnknownCoding(Echoed),
    /// A line of the head that others may see as two, or two that others may see as one (section 2.2).
    #[error("the head has a line end that is not CR LF; end each line with these two bytes")]
    LineEnd,
    /// A line that goes on in the next (section 5.2).
    #[error("a line of the head begins with white space; write each field in one line")]
    Folded,
    /// A request over HTTP/1.1 that does not begin with a method (RFC 9112, section 3).
    #[error("the request begins with {0:?}, which is no method of HTTP; send GET or POST; if these are bytes of TLS, this port has none")]
    NoMethod(Echoed),
    /// The same, with something else than a path behind the method.
    #[error("{0:?} has no target that can be read; send a path: GET /storage/<store>_v<number>/<partition>/<key> HTTP/1.1")]
    NoTarget(Echoed),
    /// The same, with no version that is spoken here.
    #[error("{0:?} does not end with a version of HTTP that is spoken here; send HTTP/1.1")]
    NoVersion(Echoed),
    /// The target is longer than any may be.
    #[error(
        "the target of the request has more than {limit} bytes; ask with shorter keys, or by POST"
    )]
    LongTarget {
        /// Its bytes.
        limit: usize,
    },
    /// The head has more bytes than it may have.
    #[error("the head of the request has more than {limit} bytes (setting {MAX_HEADER_BYTES}, and at least 8192); send fewer or shorter fields, or raise the setting")]
    LargeHead {
        /// Its bytes.
        limit: usize,
    },
    /// The head has more fields than it may have.
    #[error("the head of the request has more than {limit} fields; send fewer")]
    ManyFields {
        /// How many it may have.
        limit: usize,
    },
    /// The head did not come in time.
    #[error("the head of the request did not arrive within {millis} ms (setting {RECEIVE_TIMEOUT}); send it faster, or raise the setting")]
    LateHead {
        /// How long it had, from its first byte on.
        millis: u128,
    },
    /// The client ended what it sends in the midst of a head.
    #[error("the head of the request ended before its empty line; send it whole, then close")]
    CutHead,
    /// The client ended its sending behind the request, and may be gone.
    #[error("the client ended its sending behind the request, and {millis} ms later (setting {RECEIVE_TIMEOUT}) there was no answer; keep the connection open both ways until it is there, or raise the setting")]
    SaidAll {
        /// How long it was worked at after that.
        millis: u128,
    },
    /// A byte that names of fields do not have (section 5.1).
    #[error("the name of a field is empty or has a byte that names do not have, such as white space before the colon; send name, colon, value")]
    FieldName,
    /// A byte that their values do not have (RFC 9110, section 5.5).
    #[error("the value of a field has a byte that values do not have, such as NUL or a CR; leave it out, or encode it")]
    FieldValue,
    /// A body in chunks, of a version that has none (section 6.1).
    #[error("Transfer-Encoding is there in a request of HTTP/1.0, which has none; send Content-Length, or speak HTTP/1.1")]
    OldCoding,
    /// A head of which two readers here think differently.
    #[error("where the body of the request ends is not clear; send Content-Length once, or Transfer-Encoding: chunked")]
    Unclear,
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
    /// A method that computing has not.
    #[error("Only support POST method for COMPUTE")]
    OnlyPost,
    /// Nothing is computed here.
    #[error("read compute is switched off on this server (setting {COMPUTE_ENABLED}); ask another, or change the setting")]
    ComputeOff,
    /// An API version of requests to compute that there is not.
    #[error("Compute API version {received} is invalid. Latest version is {latest}")]
    ComputeVersion {
        /// The last one that there is; the first is 1.
        latest: i32,
        /// As it came.
        received: Echoed,
    },
    /// The id of the schema that values are to be read with is no number.
    #[error(
        "X-VENICE-COMPUTE-VALUE-SCHEMA-ID is {0:?}; send a decimal number, or leave the field out"
    )]
    ValueSchemaId(Echoed),
    /// Another API version.
    #[error("Expected API version: {expected}, but received: {received}")]
    ApiVersion {
        /// The only one there is.
        expected: i32,
        /// As it came.
        received: Echoed,
    },
}

impl FormError {
    /// What it is counted as.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            FormError::LargeHead { .. }
            | FormError::ManyFields { .. }
            | FormError::LongTarget { .. } => reasons::MAX_HEADER_SIZE,
            FormError::LateHead { .. } | FormError::SaidAll { .. } => reasons::RECEIVE_TIMEOUT,
            _ => "unparsable",
        }
    }
}
