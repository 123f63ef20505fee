//! The attributes of a series, in the order of its instrument's dimensions.

use std::ptr;
use std::sync::Arc;

use crate::dimensions::Dimension;
use crate::instruments::Instrument;
use crate::model::Attribute;
use crate::options::Options;

/// Those of `given`, else of the common ones, that the instrument has as dimensions; then the constant
/// ones.
pub(crate) fn attributes(
    instrument: Instrument,
    given: &[(Dimension, &str)],
    options: &Options,
) -> Arc<[Attribute]> {
    let attributes = pairs(instrument, given, options).map(|(key, value)| Attribute {
        key,
        value: value.into(),
    });
    attributes.collect()
}

/// Whether `known` are what [`attributes`] would make.
pub(crate) fn are(
    known: &[Attribute],
    instrument: Instrument,
    given: &[(Dimension, &str)],
    options: &Options,
) -> bool {
    let mut known = known.iter();
    let same = pairs(instrument, given, options).all(|(key, value)| {
        // Keys of one dimension are one text, so their characters are seldom looked at.
        let is_same = |known: &Attribute| {
            (ptr::eq(known.key, key) || known.key == key) && *known.value == *value
        };
        known.next().is_some_and(is_same)
    });
    same && known.next().is_none()
}

fn pairs<'a>(
    instrument: Instrument,
    given: &'a [(Dimension, &'a str)],
    options: &'a Options,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let dimensions = instrument.describe().dimensions.iter();
    let attributes = dimensions.filter_map(|dimension| {
        let given = given.iter().find(|(known, _)| known == dimension);
        let common = options.common.iter().find(|(known, _)| known == dimension);
        let value = given
            .map(|(_, value)| *value)
            .or(common.map(|(_, value)| value.as_str()))?;
        Some((dimension.key(), named(value)))
    });
    let is_grpcs = instrument.describe().name.starts_with("grpc.");
    let constant = options.constant.iter().filter(move |_| !is_grpcs);
    let constant = constant.map(|(dimension, value)| (dimension.key(), named(value)));
    attributes.chain(constant)
}

/// The attributes of what exceeds the bound on series.
pub(crate) fn overflow_attributes() -> Arc<[Attribute]> {
    let key = Dimension::Overflow.key();
    let value = "true".into();
    [Attribute { key, value }].into()
}

/// Receivers refuse empty values.
pub(crate) fn named(value: &str) -> &str {
    if value.is_empty() {
        "unknown"
    } else {
        value
    }
}
