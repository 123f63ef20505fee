//! A single get as the request that it would be over gRPC.

use venice_wire::request::Request;
use venice_wire::store_name::check_names;

use crate::http_form::target::{SingleGet, Target};

/// What access control is asked for: Venice's server asks for it whatever the method of the request is.
pub(crate) const ACCESS_METHOD: &str = "GET";

/// The request for what a path asks for.
pub(crate) fn message_of(get: SingleGet<'_>) -> Request<'_> {
    Request {
        partition: get.partition,
        key_string: get.key_string.into(),
        resource_name: get.resource.into(),
        method: ACCESS_METHOD,
        ..Request::default()
    }
}

/// The single get that a path is, if it is written as most are, and its names are none that are refused.
pub(crate) fn single_get(path: &[u8]) -> Option<Request<'_>> {
    let request = message_of(Target::plain_get(path)?);
    check_names(request.resource_name, request.method).ok()?;
    Some(request)
}
