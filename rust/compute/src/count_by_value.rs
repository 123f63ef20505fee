//! How often each value of a field occurs (`countByValue`, VIP-5), over the values of given keys.
//!
//! What `FacetCountingUtils` of Venice's client leaves open is defined here. A value is counted by its text: strings and
//! symbols as they are, numbers as Java writes them. Null is not counted, as the answer's map cannot hold it; nor is a key
//! that is not there. Of values that occur equally often the one comes first whose text does, by its bytes.

use std::collections::HashMap;

use venice_avro::{CompileError, Fields, Pace, Places, ReadError, Scalar, Schema, Shortened};

use crate::check::by_name;
use crate::java_numbers::{double, float};

/// The fields of one writer's schema that are counted.
#[derive(Debug)]
pub struct CountPlan {
    fields: Fields,
}

/// Why fields cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// As Venice's client says.
    #[error("fieldNames cannot be null or empty")]
    NoNames,
    /// As Venice's client says.
    #[error("Field name cannot be empty")]
    EmptyName,
    /// As Venice's client says.
    #[error("Field not found in schema: {}", Shortened(.0))]
    NoField(String),
    /// Fields of this type have no values that could be counted.
    #[error(
        "Field {} has the type {found}; strings, enums, booleans and numbers are counted, also in unions with null",
        Shortened(.name)
    )]
    NoScalar {
        /// The field.
        name: String,
        /// Its type, or that of a branch of its union.
        found: &'static str,
    },
    /// Fewer than one value are asked for.
    #[error("topK is {0}, and has to be at least 1")]
    NoTop(i32),
    /// The schemas do not suit each other.
    #[error(transparent)]
    Schemas(#[from] CompileError),
    /// A value is not what the schemas say.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There are too many values.
    #[error("the fields have so many values that counting them takes more than {limit} bytes; count fields of fewer values, or over fewer keys")]
    TooMany {
        /// Bytes that counting may take.
        limit: usize,
    },
}

impl CountPlan {
    /// A plan for values that were written with `writer` and are read as `reader` has them.
    pub fn new(names: &[&str], writer: &Schema, reader: &Schema) -> Result<CountPlan, CountError> {
        CountPlan::new_while(names, writer, reader, &Pace::to_the_end())
    }

    /// The same, given up when `pace` says so.
    pub fn new_while(
        names: &[&str],
        writer: &Schema,
        reader: &Schema,
        pace: &Pace<'_>,
    ) -> Result<CountPlan, CountError> {
        if names.is_empty() {
            return Err(CountError::NoNames);
        }
        let fields = by_name(reader);
        for name in names {
            if name.is_empty() {
                return Err(CountError::EmptyName);
            }
            let field = fields.get(name);
            let (_, view) = field.ok_or_else(|| CountError::NoField((*name).to_owned()))?;
            let other = match view.branches() {
                Some(branches) => branches
                    .map(|branch| branch.type_name())
                    .find(|name| !scalar(name)),
                None => Some(view.type_name()).filter(|name| !scalar(name)),
            };
            if let Some(found) = other {
                return Err(CountError::NoScalar {
                    name: (*name).to_owned(),
                    found,
                });
            }
        }
        Ok(CountPlan {
            fields: Fields::compile_while(writer, reader, names, pace)?,
        })
    }

    /// How many fields are counted.
    pub fn fields(&self) -> usize {
        self.fields.len()
    }

    /// Bytes that the plan takes in memory, about.
    pub fn memory(&self) -> usize {
        self.fields.memory()
    }
}

fn scalar(type_name: &str) -> bool {
    matches!(
        type_name,
        "null" | "boolean" | "int" | "long" | "float" | "double" | "string" | "enum"
    )
}

/// Counts of the fields of one request.
#[derive(Debug)]
pub struct Counts {
    /// By field, in the order of the names.
    fields: Vec<HashMap<Box<[u8]>, i32>>,
    bytes: usize,
    limit: usize,
    places: Places,
}

/// What a value costs beside its text: the entry of a map that is filled to half at least, and an allocation.
const ENTRY_BYTES: usize = 2 * size_of::<(Box<[u8]>, i32)>() + 16;

impl Counts {
    /// Nothing has been counted. All values together may take `limit` bytes.
    pub fn new(fields: usize, limit: usize) -> Counts {
        Counts {
            fields: (0..fields).map(|_| HashMap::new()).collect(),
            bytes: 0,
            limit,
            places: Places::default(),
        }
    }

    /// Bytes that the values take, as the limit counts them.
    pub fn memory(&self) -> usize {
        self.bytes
    }

    /// Counts the fields of a value. Plans of several writers' schemas may take turns, if their names are the same.
    pub fn add(&mut self, plan: &CountPlan, value: &[u8]) -> Result<(), CountError> {
        plan.fields.locate(value, &mut self.places)?;
        for (field, counts) in self.fields.iter_mut().enumerate() {
            let written;
            let text = match plan.fields.scalar(field, value, &mut self.places)? {
                Scalar::Null | Scalar::Other(_) => continue,
                Scalar::Text(text) => text,
                Scalar::Symbol(symbol) => symbol.as_bytes(),
                Scalar::Boolean(true) => b"true",
                Scalar::Boolean(false) => b"false",
                Scalar::Integer(number) => {
                    written = number.to_string();
                    written.as_bytes()
                }
                Scalar::Float(number) => {
                    written = float(number);
                    written.as_bytes()
                }
                Scalar::Double(number) => {
                    written = double(number);
                    written.as_bytes()
                }
            };
            match counts.get_mut(text) {
                Some(count) => *count = count.saturating_add(1),
                None => {
                    self.bytes += text.len() + ENTRY_BYTES;
                    if self.bytes > self.limit {
                        return Err(CountError::TooMany { limit: self.limit });
                    }
                    counts.insert(text.into(), 1);
                }
            }
        }
        Ok(())
    }

    /// The `top` values of a field that occur most often, and how often, in order.
    pub fn top(&self, field: usize, top: i32) -> Result<Vec<(String, i32)>, CountError> {
        let wanted = usize::try_from(top).ok().filter(|top| *top > 0);
        let wanted = wanted.ok_or(CountError::NoTop(top))?;
        let mut counts: Vec<(&[u8], i32)> = self.fields[field]
            .iter()
            .map(|(text, count)| (&**text, *count))
            .collect();
        let order = |a: &(&[u8], i32), b: &(&[u8], i32)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
        if wanted < counts.len() {
            counts.select_nth_unstable_by(wanted, order);
            counts.truncate(wanted);
        }
        counts.sort_unstable_by(order);
        let text =
            |(text, count): (&[u8], i32)| (String::from_utf8_lossy(text).into_owned(), count);
        Ok(counts.into_iter().map(text).collect())
    }
}
