//! Texts of the error map, as Venice's operators make them.
//!
//! A text of Java's own (`IllegalArgumentException : ...`) begins with the simple name of the exception's class. What the
//! JVM says behind that is kept where it is the same in every JVM of today. A null element has no text of the JVM's: it
//! depends on its flags, so it is the operator's, which stands there when the JVM says nothing.

use venice_avro::Element;
use venice_wire::compute_request::OperationKind;

/// The value has another size than the parameter.
pub(crate) fn size_mismatch(
    kind: OperationKind,
    field: &str,
    parameter: usize,
    value: usize,
) -> String {
    let product = match kind {
        OperationKind::HadamardProduct => "hadamard product",
        // Of the cosine similarity, too.
        _ => "dot product",
    };
    format!(
        "Failed to compute because size of {product} parameter is: {parameter} while the size of value vector({field}) is: {value}"
    )
}

/// A vector's field is no list. Java puts the whole record behind it.
pub(crate) fn no_list(field: &str, found: &str) -> String {
    format!(
        "IllegalArgumentException : Field {field} in the record is not of the type list. Value: of the type {found}"
    )
}

/// An element of a list is no number.
pub(crate) fn element(kind: OperationKind, element: Element) -> String {
    let class = match element {
        Element::Null => {
            let operator = match kind {
                OperationKind::CosineSimilarity => "cosine similarity",
                OperationKind::HadamardProduct => "hadamard product",
                _ => "dot-product",
            };
            return format!("NullPointerException : Failed to execute {operator} operator.");
        }
        Element::Type(name) => name,
    };
    let avro = match class {
        "string" => "org.apache.avro.util.Utf8",
        "enum" => "org.apache.avro.generic.GenericData$EnumSymbol",
        "record" => "org.apache.avro.generic.GenericData$Record",
        "array" => "org.apache.avro.generic.GenericData$Array",
        "fixed" => "org.apache.avro.generic.GenericData$Fixed",
        _ => {
            let java = match class {
                "boolean" => "java.lang.Boolean",
                "map" => "java.util.HashMap",
                _ => "java.nio.HeapByteBuffer",
            };
            return format!(
                "ClassCastException : class {java} cannot be cast to class java.lang.Number ({java} and java.lang.Number are in module java.base of loader 'bootstrap')"
            );
        }
    };
    format!(
        "ClassCastException : class {avro} cannot be cast to class java.lang.Number ({avro} is in unnamed module of loader 'app'; java.lang.Number is in module java.base of loader 'bootstrap')"
    )
}

/// A count of what has no items.
pub(crate) fn no_items(result_field: &str) -> String {
    format!(
        "VeniceException : Record field {result_field} is not valid for count operation, only Map/Array are supported."
    )
}

/// A count of null.
pub(crate) fn null(field: &str) -> String {
    format!(
        "Failed to execute compute request as the field {field} is not allowed to be null for read-compute count operator in value record."
    )
}
