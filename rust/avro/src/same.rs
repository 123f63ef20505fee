//! Whether two types are one, as Java's `Schema.equals` has it: names, fields with their defaults, symbols, sizes and
//! properties count, documentation and aliases do not.

use std::collections::HashMap;

use crate::limits::SCHEMA_DEPTH;
use crate::schema::{Kind, NodeId, Schema};

type At<'s> = (&'s Schema, NodeId);

/// What was found out about pairs of types. While a pair is looked at it is taken to be the same, as what holds itself is
/// come upon again.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pairs: HashMap<(NodeId, NodeId), bool>,
    /// Those that are not told yet, as they may stand on one that is still being looked at.
    open: Vec<(NodeId, NodeId)>,
}

impl Verdicts {
    /// What is known of a pair. If nothing is, it is being looked at from now on.
    pub(crate) fn begin(&mut self, pair: (NodeId, NodeId)) -> Option<bool> {
        let known = self.pairs.get(&pair).copied();
        if known.is_none() {
            self.pairs.insert(pair, true);
            self.open.push(pair);
        }
        known
    }

    /// What a pair was found to be. That the two differ holds whatever was taken for granted.
    pub(crate) fn end(&mut self, pair: (NodeId, NodeId), verdict: bool) -> bool {
        if !verdict {
            self.pairs.insert(pair, false);
        }
        verdict
    }

    /// The outermost pair was found to be so. If it is not the same, what was found the same on the way may stand on it.
    pub(crate) fn all_said(&mut self, verdict: bool) {
        for pair in self.open.drain(..).filter(|_| !verdict) {
            if self.pairs.get(&pair) == Some(&true) {
                self.pairs.remove(&pair);
            }
        }
    }
}

pub(crate) fn same(a: At<'_>, b: At<'_>) -> bool {
    Sameness::default().same(a, b)
}

/// Compares types of two schemas, each named pair once.
#[derive(Debug, Default)]
pub struct Sameness(Verdicts);

impl Sameness {
    pub(crate) fn same(&mut self, a: At<'_>, b: At<'_>) -> bool {
        let same = self.compare(a, b, 0);
        self.0.all_said(same);
        same
    }

    fn compare(&mut self, (a, a_id): At<'_>, (b, b_id): At<'_>, depth: usize) -> bool {
        let (a_node, b_node) = (a.node(a_id), b.node(b_id));
        // What stands deeper in each other is not read either.
        if depth > SCHEMA_DEPTH || a_node.properties != b_node.properties {
            return false;
        }
        let depth = depth + 1;
        let pair = (a_id, b_id);
        match (&a_node.kind, &b_node.kind) {
            (Kind::Array(a_item), Kind::Array(b_item)) | (Kind::Map(a_item), Kind::Map(b_item)) => {
                self.compare((a, *a_item), (b, *b_item), depth)
            }
            (Kind::Union(a_branches), Kind::Union(b_branches)) => {
                let mut pairs = a_branches.iter().zip(b_branches);
                a_branches.len() == b_branches.len()
                    && pairs.all(|(a_branch, b_branch)| {
                        self.compare((a, *a_branch), (b, *b_branch), depth)
                    })
            }
            (Kind::Enum(a_name, a_symbols, _), Kind::Enum(b_name, b_symbols, _)) => {
                match self.0.begin(pair) {
                    Some(known) => known,
                    None => {
                        let same = a_name.name == b_name.name && a_symbols == b_symbols;
                        self.0.end(pair, same)
                    }
                }
            }
            (Kind::Fixed(a_name, a_size), Kind::Fixed(b_name, b_size)) => {
                a_name.name == b_name.name && a_size == b_size
            }
            (Kind::Record(a_name, a_fields), Kind::Record(b_name, b_fields)) => {
                if let Some(known) = self.0.begin(pair) {
                    return known;
                }
                let same = a_name.name == b_name.name
                    && a_fields.len() == b_fields.len()
                    && a_fields.iter().zip(b_fields).all(|(a_field, b_field)| {
                        a_field.name == b_field.name
                            && a_field.default == b_field.default
                            && a_field.properties == b_field.properties
                            && self.compare((a, a_field.schema), (b, b_field.schema), depth)
                    });
                self.0.end(pair, same)
            }
            (a_kind, b_kind) => std::mem::discriminant(a_kind) == std::mem::discriminant(b_kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sameness;
    use crate::{Fields, Schema};

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
    fn what_was_found_the_same_on_the_way_to_a_difference_is_looked_at_again() {
        // B holds A, so B is the same as long as A is.
        let schema = |of: &str| {
            let text = format!(
                r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":
                    {{"type":"record","name":"A","fields":[{{"name":"b","type":["null",
                        {{"type":"record","name":"B","fields":[{{"name":"a","type":["null","A"]}}]}}]}},
                    {{"name":"v","type":"{of}"}}]}}}},
                {{"name":"b","type":"B"}}]}}"#
            );
            Schema::parse(&text).unwrap()
        };
        let (int, long, again) = (schema("int"), schema("long"), schema("int"));
        for (other, same) in [(&long, false), (&again, true)] {
            let mut sameness = Sameness::default();
            let views = || int.fields().zip(other.fields());
            for _ in 0..2 {
                for ((_, one), (_, other)) in views().chain(views()) {
                    assert_eq!(one.same_by(&other, &mut sameness), same);
                }
            }
        }
    }

    /// A record of the last of so many types, each of which has a field of the one before.
    fn chain(length: usize) -> Schema {
        let mut fields =
            r#"{"name":"f0","type":{"type":"record","name":"R0","fields":[]}}"#.to_owned();
        for link in 1..length {
            let before = link - 1;
            fields += &format!(
                r#",{{"name":"f{link}","type":{{"type":"record","name":"R{link}","fields":[{{"name":"r","type":"R{before}"}}]}}}}"#
            );
        }
        Schema::parse(&format!(
            r#"{{"type":"record","name":"R","fields":[{fields}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_stands_too_deep_is_refused_and_ends_no_process() {
        let (deep, again) = (chain(5000), chain(5000));
        let views = |schema: &Schema| -> bool {
            let last = |schema: &Schema| schema.fields().count() - 1;
            let (_, one) = deep.fields().nth(last(&deep)).unwrap();
            let (_, other) = schema.fields().nth(last(schema)).unwrap();
            one.same_as(&other)
        };
        assert!(!views(&again));
        let refused = Fields::compile(&deep, &again, &["f4999"]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the writer's and the reader's types stand more than 200 deep in each other; make them flatter"
        );
        assert!(Fields::compile(&deep, &again, &["f150"]).is_ok());
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
