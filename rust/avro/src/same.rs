//! Whether two types are one, as Java's `Schema.equals` has it: names, fields with their defaults, symbols, sizes and
//! properties count, documentation and aliases do not.

use std::collections::HashSet;

use crate::schema::{Kind, NodeId, Schema};

type At<'s> = (&'s Schema, NodeId);

pub(crate) fn same(a: At<'_>, b: At<'_>) -> bool {
    Comparison::default().same(a, b)
}

/// Pairs that are being compared, or were found the same.
#[derive(Default)]
struct Comparison(HashSet<(NodeId, NodeId)>);

impl Comparison {
    fn same(&mut self, (a, a_id): At<'_>, (b, b_id): At<'_>) -> bool {
        let (a_node, b_node) = (a.node(a_id), b.node(b_id));
        if a_node.properties != b_node.properties {
            return false;
        }
        match (&a_node.kind, &b_node.kind) {
            (Kind::Array(a_item), Kind::Array(b_item)) | (Kind::Map(a_item), Kind::Map(b_item)) => {
                self.same((a, *a_item), (b, *b_item))
            }
            (Kind::Union(a_branches), Kind::Union(b_branches)) => {
                a_branches.len() == b_branches.len()
                    && a_branches
                        .iter()
                        .zip(b_branches)
                        .all(|(a_branch, b_branch)| self.same((a, *a_branch), (b, *b_branch)))
            }
            (Kind::Enum(a_name, a_symbols, _), Kind::Enum(b_name, b_symbols, _)) => {
                a_name.name == b_name.name && a_symbols == b_symbols
            }
            (Kind::Fixed(a_name, a_size), Kind::Fixed(b_name, b_size)) => {
                a_name.name == b_name.name && a_size == b_size
            }
            (Kind::Record(a_name, a_fields), Kind::Record(b_name, b_fields)) => {
                if !self.0.insert((a_id, b_id)) {
                    return true;
                }
                a_name.name == b_name.name
                    && a_fields.len() == b_fields.len()
                    && a_fields.iter().zip(b_fields).all(|(a_field, b_field)| {
                        a_field.name == b_field.name
                            && a_field.default == b_field.default
                            && a_field.properties == b_field.properties
                            && self.same((a, a_field.schema), (b, b_field.schema))
                    })
            }
            (a_kind, b_kind) => std::mem::discriminant(a_kind) == std::mem::discriminant(b_kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Schema;

    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (Schema::parse(a).unwrap(), Schema::parse(b).unwrap());
        assert!(a.view().same_as(&a.view()) && b.view().same_as(&b.view()));
        assert_eq!(a.view().same_as(&b.view()), b.view().same_as(&a.view()));
        a.view().same_as(&b.view())
    }

    #[test]
    fn documentation_does_not_count_and_defaults_do() {
        let record = |rest: &str| {
            format!(
                r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":"int"{rest}}}]}}"#
            )
        };
        assert!(same(&record(""), &record(r#","doc":"x""#)));
        assert!(same(&record(""), &record(r#","aliases":["b"]"#)));
        assert!(!same(&record(""), &record(r#","default":1"#)));
        assert!(!same(
            &record(r#","default":2"#),
            &record(r#","default":1"#)
        ));
        assert!(!same(&record(""), &record("").replace("int", "long")));
        assert!(!same(&record(""), &record("").replace('R', "S")));
    }

    #[test]
    fn logical_types_symbols_and_sizes_count() {
        assert!(!same(r#""int""#, r#"{"type":"int","logicalType":"date"}"#));
        let of = |symbols| format!(r#"{{"type":"enum","name":"E","symbols":[{symbols}]}}"#);
        assert!(!same(&of(r#""A""#), &of(r#""B""#)));
        let of = |size| format!(r#"{{"type":"fixed","name":"F","size":{size}}}"#);
        assert!(!same(&of(1), &of(2)));
        assert!(!same(r#"["null","int"]"#, r#"["int","null"]"#));
    }

    #[test]
    fn records_that_name_themselves_are_compared() {
        let list = |of| {
            format!(
                r#"{{"type":"record","name":"L","fields":[{{"name":"v","type":"{of}"}},
                {{"name":"next","type":["null","L"]}}]}}"#
            )
        };
        assert!(same(&list("int"), &list("int")));
        assert!(!same(&list("int"), &list("long")));
    }
}
