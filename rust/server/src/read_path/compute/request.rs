//! A request to compute or to count, up to the point where it may be worked at: decoding, access, keys, quota, and
//! whether its store allows it, in this order. All of it on the worker, and none of it keeps anything.

use std::sync::Arc;
use std::time::Duration;

use venice_catalog::{Catalog, Store};
use venice_wire::compute_call::ComputeCall;
use venice_wire::compute_request::{ComputeRequest, Limits};
use venice_wire::count_call::CountCall;
use venice_wire::echoed::Echoed;
use venice_wire::key_records;
use venice_wire::store_name::{check_names, store_name};

use crate::policy::access::PendingAccess;
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::instruments::Instruments;
use crate::read_path::compute::plans::Plans;
use crate::read_path::failure::Failure;
use crate::read_path::stack::{catch_panics, check_access, Admission, Keys, ReadPath};
use crate::read_path::step::{AdmissionStep, ReadStep};
use crate::response::builder::EncodedResponse;

/// What is asked for: to compute, or to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// `compute` of `ReadComputeService`.
    Compute,
    /// `countByValue` of Venice's service.
    Count,
}

/// What access control is asked for when the message does not say: as a Fast Client does for a batch get.
const METHOD: &str = "POST";

/// What all requests share.
#[derive(Clone)]
pub(crate) struct ComputePath {
    pub(crate) read_path: ReadPath,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) plans: Arc<Plans>,
    /// How long a thread works at one request while others wait.
    pub(crate) turn: Duration,
    /// What is counted.
    pub(crate) instruments: Arc<Instruments>,
}

impl ComputePath {
    /// Takes the request in `message` up to the point where it may be worked at, which is said by
    /// [`ReadStep::NeedsDisk`]. With [`AdmissionStep::NeedsAccess`] nothing was done; see [`ReadPath::admit`].
    pub(crate) fn admit<'a>(
        &self,
        what: What,
        message: &[u8],
        admission: &Admission<'a>,
    ) -> AdmissionStep<'a, ReadStep<EncodedResponse>> {
        let admitted = catch_panics(|| match what {
            What::Compute => {
                let call = ComputeCall::decode(message).map_err(ComputeFailure::Message)?;
                Ok(self.admit_call(&call, admission)?.0)
            }
            What::Count => {
                let call = CountCall::decode(message).map_err(ComputeFailure::Message)?;
                self.admit_count(&call, admission)
            }
        });
        match admitted {
            Ok(None) => AdmissionStep::Decided(Ok(ReadStep::NeedsDisk)),
            Ok(Some(pending)) => AdmissionStep::NeedsAccess(pending),
            Err(failure) => AdmissionStep::Decided(Err(failure)),
        }
    }

    /// As above, of a request that was decoded: what is to be awaited, if it is not known whether the client may read; and how
    /// many keys there are.
    pub(crate) fn admit_call<'a>(
        &self,
        call: &ComputeCall<'_>,
        admission: &Admission<'a>,
    ) -> Result<(Option<PendingAccess<'a>>, usize), Failure> {
        check_names(call.resource_name, call.method)?;
        if let Some(pending) = check_access(admission, call.resource_name, call.method)? {
            return Ok((Some(pending), 0));
        }
        let records = self.keys_of(call)?;
        let keys = key_records::count(records, self.read_path.limits.max_batch_keys())
            .map_err(keys_failure)?;
        let which = Keys::Records(records);
        self.charge(admission, call.resource_name, keys, which)?;
        Ok((None, keys))
    }

    fn admit_count<'a>(
        &self,
        call: &CountCall<'_>,
        admission: &Admission<'a>,
    ) -> Result<Option<PendingAccess<'a>>, Failure> {
        check_names(call.resource_name, METHOD)?;
        if let Some(pending) = check_access(admission, call.resource_name, METHOD)? {
            return Ok(Some(pending));
        }
        let limits = &self.read_path.limits;
        let (most_keys, most_fields) = (limits.max_batch_keys(), limits.compute_operations());
        if call.keys > most_keys {
            return Err(Failure::TooManyKeys { limit: most_keys });
        }
        if call.fields > most_fields {
            return Err(ComputeFailure::TooManyOperations { limit: most_fields }.into());
        }
        self.charge(
            admission,
            call.resource_name,
            call.keys,
            Keys::Counted(call),
        )?;
        Ok(None)
    }

    /// The key records behind a request's operations.
    pub(crate) fn keys_of<'m>(&self, call: &ComputeCall<'m>) -> Result<&'m [u8], ComputeFailure> {
        Ok(ComputeRequest::keys_in(call.body, self.limits())?)
    }

    /// How large a request may be.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            operations: self.read_path.limits.compute_operations(),
            result_schema_bytes: self.read_path.limits.compute_schema_bytes(),
        }
    }

    /// Each key is a read, found or not. Then the store: who has no quota left is told that alone.
    fn charge(
        &self,
        admission: &Admission<'_>,
        resource: &str,
        keys: usize,
        which: Keys<'_>,
    ) -> Result<(), Failure> {
        let read_path = &self.read_path;
        read_path.charge(Some(admission), resource, keys as u64, which)?;
        // What is not here is said as of a batch get.
        let here = read_path.registry.store_version(resource);
        here.map_err(Failure::Read)?;
        self.store_of(resource)?;
        Ok(())
    }

    /// The store of a store version, which lets clients compute, and the version's number.
    pub(crate) fn store_of(&self, resource: &str) -> Result<(Arc<Store>, i32), ComputeFailure> {
        let unknown = || ComputeFailure::UnknownStore(Echoed::new(resource));
        let name = store_name(resource).ok_or_else(unknown)?;
        // Behind the name there is `_v`, and a number.
        let number = resource[name.len() + 2..].parse().map_err(|_| unknown())?;
        let store = self.catalog.store(name).ok_or_else(unknown)?;
        if !store.read_compute_enabled {
            return Err(ComputeFailure::NotEnabled);
        }
        Ok((store, number))
    }
}

/// Why key records have no meaning.
pub(crate) fn keys_failure(error: key_records::BatchError) -> Failure {
    match error {
        key_records::BatchError::TooManyKeys { limit } => Failure::TooManyKeys { limit },
        error => ComputeFailure::Keys(error).into(),
    }
}
