//! `ComputeRequestV3`, in Avro: what is to be computed of each key's value. The keys follow it without a separator, as
//! records of the form of [`crate::key_records`] (`ComputeRouterRequestKeyV1` has the fields of
//! `MultiGetRouterRequestKeyV1`).
//!
//! ```text
//! operations: array of a union of one branch   -> 00 before each
//!     operationType: int
//!     operation: union of DotProduct, CosineSimilarity, HadamardProduct (field, parameter, resultFieldName), and
//!         Count (field, resultFieldName)
//! resultSchemaStr: string
//! ```

use std::borrow::Cow;

use crate::varint::{unzigzag, unzigzag64, varint, zigzag};

/// What a client asks for. Texts are slices of the request; what is no UTF-8 in them is replaced, as Java does.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputeRequest<'a> {
    /// In the order in which they are carried out.
    pub operations: Vec<Operation<'a>>,
    /// The schema of the records of the answer, as JSON.
    pub result_schema: Cow<'a, str>,
}

/// One operation on each value.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation<'a> {
    /// What is done.
    pub kind: OperationKind,
    /// The field of the value that it is done with.
    pub field: Cow<'a, str>,
    /// The vector that the field's is multiplied with; none for a count.
    pub parameter: Vec<f32>,
    /// The field of the answer.
    pub result_field: Cow<'a, str>,
}

/// The operations, with their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Sum of products.
    DotProduct = 0,
    /// The dot product, divided by both lengths.
    CosineSimilarity = 1,
    /// Products, element by element.
    HadamardProduct = 2,
    /// Items of an array or map.
    Count = 3,
}

/// How large a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Operations of a request.
    pub operations: usize,
    /// Bytes of the result schema's text.
    pub result_schema_bytes: usize,
}

impl Limits {
    /// So many operations, with a result schema of any length.
    pub const fn operations(operations: usize) -> Limits {
        Limits {
            operations,
            result_schema_bytes: usize::MAX,
        }
    }
}

/// Why bytes are no `ComputeRequestV3`. Positions count bytes of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComputeRequestError {
    /// The bytes end inside it.
    #[error("the compute request is cut off: it ends at byte {at}")]
    Truncated {
        /// Bytes of the request.
        at: usize,
    },
    /// A number goes on for longer than its type allows.
    #[error("the compute request has a malformed number at byte {at}")]
    MalformedNumber {
        /// Where it begins.
        at: usize,
    },
    /// A length that cannot be.
    #[error("the compute request has the length {length} at byte {at}")]
    BadLength {
        /// Where it stands.
        at: usize,
        /// As read.
        length: i64,
    },
    /// A union has no such branch.
    #[error("the compute request has the branch {branch} of a union of {branches} at byte {at}")]
    BadBranch {
        /// Where it stands.
        at: usize,
        /// As read.
        branch: i32,
        /// Of the union.
        branches: usize,
    },
    /// The type is none of those there are. The text is Venice's.
    #[error("Compute operation type {0} not supported")]
    UnknownOperation(i32),
    /// The type is that of another operation than the one which follows.
    #[error("operation {index} has the type {declared} and is of the type {carried}")]
    OtherOperation {
        /// Number of the operation, from 0.
        index: usize,
        /// `operationType`.
        declared: i32,
        /// Branch of the union.
        carried: i32,
    },
    /// More operations than a request may have.
    #[error("the compute request has more than {limit} operations")]
    TooManyOperations {
        /// Those that it may have.
        limit: usize,
    },
    /// The result schema is longer than it may be.
    #[error("the result schema has {bytes} bytes, and may have {limit}")]
    LongResultSchema {
        /// Of its text.
        bytes: usize,
        /// Those that it may have.
        limit: usize,
    },
}

const KINDS: [OperationKind; 4] = [
    OperationKind::DotProduct,
    OperationKind::CosineSimilarity,
    OperationKind::HadamardProduct,
    OperationKind::Count,
];

impl<'a> ComputeRequest<'a> {
    /// Decodes a request, and returns the bytes behind it, which are the keys.
    pub fn decode(
        bytes: &'a [u8],
        limits: Limits,
    ) -> Result<(ComputeRequest<'a>, &'a [u8]), ComputeRequestError> {
        let mut avro = Avro { bytes, at: 0 };
        let mut operations = Vec::new();
        // An operation has at least five bytes.
        while let Some(count) = avro.block(5)? {
            if count > limits.operations - operations.len() {
                return Err(ComputeRequestError::TooManyOperations {
                    limit: limits.operations,
                });
            }
            for _ in 0..count {
                operations.push(avro.operation(operations.len())?);
            }
        }
        let request = ComputeRequest {
            operations,
            result_schema: String::from_utf8_lossy(avro.result_schema(limits)?),
        };
        Ok((request, &bytes[avro.at..]))
    }

