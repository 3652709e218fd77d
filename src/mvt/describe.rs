//! A tile explained: what its layers hold, and what each of its bytes is for.

use super::read::{DEFAULT_VERSION, KNOWN_OF_FEATURE, KNOWN_OF_LAYER, KNOWN_OF_TILE, field};
use super::values;
use super::wire::Cursor;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::tile::layer::DEFAULT_EXTENT;
use crate::wire::trace::{Field, Recorder, Recording, Trace};
use crate::wire::zigzag;

/// What [`describe`] tells of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The layers, in order.
    pub layers: Vec<LayerDescription>,
    /// The bytes of the tile in no layer: fields that MVT does not define.
    pub unknown_bytes: usize,
    /// Every byte of the tile: its fields, in order. A field of protobuf is one with its key, but for
    /// layers and features, of which only key and length are.
    pub fields: Vec<Field>,
}

/// A layer of a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerDescription {
    /// The name.
    pub name: String,
    /// The number of units along a side of the tile.
    pub extent: u32,
    /// The version of the MVT specification the layer follows.
    pub version: u32,
    /// The number of features.
    pub features: usize,
    /// The number of entries in the table of keys.
    pub keys: usize,
    /// The number of entries in the table of values.
    pub values: usize,
    bytes: [usize; Part::ALL.len()],
}

impl LayerDescription {
    /// The number of bytes of a part of the layer's message.
    pub fn bytes(&self, part: Part) -> usize {
        self.bytes[part as usize]
    }

    /// The number of bytes of the layer with its key and length.
    pub fn total(&self) -> usize {
        self.bytes.iter().sum()
    }
}

/// What bytes of a layer are there for. Fields count with their keys and lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The table of keys.
    Keys,
    /// The table of values.
    Values,
    /// Which keys and values the features have.
    Tags,
    /// Geometries.
    Geometry,
    /// Geometry types.
    Types,
    /// Feature ids.
    Ids,
    /// Keys and lengths of features.
    Features,
    /// The layer's own key and length, its name, extent and version.
    Layer,
    /// Fields that MVT does not define.
    Unknown,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 9] = [
        Self::Keys,
        Self::Values,
        Self::Tags,
        Self::Geometry,
        Self::Types,
        Self::Ids,
        Self::Features,
        Self::Layer,
        Self::Unknown,
    ];

    /// The part's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Values => "values",
            Self::Tags => "tags",
            Self::Geometry => "geometry",
            Self::Types => "types",
            Self::Ids => "ids",
            Self::Features => "features",
            Self::Layer => "layer",
            Self::Unknown => "unknown",
        }
    }
}

/// Explains a tile, which must not be compressed. Looks at messages only, so a tile that can be
/// described may still have tags or geometries that mean nothing.
///
/// # Errors
/// If `tile` is not MVT, a layer has no name, or it takes more memory than `budget` has left.
pub fn describe(tile: &[u8], budget: &mut Budget) -> Result<Description> {
    let recorder = Recorder::new(budget);
    let trace = recorder.trace();
    let (mut layers, mut unknown_bytes) = (Vec::new(), 0);
    let mut cursor = Cursor::new(tile, 0..tile.len());
    while !cursor.is_empty() {
        let start = cursor.offset();
        let key = cursor.varint("a tile")?;
        if key == field::LAYER {
            let message = cursor.message("a layer")?;
            budget.charge(size_of::<LayerDescription>(), "a layer", start)?;
            trace.field(start, message.offset() - start, "layer", None);
            trace.note(|| format!("{} bytes", message.left()));
            let layer = describe_layer(message, message.offset() - start, trace);
            layers.push(layer.map_err(|error| error.within(format!("layer {}", layers.len())))?);
        } else {
            cursor.skip(key, &KNOWN_OF_TILE)?;
            trace.field(start, cursor.offset() - start, "unknown field", None);
            unknown_bytes += cursor.offset() - start;
        }
    }
    let fields = recorder.finish(budget)?;
    Ok(Description { layers, unknown_bytes, fields })
}

