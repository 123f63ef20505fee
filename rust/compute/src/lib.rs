//! Read compute: what a client asks to be computed of each key's value, carried out where the values lie.
//!
//! A [`Plan`] is made once of a request, the schema that values were written with and the one that they are read with;
//! an [`Evaluator`] then makes of each value a record of the result schema that the request brought. Semantics, texts and
//! bits are those of Venice's server (`ComputeUtils` and the operators of `com.linkedin.venice.compute`):
//! docs/compute.md says them, and where this crate departs from them.
//!
//! Floats are multiplied on the encoded bytes. Java adds products in one order, which is a chain that a processor cannot
//! shorten; so [`kernel`] works at several keys at a time, one in each lane of a register, each in Java's order.

#![deny(unsafe_code)]

mod check;
mod count_by_value;
mod error_map;
mod evaluate;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod java_numbers;
pub mod kernel;
mod plan;
mod target;
mod texts;

pub use check::{RequestError, ERROR_FIELD};
pub use count_by_value::{CountError, CountPlan, Counts};
pub use evaluate::{EvaluateError, Evaluator};
pub use kernel::Order;
pub use plan::{Plan, PlanError, KINDS};