    /// The bytes behind a request, which are the keys. Nothing is kept of the request itself, whose errors are those of
    /// [`ComputeRequest::decode`].
    pub fn keys_in(bytes: &'a [u8], limits: Limits) -> Result<&'a [u8], ComputeRequestError> {
        let mut avro = Avro { bytes, at: 0 };
        let mut operations = 0;
        while let Some(count) = avro.block(5)? {
            if count > limits.operations - operations {
                return Err(ComputeRequestError::TooManyOperations {
                    limit: limits.operations,
                });
            }
            for _ in 0..count {
                let (declared, carried) = avro.kinds()?;
                avro.skip_text()?;
                if KINDS[carried] != OperationKind::Count {
                    while let Some(count) = avro.block(4)? {
                        avro.take(4 * count)?;
                    }
                }
                avro.skip_text()?;
                check_kind(operations, declared, carried)?;
                operations += 1;
            }
        }
        avro.result_schema(limits)?;
        Ok(&bytes[avro.at..])
    }

    /// Appends the request, as a Fast Client does.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if !self.operations.is_empty() {
            varint(out, 2 * self.operations.len() as u64);
        }
        for operation in &self.operations {
            out.push(0);
            varint(out, zigzag(operation.kind as i32).into());
            varint(out, zigzag(operation.kind as i32).into());
            put_text(out, &operation.field);
            if operation.kind != OperationKind::Count {
                if !operation.parameter.is_empty() {
                    varint(out, 2 * operation.parameter.len() as u64);
                }
                for float in &operation.parameter {
                    out.extend_from_slice(&float.to_le_bytes());
                }
                out.push(0);
            }
            put_text(out, &operation.result_field);
        }
        out.push(0);
        put_text(out, &self.result_schema);
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    varint(out, 2 * text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

struct Avro<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Avro<'a> {
    fn number(&mut self, longest: u32) -> Result<u64, ComputeRequestError> {
        let start = self.at;
        let mut value = 0u64;
        for index in 0..longest {
            let [byte] = self.take(1)? else {
                break;
            };
            // What the last byte has beyond the type's bits is dropped, as Java's shift does.
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ComputeRequestError::MalformedNumber { at: start })
    }

    fn int(&mut self) -> Result<i32, ComputeRequestError> {
        Ok(unzigzag(self.number(5)? as u32))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ComputeRequestError> {
        match self.bytes[self.at..].get(..length) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => Err(ComputeRequestError::Truncated {
                at: self.bytes.len(),
            }),
        }
    }

    fn text(&mut self) -> Result<Cow<'a, str>, ComputeRequestError> {
        Ok(String::from_utf8_lossy(self.skip_text()?))
    }

    /// The bytes of a text, which nobody has looked at.
    fn skip_text(&mut self) -> Result<&'a [u8], ComputeRequestError> {
        let at = self.at;
        let length = unzigzag64(self.number(10)?);
        let bad = ComputeRequestError::BadLength { at, length };
        let length = usize::try_from(length).map_err(|_| bad)?;
        self.take(length)
    }

    fn result_schema(&mut self, limits: Limits) -> Result<&'a [u8], ComputeRequestError> {
        let text = self.skip_text()?;
        let (bytes, limit) = (text.len(), limits.result_schema_bytes);
        match bytes > limit {
            true => Err(ComputeRequestError::LongResultSchema { bytes, limit }),
            false => Ok(text),
        }
    }

    /// The declared type of an operation, and the branch that carries it.
    fn kinds(&mut self) -> Result<(i32, usize), ComputeRequestError> {
        self.branch(1)?;
        Ok((self.int()?, self.branch(KINDS.len())?))
    }

    fn branch(&mut self, branches: usize) -> Result<usize, ComputeRequestError> {
        let at = self.at;
        let branch = self.int()?;
        match usize::try_from(branch) {
            Ok(index) if index < branches => Ok(index),
            _ => Err(ComputeRequestError::BadBranch {
                at,
                branch,
                branches,
            }),
        }
    }

    /// Items of the next block of an array, each of at least `least` bytes; None at the end.
    fn block(&mut self, least: usize) -> Result<Option<usize>, ComputeRequestError> {
        let at = self.at;
        let length = unzigzag64(self.number(10)?);
        if length < 0 {
            // The block's size in bytes, for readers that skip.
            self.number(10)?;
        }
        let left = self.bytes.len() - self.at;
        match usize::try_from(length.unsigned_abs()) {
            Ok(0) => Ok(None),
            Ok(items) if items <= left / least => Ok(Some(items)),
            _ => Err(ComputeRequestError::BadLength { at, length }),
        }
    }

    fn operation(&mut self, index: usize) -> Result<Operation<'a>, ComputeRequestError> {
        let (declared, carried) = self.kinds()?;
        let kind = KINDS[carried];
        let field = self.text()?;
        let mut parameter = Vec::new();
        if kind != OperationKind::Count {
            while let Some(count) = self.block(4)? {
                let floats = self.take(4 * count)?.as_chunks::<4>().0;
                parameter.extend(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            }
        }
        let result_field = self.text()?;
        check_kind(index, declared, carried)?;
        Ok(Operation {
            kind,
            field,
            parameter,
            result_field,
        })
    }
}