/// `head` is the length of the layer's own key and length.
fn describe_layer(mut message: Cursor, head: usize, trace: Recording) -> Result<LayerDescription> {
    let at = message.offset();
    let mut name = None;
    let mut layer = LayerDescription {
        name: String::new(),
        extent: DEFAULT_EXTENT,
        version: DEFAULT_VERSION,
        features: 0,
        keys: 0,
        values: 0,
        bytes: [0; Part::ALL.len()],
    };
    layer.bytes[Part::Layer as usize] = head;
    while !message.is_empty() {
        let start = message.offset();
        let (part, what, meaning) = match message.varint("a layer")? {
            field::FEATURE => {
                let feature = message.message("a feature")?;
                trace.field(start, feature.offset() - start, "feature", None);
                trace.note(|| format!("number {}, {} bytes", layer.features, feature.left()));
                layer.bytes[Part::Features as usize] += feature.offset() - start;
                let number = layer.features;
                describe_feature(feature, &mut layer.bytes, trace)
                    .map_err(|error| error.within(format!("feature {number}")))?;
                layer.features += 1;
                continue;
            }
            field::VALUE => {
                layer.values += 1;
                let value = message.message("a value")?;
                let number = layer.values - 1;
                (Part::Values, "value", format!("number {number}, {}", describe_value(value)?))
            }
            field::KEY => {
                layer.keys += 1;
                let key = message.message("a key")?.text("a key")?;
                (Part::Keys, "key", format!("number {}, {key:?}", layer.keys - 1))
            }
            field::NAME => {
                let text = message.message("name")?.text("name")?;
                name = Some(text);
                (Part::Layer, "layer name", format!("{text:?}"))
            }
            field::EXTENT => {
                layer.extent = message.uint32("extent")?;
                (Part::Layer, "extent", layer.extent.to_string())
            }
            field::VERSION => {
                layer.version = message.uint32("version")?;
                (Part::Layer, "version", layer.version.to_string())
            }
            key => {
                message.skip(key, &KNOWN_OF_LAYER)?;
                (Part::Unknown, "unknown field", format!("field {}", key >> 3))
            }
        };
        layer.bytes[part as usize] += message.offset() - start;
        trace.field(start, message.offset() - start, what, None);
        trace.note(|| meaning);
    }
    name.ok_or_else(|| Error::inconsistent(at, "a layer without a name"))?.clone_into(&mut layer.name);
    Ok(layer)
}

fn describe_feature(
    mut message: Cursor,
    bytes: &mut [usize; Part::ALL.len()],
    trace: Recording,
) -> Result<()> {
    while !message.is_empty() {
        let start = message.offset();
        let (part, what, value) = match message.varint("a feature")? {
            field::ID => (Part::Ids, "id", Some(message.varint("id")?)),
            field::TAGS => {
                message.message("tags")?;
                (Part::Tags, "tags", None)
            }
            field::TAG => (Part::Tags, "tag", Some(message.varint("tags")?)),
            field::TYPE => (Part::Types, "type", Some(message.varint("type")?)),
            field::GEOMETRY => {
                message.message("geometry")?;
                (Part::Geometry, "geometry", None)
            }
            field::COMMAND => (Part::Geometry, "command", Some(message.varint("geometry")?)),
            key => {
                message.skip(key, &KNOWN_OF_FEATURE)?;
                (Part::Unknown, "unknown field", None)
            }
        };
        bytes[part as usize] += message.offset() - start;
        trace.field(start, message.offset() - start, what, value);
        if part == Part::Types {
            trace.note(|| match value {
                Some(1) => "point".into(),
                Some(2) => "line string".into(),
                Some(3) => "polygon".into(),
                _ => "unknown".into(),
            });
        }
    }
    Ok(())
}

