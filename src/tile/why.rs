//! Why layers are coded as they are: for each stream, what the encoder tried.

use std::borrow::Cow;

use super::layer::Layer;
use super::options::EncodeOptions;
use super::out::OutColumn;
use super::write;
use crate::column::ColumnKind;
use crate::error::Result;
use crate::stream::why::{Log, Tried};
use crate::stream::{OutStream, Role};

/// The choices for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnChoices {
    /// What kind of column it became.
    pub kind: ColumnKind,
    /// The property's key; empty for columns that are no properties.
    pub name: String,
    /// Its streams, in order.
    pub streams: Vec<StreamChoice>,
    /// The columns within it, where it is nested.
    pub children: Vec<ColumnChoices>,
}

/// The choice for a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamChoice {
    /// What the stream is for.
    pub role: Role,
    /// The length of its payload.
    pub bytes: usize,
    /// The encodings that were tried; none if there was nothing to choose. Those that cannot win are not:
    /// one value is constant, and a dictionary wants values that repeat.
    pub tried: Vec<Tried>,
}

/// For each of the layers and each of its columns what [`crate::encode`] tries with these options, and
/// what it takes. This is told of tiles in parts; where a tile is compact, texts and vertices lie
/// elsewhere.
///
/// ```
/// use covt::{EncodeOptions, LayerBuilder};
///
/// let mut places = LayerBuilder::new("places");
/// for x in 0..40 {
///     places.feature(Some(x as u64 % 3), |geometry| Ok(geometry.point(x, 8)))?;
/// }
/// let layers = covt::why(&[places.finish()?], &EncodeOptions::default())?;
/// let ids = &layers[0][0].streams[0];
/// let taken = ids.tried.iter().find(|tried| tried.taken).unwrap();
/// assert_eq!(taken.bytes, ids.bytes);
/// assert!(ids.tried.iter().all(|tried| tried.price >= taken.price));
/// # Ok::<(), covt::Error>(())
/// ```
///
/// # Errors
/// As [`crate::encode`].
pub fn why(layers: &[Layer], options: &EncodeOptions) -> Result<Vec<Vec<ColumnChoices>>> {
    let (_, options) = &write::encode_either(layers, options)?;
    let mut chooser = options.chooser();
    chooser.log = Some(Log::default());
    let orders: Vec<Vec<Cow<Layer>>> = layers.iter().map(|layer| vec![Cow::Borrowed(layer)]).collect();
    let forms = write::forms_of(&orders, &chooser);
    layers
        .iter()
        .zip(&forms)
        .map(|(layer, forms)| {
            let columns = write::write_columns(layer, forms, options, &chooser, &mut Vec::new())
                .map_err(|error| error.within(format!("layer {:?}", layer.name)))?;
            let log = chooser.log.as_ref().expect("there is one");
            Ok(columns.iter().map(|column| choices(column, log)).collect())
        })
        .collect()
}

fn choices(column: &OutColumn, log: &Log) -> ColumnChoices {
    let stream = |stream: &OutStream| StreamChoice {
        role: stream.role,
        bytes: stream.encoded.payload.len(),
        tried: log.of(&stream.encoded),
    };
    ColumnChoices {
        kind: column.kind,
        name: column.name.to_owned(),
        streams: column.streams.iter().map(stream).collect(),
        children: column.children.iter().map(|child| choices(child, log)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;
    use crate::testing::Random;
    use crate::testing::generate::layers;
    use crate::tile::options::Profile;
    use crate::tile::read::Tile;
    use crate::tile::write::encode;

    #[test]
    fn what_is_taken_is_what_is_written_and_costs_least() {
        let mut choices = 0;
        for seed in 0..60 {
            let layers = layers::tile(&mut Random::from_seed(seed));
            for profile in Profile::ALL {
                let options = EncodeOptions { compact: Some(false), ..EncodeOptions::new(profile) };
                let tile = encode(&layers, &options).unwrap();
                let tile = Tile::open(&tile, &mut Budget::default()).unwrap();
                let entries = tile.directory().layers().iter().flat_map(|layer| layer.columns());
                let told = why(&layers, &options).unwrap();
                let columns: Vec<&ColumnChoices> = told.iter().flatten().collect();
                assert_eq!(entries.clone().count(), columns.len());
                for (entry, column) in entries.zip(columns) {
                    assert_eq!((entry.kind(), entry.name()), (column.kind, column.name.as_str()));
                    for (entry, stream) in entry.streams().iter().zip(&column.streams) {
                        assert_eq!((entry.role(), entry.range().len()), (stream.role, stream.bytes));
                        if stream.tried.is_empty() {
                            continue;
                        }
                        choices += 1;
                        let taken: Vec<&Tried> = stream.tried.iter().filter(|tried| tried.taken).collect();
                        let [taken] = taken[..] else { panic!("{stream:?}") };
                        if stream.role == Role::Vertices {
                            // Chosen by rules of their own; those of ice have a second stream.
                            continue;
                        }
                        // What entropy coding takes is reckoned, not tried out.
                        let near = taken.bytes.abs_diff(stream.bytes) <= 8 + stream.bytes / 20;
                        assert!(
                            near && (taken.bytes == stream.bytes || taken.encoding.contains("entropy")),
                            "{stream:?}"
                        );
                        // Decimals are weighed by their own time alone.
                        let floats = matches!(column.kind, ColumnKind::Float | ColumnKind::Double);
                        let cheapest = stream.tried.iter().all(|tried| tried.price >= taken.price);
                        assert!(cheapest || floats, "{stream:?}");
                    }
                }
            }
        }
        assert!(choices > 1000, "only {choices} choices");
    }
}
