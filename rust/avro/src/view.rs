//! Schemas to look at, for those who plan with them.

use crate::same::Sameness;
use crate::schema::{Kind, NodeId, Schema};

/// A type of a schema, to look at.
#[derive(Debug, Clone, Copy)]
pub struct TypeView<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) id: NodeId,
}

impl<'s> TypeView<'s> {
    /// `int`, `record`, and so on.
    pub fn type_name(&self) -> &'static str {
        self.schema.kind(self.id).type_name()
    }

    /// The branches of a union; None of all else.
    pub fn branches(&self) -> Option<impl Iterator<Item = TypeView<'s>> + 's> {
        let schema = self.schema;
        match schema.kind(self.id) {
            Kind::Union(branches) => {
                Some(branches.iter().map(move |id| TypeView { schema, id: *id }))
            }
            _ => None,
        }
    }

    /// What an array or map has in it; None of all else.
    pub fn items(&self) -> Option<TypeView<'s>> {
        match self.schema.kind(self.id) {
            Kind::Array(id) | Kind::Map(id) => Some(TypeView {
                schema: self.schema,
                id: *id,
            }),
            _ => None,
        }
    }

    /// Whether Java's `Schema.equals` says that the two are one. Properties of primitive types are not compared.
    pub fn same_as(&self, other: &TypeView<'_>) -> bool {
        self.same_by(other, &mut Sameness::default())
    }

    /// The same, where `sameness` is used for many pairs of types of two schemas, this one's and the other's: what it has
    /// compared it does not compare again.
    pub fn same_by(&self, other: &TypeView<'_>, sameness: &mut Sameness) -> bool {
        sameness.same((self.schema, self.id), (other.schema, other.id))
    }
}

impl Schema {
    /// The whole of it.
    pub fn view(&self) -> TypeView<'_> {
        TypeView {
            schema: self,
            id: self.root,
        }
    }

    /// Whether it is a record, which alone has fields.
    pub fn is_record(&self) -> bool {
        matches!(self.kind(self.root), Kind::Record(..))
    }

    /// Names and types of a record's fields, in order; none of all else.
    pub fn fields(&self) -> impl Iterator<Item = (&str, TypeView<'_>)> {
        let fields = match self.kind(self.root) {
            Kind::Record(_, fields) => fields.as_slice(),
            _ => &[],
        };
        fields.iter().map(|field| {
            let view = TypeView {
                schema: self,
                id: field.schema,
            };
            (field.name.as_str(), view)
        })
    }
}
