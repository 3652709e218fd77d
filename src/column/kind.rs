//! What a column of the directory can be.

use crate::stream::Role;
use crate::wire::ids::wire_ids;

wire_ids! {
    /// The kind of a column in the directory.
    pub enum ColumnKind: "column kind" {
        /// Feature ids, unsigned, 64 bits.
        Id = 0 "id",
        /// Geometries.
        Geometry = 1 "geometry",
        /// Truth values.
        Bool = 2 "bool",
        /// MVT's int_value.
        Int = 3 "int",
        /// MVT's uint_value.
        UInt = 4 "uint",
        /// MVT's sint_value.
        SInt = 5 "sint",
        /// 32-bit floating point.
        Float = 6 "float",
        /// 64-bit floating point.
        Double = 7 "double",
        /// Strings, each written out.
        String = 8 "string",
        /// Strings, as codes into the column's own dictionary.
        StringDictionary = 9 "string dictionary",
        /// Strings, as codes into a dictionary that columns share.
        SharedString = 10 "shared string",
        /// A dictionary that later columns of the layer share; has no values of its own.
        SharedDictionary = 11 "shared dictionary",
        /// A value per vertex: the column within has them.
        MValues = 12 "m-values",
        /// A height per vertex.
        Z = 13 "z",
        /// Named values side by side: the columns within are its fields.
        Struct = 14 "struct",
        /// Any number of values: the column within has the elements.
        List = 15 "list",
        /// Keys and their values: two columns within.
        Map = 16 "map",
        /// Feature ids that are hashes of a string property.
        HashedId = 18 "hashed id",
        /// A shared dictionary of an earlier layer, for columns of this one.
        BorrowedDictionary = 19 "borrowed dictionary",
        /// A map whose values stand key by key.
        GroupedMap = 20 "grouped map",
    }
    reserved {
        17 "row dictionary",
    }
}

impl ColumnKind {
    /// The streams a column of this kind may have, in their order.
    pub(crate) fn roles(self) -> &'static [Role] {
        match self {
            Self::Geometry => &[
                Role::Types,
                Role::GeometryOffsets,
                Role::PartOffsets,
                Role::RingOffsets,
                Role::Vertices,
                Role::VertexOffsets,
                Role::IndexBuffer,
                Role::Commands,
            ],
            Self::String => &[Role::Present, Role::Lengths, Role::Text],
            Self::StringDictionary => &[Role::Present, Role::Values, Role::Lengths, Role::Text],
            Self::SharedDictionary => &[Role::Lengths, Role::Text, Role::Terminated],
            Self::MValues => &[Role::Present],
            Self::Z => &[Role::Present, Role::Values],
            Self::Struct => &[Role::DefinitionLevels],
            Self::List | Self::Map | Self::GroupedMap => &[Role::RepetitionLevels, Role::DefinitionLevels],
            Self::Id | Self::HashedId => &[Role::Present, Role::Values],
            Self::BorrowedDictionary => &[],
            _ => &[Role::Present, Role::Values, Role::Tokens],
        }
    }

    /// Whether the column is a property of the features, and so has a name.
    pub fn is_property(self) -> bool {
        !matches!(self, Self::Geometry | Self::MValues | Self::Z)
            && !self.is_id()
            && !self.is_shared_dictionary()
    }

    /// Whether the column has the ids of the features.
    pub fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::HashedId)
    }

    /// Whether the column holds strings for others, and none itself.
    pub fn is_shared_dictionary(self) -> bool {
        matches!(self, Self::SharedDictionary | Self::BorrowedDictionary)
    }

    /// Whether the column has a name, where those around it leave it one.
    pub(crate) fn is_named(self) -> bool {
        self.is_property() || self == Self::MValues
    }

    /// Whether its values are those of columns within it.
    pub fn is_nested(self) -> bool {
        matches!(self, Self::Struct | Self::List | Self::Map | Self::GroupedMap)
    }

    /// Whether the values are keys with values.
    pub fn is_map(self) -> bool {
        matches!(self, Self::Map | Self::GroupedMap)
    }

    /// Whether a column of this kind may have a stream of `role` where it stands within one of kind
    /// `around`: there levels say what is present, or the column around does.
    pub(crate) fn has_role_within(self, around: Self, role: Role) -> bool {
        match role {
            Role::Present | Role::Tokens => false,
            Role::DefinitionLevels => around != Self::MValues,
            role => self.roles().contains(&role),
        }
    }

    /// Whether the column holds a dictionary of strings.
    pub(crate) fn is_dictionary(self) -> bool {
        matches!(self, Self::StringDictionary | Self::SharedDictionary)
    }
}
