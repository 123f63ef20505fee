//! Why a request to compute or to count has no answer of its own. What each is to a client is decided by
//! [`crate::read_path::failure`].

use std::sync::Arc;

use venice_avro::{CompileError, Interrupted, SchemaError};
use venice_catalog::UncomputedPartitioner;
use venice_compute::{CountError, EvaluateError, PlanError, RequestError};
use venice_wire::compute_request::ComputeRequestError;
use venice_wire::echoed::Echoed;
use venice_wire::key_records::BatchError;
use venice_wire::message::MessageError;

use crate::config::names::{
    COMPUTE_OPERATIONS, COMPUTE_SCHEMA_BYTES, COMPUTE_VALUE_BYTES, MAX_RESPONSE_BYTES,
};
use crate::observe::reasons;
use crate::read_path::compute::decompress::DecompressError;

/// Why nothing was computed.
#[derive(Debug, thiserror::Error)]
pub enum ComputeFailure {
    /// The message is no request.
    #[error("cannot parse the request: {0}")]
    Message(MessageError),
    /// The body has no `ComputeRequestV3`.
    #[error("cannot parse body as ComputeRequestV3: {0}")]
    Request(ComputeRequestError),
    /// The keys behind it have no meaning.
    #[error(
        "cannot parse the keys behind ComputeRequestV3 as ComputeRouterRequestKeyV1 records: {0}"
    )]
    Keys(BatchError),
    /// More operations, or fields to count, than a request may have.
    #[error(
        "the request has more than {limit} operations or fields (setting {COMPUTE_OPERATIONS}); ask for \
         fewer per request, or raise the setting"
    )]
    TooManyOperations {
        /// Those that it may have.
        limit: usize,
    },
    /// The result schema is longer than it may be.
    #[error(
        "the result schema has {bytes} bytes, and may have {limit} (setting {COMPUTE_SCHEMA_BYTES}); ask for \
         fewer fields, leave out what its fields do not need, or raise the setting"
    )]
    LongResultSchema {
        /// Of its text.
        bytes: usize,
        /// Those that it may have.
        limit: usize,
    },
    /// The result schema is none.
    #[error("cannot parse the result schema: {0}")]
    ResultSchema(SchemaError),
    /// The store's flag. The text is Venice's.
    #[error("Read compute is not enabled for the store. Please contact Venice team to enable the feature.")]
    NotEnabled,
    /// Nothing is known here of the store.
    #[error(
        "the server has no description of the store of {0:?}, and so no schemas; hand it one (docs/metadata.md), \
         or ask another server"
    )]
    UnknownStore(Echoed),
    /// Nothing is known here of the store's version.
    #[error(
        "the server's description of the store has no version {0}; hand it one that has it (docs/metadata.md)"
    )]
    UnknownVersion(i32),
    /// The store has no such schema.
    #[error(
        "the store {store:?} has no value schema with the id {id}; ask with the id of one that it has, or hand the server a \
         description that has it (docs/metadata.md)"
    )]
    NoSchema {
        /// Its name.
        store: Echoed,
        /// As asked for, or as stored before a value.
        id: i32,
    },
    /// A schema of the store is none.
    #[error("cannot parse value schema {id} of the store: {error}")]
    StoreSchema {
        /// Its number.
        id: i32,
        /// What is wrong with it.
        error: SchemaError,
    },
    /// The request does not suit the schemas. Texts are Venice's.
    #[error(transparent)]
    Plan(PlanError),
    /// No plan can be made for values of a schema, which an earlier value was told.
    #[error("{0}")]
    Unplanned(Arc<str>),
    /// A value has no result.
    #[error("{} (key {key_index})", evaluate_text(.error))]
    Evaluate {
        /// As in the request.
        key_index: i32,
        /// Why not.
        error: EvaluateError,
    },
    /// A value cannot be decompressed.
    #[error("cannot decompress the value of key {key_index}: {error}")]
    Decompress {
        /// As in the request.
        key_index: i32,
        /// What is wrong with it.
        error: DecompressError,
    },
    /// A value is larger than any may be.
    #[error(
        "the value of key {key_index} has {size} bytes or more, and may have {limit} (setting {COMPUTE_VALUE_BYTES}); \
         read it by a get, or raise the setting"
    )]
    LargeValue {
        /// As in the request.
        key_index: i32,
        /// Bytes that it has at least.
        size: usize,
        /// Those that it may have.
        limit: usize,
    },
    /// Fields cannot be counted.
    #[error(transparent)]
    Count(CountError),
    /// Fields have more values than may be counted.
    #[error(
        "the fields have so many values that counting them takes more than {limit} bytes (setting {MAX_RESPONSE_BYTES}); \
         count fields of fewer values, or over fewer keys, or raise the setting"
    )]
    TooManyCounts {
        /// Bytes that counting may take.
        limit: usize,
    },
    /// Where a key is, is not known here.
    #[error(
        "{0}; countByValue is for stores of that partitioner: ask for the values, by a batch get or compute, which name \
         partitions, and count them in the client"
    )]
    Partitioner(#[from] UncomputedPartitioner),
    /// The client's deadline passed while it was worked at, or before.
    #[error("the deadline of the call passed before everything was computed")]
    Late,
    /// A plan takes longer than a turn: it is made elsewhere (`read_path/compute/pool.rs`), and nobody is told.
    #[error("a plan takes longer than a turn")]
    LongPlan,
    /// It was given up, as its time was up or the server stops.
    #[error(transparent)]
    Interrupted(Interrupted),
}