fn describe_value(mut message: Cursor) -> Result<String> {
    let mut parts = Vec::new();
    while !message.is_empty() {
        use values::field as value;
        parts.push(match message.varint("a value")? {
            value::STRING => format!("{:?}", message.message("string_value")?.text("string_value")?),
            value::FLOAT => format!("float {:?}", f32::from_le_bytes(message.fixed("float_value")?)),
            value::DOUBLE => format!("double {:?}", f64::from_le_bytes(message.fixed("double_value")?)),
            value::INT => format!("int {}", message.varint("int_value")? as i64),
            value::UINT => format!("uint {}", message.varint("uint_value")?),
            value::SINT => format!("sint {}", zigzag::decode64(message.varint("sint_value")?)),
            value::BOOL => (message.varint("bool_value")? != 0).to_string(),
            key => {
                message.skip(key, &values::KNOWN)?;
                "unknown field".into()
            }
        });
    }
    Ok(if parts.is_empty() { "nothing".into() } else { parts.join(", ") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::check::describe::cover;
    use crate::testing::generate::layers;
    use crate::testing::random::Random;

    fn check(tile: &[u8], described: &Description) {
        cover(&described.fields, tile.len());
        let layers: usize = described.layers.iter().map(LayerDescription::total).sum();
        assert_eq!(layers + described.unknown_bytes, tile.len());
    }

    proptest! {
        #[test]
        fn every_byte_is_told_once(seed: u64) {
            let mut random = Random::from_seed(seed);
            let layers: Vec<_> = (0..random.below(4)).map(|_| layers::mvt_layer(&mut random)).collect();
            let tile = crate::mvt::write(&layers).unwrap();
            let described = describe(&tile, &mut Budget::default()).unwrap();
            check(&tile, &described);
            for (layer, described) in layers.iter().zip(&described.layers) {
                prop_assert_eq!(layer.name(), &described.name);
                prop_assert_eq!((layer.extent(), layer.version()), (described.extent, described.version));
                prop_assert_eq!(layer.len(), described.features);
                let ids = layer.ids().is_some();
                prop_assert_eq!(ids, described.bytes(Part::Ids) > 0);
            }
        }

        #[test]
        fn damage_is_survived(seed: u64, hits in prop::collection::vec(any::<(u64, u8)>(), 1..4)) {
            let mut tile = crate::mvt::write(&[layers::mvt_layer(&mut Random::from_seed(seed))]).unwrap();
            for (place, byte) in hits {
                let place = place as usize % tile.len();
                tile[place] = byte;
            }
            if let Ok(described) = describe(&tile, &mut Budget::default()) {
                check(&tile, &described);
            }
        }
    }

    #[test]
    fn a_tile_by_hand() {
        // Field 1 of the tile, which MVT does not define; a layer "a" with one feature, a key, a value.
        let tile = [
            0x08, 0x07, 0x1a, 0x18, 0x0a, 0x01, b'a', 0x12, 0x0a, 0x08, 0x05, 0x12, 0x02, 0x00, 0x00, 0x18,
            0x01, 0x22, 0x00, 0x1a, 0x01, b'k', 0x22, 0x02, 0x38, 0x01, 0x28, 0x40,
        ];
        let described = describe(&tile, &mut Budget::default()).unwrap();
        check(&tile, &described);
        let told: Vec<_> = described
            .fields
            .iter()
            .map(|field| (field.range.start, field.what, field.value, field.meaning.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (0, "unknown field", None, ""),
                (2, "layer", None, "24 bytes"),
                (4, "layer name", None, "\"a\""),
                (7, "feature", None, "number 0, 10 bytes"),
                (9, "id", Some(5), ""),
                (11, "tags", None, ""),
                (15, "type", Some(1), "point"),
                (17, "geometry", None, ""),
                (19, "key", None, "number 0, \"k\""),
                (22, "value", None, "number 0, true"),
                (26, "extent", None, "64"),
            ]
        );
        assert_eq!(described.unknown_bytes, 2);
        let [layer] = &described.layers[..] else { panic!() };
        assert_eq!((layer.bytes(Part::Tags), layer.bytes(Part::Layer), layer.version), (4, 7, 1));
        for len in 3..tile.len() {
            describe(&tile[..len], &mut Budget::default()).unwrap_err();
        }
        describe(&tile, &mut Budget::none()).unwrap_err();
    }
}