/// Refuses an operation whose declared type is not that of the branch which carries it.
fn check_kind(index: usize, declared: i32, carried: usize) -> Result<(), ComputeRequestError> {
    match usize::try_from(declared) {
        Ok(declared) if declared == carried => Ok(()),
        Ok(known) if known < KINDS.len() => Err(ComputeRequestError::OtherOperation {
            index,
            declared,
            carried: carried as i32,
        }),
        _ => Err(ComputeRequestError::UnknownOperation(declared)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits::operations(4);

    fn operation(kind: OperationKind, parameter: &[f32]) -> Operation<'static> {
        Operation {
            kind,
            field: "f".into(),
            parameter: parameter.to_vec(),
            result_field: "r".into(),
        }
    }

    fn request() -> ComputeRequest<'static> {
        ComputeRequest {
            operations: vec![
                operation(OperationKind::DotProduct, &[1.0, 2.0]),
                operation(OperationKind::CosineSimilarity, &[]),
                operation(OperationKind::HadamardProduct, &[0.5]),
                operation(OperationKind::Count, &[]),
            ],
            result_schema: "{}".into(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_keys_are_left() {
        let mut bytes = Vec::new();
        request().encode(&mut bytes);
        bytes.extend_from_slice(&[7, 8]);
        let (decoded, keys) = ComputeRequest::decode(&bytes, LIMITS).unwrap();
        assert_eq!(decoded, request());
        assert_eq!(keys, [7, 8]);
        assert_eq!(ComputeRequest::keys_in(&bytes, LIMITS), Ok(keys));
    }

    #[test]
    fn the_example_of_the_wire_format() {
        // One operation: branch 0, type 3, branch 3, "f", "r"; then "{}".
        let bytes = [2, 0, 6, 6, 2, b'f', 2, b'r', 0, 4, b'{', b'}'];
        let (decoded, keys) = ComputeRequest::decode(&bytes, LIMITS).unwrap();
        assert_eq!(decoded.operations, [operation(OperationKind::Count, &[])]);
        assert!(keys.is_empty());
        // The same in a block with its size.
        let sized = [1, 14, 0, 6, 6, 2, b'f', 2, b'r', 0, 4, b'{', b'}'];
        assert_eq!(ComputeRequest::decode(&sized, LIMITS).unwrap().0, decoded);
    }

    #[test]
    fn no_operations_are_a_projection() {
        let (decoded, _) = ComputeRequest::decode(&[0, 0], LIMITS).unwrap();
        assert!(decoded.operations.is_empty());
    }

    #[test]
    fn every_cut_is_refused() {
        let mut bytes = Vec::new();
        request().encode(&mut bytes);
        for end in 0..bytes.len() {
            let error = ComputeRequest::decode(&bytes[..end], LIMITS).unwrap_err();
            let found = ComputeRequest::keys_in(&bytes[..end], LIMITS);
            assert_eq!(found, Err(error), "{end}");
        }
    }

    #[test]
    fn hostile_bytes_are_refused() {
        let error = |bytes: &[u8]| {
            let error = ComputeRequest::decode(bytes, LIMITS).unwrap_err();
            assert_eq!(ComputeRequest::keys_in(bytes, LIMITS), Err(error));
            error
        };
        use ComputeRequestError as E;
        assert_eq!(error(&[0xFF; 11]), E::MalformedNumber { at: 0 });
        assert!(matches!(
            error(&[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
            E::BadLength { at: 0, .. }
        ));
        let five = [&[10][..], &[0, 6, 6, 0, 0].repeat(5), &[0, 0]].concat();
        assert_eq!(error(&five), E::TooManyOperations { limit: 4 });
        let bad_branch = E::BadBranch {
            at: 1,
            branch: 1,
            branches: 1,
        };
        assert_eq!(error(&[2, 2, 6, 6, 0, 0, 0]), bad_branch);
        assert_eq!(error(&[2, 0, 14, 6, 0, 0, 0]), E::UnknownOperation(7));
        let other = E::OtherOperation {
            index: 0,
            declared: 0,
            carried: 3,
        };
        assert_eq!(error(&[2, 0, 0, 6, 0, 0, 0]), other);
        assert_eq!(error(&[0, 1]), E::BadLength { at: 1, length: -1 });
    }
}