/// The text without the number of the value, which the request does not know.
fn evaluate_text(error: &EvaluateError) -> String {
    match error {
        EvaluateError::Read { error, .. } => error.to_string(),
        EvaluateError::Interrupted { .. } => Interrupted.to_string(),
        EvaluateError::Unfit {
            field,
            type_name,
            found,
            ..
        } => format!(
            "Not in {type_name}: {found} (field {:?})",
            Echoed::new(field)
        ),
    }
}

/// Whose fault a failure is, as far as codes tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request is none, or larger than one may be.
    Request,
    /// The store does not allow it.
    NotEnabled,
    /// Time was up.
    Late,
    /// Anything else.
    Other,
}

impl ComputeFailure {
    pub(crate) fn fault(&self) -> Fault {
        match self {
            ComputeFailure::Message(_)
            | ComputeFailure::Request(_)
            | ComputeFailure::Keys(_)
            | ComputeFailure::TooManyOperations { .. }
            | ComputeFailure::LongResultSchema { .. }
            | ComputeFailure::Count(
                CountError::NoNames
                | CountError::EmptyName
                | CountError::NoField(_)
                | CountError::NoScalar { .. }
                | CountError::NoTop(_),
            ) => Fault::Request,
            ComputeFailure::NotEnabled => Fault::NotEnabled,
            ComputeFailure::Late => Fault::Late,
            _ => Fault::Other,
        }
    }

    /// What it is counted as.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            ComputeFailure::TooManyOperations { .. } => reasons::MAX_OPERATIONS,
            ComputeFailure::LongResultSchema { .. } => reasons::MAX_RESULT_SCHEMA,
            ComputeFailure::LargeValue { .. } => reasons::MAX_VALUE,
            ComputeFailure::TooManyCounts { .. } => reasons::MAX_RESPONSE_SIZE,
            ComputeFailure::UnknownStore(_) | ComputeFailure::UnknownVersion(_) => {
                "compute_no_description"
            }
            failure => match failure.fault() {
                Fault::Request => "unparsable",
                Fault::NotEnabled => "compute_not_enabled",
                Fault::Late => "deadline",
                Fault::Other => "compute_error",
            },
        }
    }
}

impl From<PlanError> for ComputeFailure {
    fn from(error: PlanError) -> ComputeFailure {
        match error {
            PlanError::Request(RequestError::Interrupted(interrupted))
            | PlanError::Schemas(CompileError::Interrupted(interrupted)) => {
                ComputeFailure::Interrupted(interrupted)
            }
            error => ComputeFailure::Plan(error),
        }
    }
}

impl From<CountError> for ComputeFailure {
    fn from(error: CountError) -> ComputeFailure {
        match error {
            CountError::Schemas(CompileError::Interrupted(interrupted)) => {
                ComputeFailure::Interrupted(interrupted)
            }
            CountError::TooMany { limit } => ComputeFailure::TooManyCounts { limit },
            error => ComputeFailure::Count(error),
        }
    }
}

impl From<ComputeRequestError> for ComputeFailure {
    fn from(error: ComputeRequestError) -> ComputeFailure {
        match error {
            ComputeRequestError::LongResultSchema { bytes, limit } => {
                ComputeFailure::LongResultSchema { bytes, limit }
            }
            ComputeRequestError::TooManyOperations { limit } => {
                ComputeFailure::TooManyOperations { limit }
            }
            error => ComputeFailure::Request(error),
        }
    }
}
