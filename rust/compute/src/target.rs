//! How results are encoded in the types of their fields (`GenericData.resolveUnion`).

use venice_avro::{Sameness, TypeView};

/// Appends a number, as Avro has it.
pub(crate) fn put_long(out: &mut Vec<u8>, number: i64) {
    venice_wire::varint::varint(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// Where a result goes: into a type as it is, or into a branch of a union.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Plain,
    Branch(i64),
    /// The type does not take it.
    Nowhere,
}

impl Place {
    /// Appends what stands before the result; false if it has no place.
    pub(crate) fn put(self, out: &mut Vec<u8>) -> bool {
        match self {
            Place::Plain => {}
            Place::Branch(index) => put_long(out, index),
            Place::Nowhere => return false,
        }
        true
    }
}

/// The type of a result's field.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) null: Place,
    pub(crate) float: Place,
    pub(crate) int: Place,
    /// An array of floats.
    pub(crate) floats: Place,
    /// A map of strings.
    pub(crate) texts: Place,
}

impl Target {
    pub(crate) fn of(view: TypeView<'_>) -> Target {
        let place = |takes: &dyn Fn(&TypeView<'_>) -> bool| match view.branches() {
            Some(mut branches) => {
                let index = branches.position(|branch| takes(&branch));
                index.map_or(Place::Nowhere, |index| Place::Branch(index as i64))
            }
            None if takes(&view) => Place::Plain,
            None => Place::Nowhere,
        };
        let of = |outer: &str, inner: &str| {
            place(&|view| {
                view.type_name() == outer
                    && view.items().is_some_and(|items| items.type_name() == inner)
            })
        };
        let plain = |name: &str| place(&|view| view.type_name() == name);
        Target {
            null: plain("null"),
            float: plain("float"),
            int: plain("int"),
            floats: of("array", "float"),
            texts: of("map", "string"),
        }
    }
}

/// How a value's field becomes a result's of another type, when an operation's result is null: by the branch of the
/// result's union that has the value's type.
#[derive(Debug)]
pub(crate) struct Moved {
    /// Whether the value's type is a union, too, so that its branch is read first.
    pub(crate) union: bool,
    /// For each branch of the value's type, that of the result's.
    pub(crate) branches: Vec<Option<i64>>,
}

impl Moved {
    /// `sameness` compares the value's schema with the result's.
    pub(crate) fn of(value: TypeView<'_>, result: TypeView<'_>, sameness: &mut Sameness) -> Moved {
        let mut branch_for = |value: TypeView<'_>| {
            let index = result
                .branches()?
                .position(|branch| value.same_by(&branch, sameness))?;
            Some(index as i64)
        };
        match value.branches() {
            Some(branches) => Moved {
                union: true,
                branches: branches.map(branch_for).collect(),
            },
            None => Moved {
                union: false,
                branches: vec![branch_for(value)],
            },
        }
    }

    /// Appends a field, which was copied in the value's type; false if the result's has no place for it.
    pub(crate) fn put(&self, copied: &[u8], out: &mut Vec<u8>) -> bool {
        let (index, rest) = match self.union {
            true => match branch(copied) {
                Some(branch) => branch,
                None => return false,
            },
            false => (0, copied),
        };
        match self.branches.get(index).copied().flatten() {
            Some(branch) => {
                put_long(out, branch);
                out.extend_from_slice(rest);
                true
            }
            None => false,
        }
    }
}

/// The branch of a union, and what is behind its number.
fn branch(copied: &[u8]) -> Option<(usize, &[u8])> {
    let length = copied.iter().position(|byte| *byte < 0x80)? + 1;
    let (number, rest) = copied.split_at(length);
    let zigzag = number.iter().rev().try_fold(0usize, |sum, byte| {
        Some(sum.checked_mul(128)? | usize::from(byte & 0x7f))
    })?;
    Some((zigzag / 2, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_read() {
        assert_eq!(branch(&[4, 9]), Some((2, &[9][..])));
        assert_eq!(branch(&[0x80, 1, 9]), Some((64, &[9][..])));
        assert_eq!(branch(&[0x80]), None);
        assert_eq!(branch(&[0xFF; 20]), None);
    }
}
