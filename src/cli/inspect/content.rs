//! What the bytes of a COVT tile are there for, in a few kinds.

use covt::{ColumnEntry, ColumnKind, Description, LayerEntry, Role};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Ids,
    Topology,
    Vertices,
    /// Index buffers.
    Triangles,
    /// Geometries that are only MVT's commands.
    Commands,
    Strings,
    Other,
    /// Also the bytes before it; in a compact tile also the text of all layers, which is compressed
    /// with it.
    Directory,
}

impl Content {
    pub const ALL: [Self; 8] = [
        Self::Ids,
        Self::Topology,
        Self::Vertices,
        Self::Triangles,
        Self::Commands,
        Self::Strings,
        Self::Other,
        Self::Directory,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Topology => "topology",
            Self::Vertices => "vertices",
            Self::Triangles => "triangles",
            Self::Commands => "commands",
            Self::Strings => "strings",
            Self::Other => "other",
            Self::Directory => "directory",
        }
    }

    fn of(kind: ColumnKind, role: Role) -> Self {
        match (kind, role) {
            (ColumnKind::Id | ColumnKind::HashedId, _) => Self::Ids,
            (ColumnKind::Geometry, Role::Vertices | Role::VertexOffsets) => Self::Vertices,
            (ColumnKind::Geometry, Role::IndexBuffer) => Self::Triangles,
            (ColumnKind::Geometry, Role::Commands) => Self::Commands,
            (ColumnKind::Geometry, _) => Self::Topology,
            (
                ColumnKind::String
                | ColumnKind::StringDictionary
                | ColumnKind::SharedString
                | ColumnKind::SharedDictionary,
                _,
            ) => Self::Strings,
            _ => Self::Other,
        }
    }
}

/// Bytes by content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums([usize; Content::ALL.len()]);

impl Sums {
    pub fn of_layer(layer: &LayerEntry) -> Self {
        let mut sums = Self::default();
        for column in layer.columns() {
            sums.add(column);
        }
        sums
    }

    fn add(&mut self, column: &ColumnEntry) {
        for stream in column.streams() {
            if !stream.is_apart() {
                self.0[Content::of(column.kind(), stream.role()) as usize] += stream.range().len();
            }
        }
        column.children().iter().for_each(|child| self.add(child));
    }

    pub fn of_tile(description: &Description) -> Self {
        let mut sums = Self::default();
        for layer in description.directory.layers() {
            let layer = Self::of_layer(layer);
            sums.0.iter_mut().zip(layer.0).for_each(|(sum, bytes)| *sum += bytes);
        }
        let vertices = description.directory.vertices().iter().map(|stream| stream.range().len());
        sums.0[Content::Vertices as usize] += vertices.sum::<usize>();
        sums.0[Content::Directory as usize] = description.directory.body().end - sums.total();
        sums
    }

    pub fn get(&self, content: Content) -> usize {
        self.0[content as usize]
    }

    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

/// The number of bytes of a column's streams, those of columns within it too.
pub fn column_bytes(column: &ColumnEntry) -> usize {
    column.range().len()
}
