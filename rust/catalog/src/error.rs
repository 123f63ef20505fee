//! What can be wrong with a description.

use venice_wire::echoed::Echoed;

/// Why a description was refused. The text names the value, the limit and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The JSON is longer than any description.
    #[error("a store's description has {bytes} bytes, and may have {limit}; leave out old versions, or schemas that no value has")]
    Long {
        /// Bytes of it.
        bytes: usize,
        /// [`crate::limits::DESCRIPTION_BYTES`].
        limit: usize,
    },
    /// Too many values for their bytes.
    #[error("a store's description has more than {limit} values, which is the limit; leave out old versions, or schemas that no value has")]
    ManyValues {
        /// [`crate::limits::DESCRIPTION_VALUES`].
        limit: usize,
    },
    /// It is no JSON.
    #[error("a store's description is no JSON: {problem}; see docs/metadata.md for its form")]
    Syntax {
        /// What the parser says, with line and column.
        problem: String,
    },
    /// Something in it is not as it must be.
    #[error("description of store {store:?}: {problem}")]
    Content {
        /// The store's name, as far as it is known.
        store: Echoed,
        /// The place, the value, the limit and the remedy.
        problem: String,
    },
    /// The catalog has as many stores as it may.
    #[error("store {store:?} is one more than the {limit} stores that a catalog may have; forget stores that are not served here")]
    ManyStores {
        /// The store's name.
        store: Echoed,
        /// [`crate::limits::STORES`].
        limit: usize,
    },
    /// The catalog would hold more bytes than it may.
    #[error("with store {store:?} the descriptions of all stores have {bytes} bytes, and may have {limit}; forget stores that are not served here")]
    Full {
        /// The store's name.
        store: Echoed,
        /// Bytes with it.
        bytes: usize,
        /// [`crate::limits::CATALOG_BYTES`].
        limit: usize,
    },
}
