//! From MVT to COVT and back.

use super::{Beyond, Dropped, Reduced, read, reduce, write};
use crate::error::Result;
use crate::limits::Budget;
use crate::tile::options::EncodeOptions;
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// Makes a COVT tile of an MVT tile, and counts what MVT gives no meaning to and was left out.
///
/// # Errors
/// If `mvt` is no MVT tile, or breaks the specification in a way that cannot be kept
/// (`spec/mvt.md` lists them); the error names the layer and the feature.
///
/// ```
/// use covt::{Budget, EncodeOptions, mvt};
///
/// let source = mvt::write(&[covt::LayerBuilder::new("empty").finish()?])?;
/// let (tile, dropped) = mvt::to_covt(&source, &EncodeOptions::default())?;
/// let back = mvt::from_covt(&tile, &mut Budget::default())?;
/// mvt::compare(&source, &back).unwrap();
/// # Ok::<(), covt::Error>(())
/// ```
pub fn to_covt(mvt: &[u8], options: &EncodeOptions) -> Result<(Vec<u8>, Dropped)> {
    let (layers, dropped) = read(mvt)?;
    Ok((encode(&layers, options)?, dropped))
}

/// Makes an MVT tile of a COVT tile.
///
/// # Errors
/// If `covt` is no COVT tile or damaged, takes more memory than `budget` has left, or holds what MVT
/// cannot ([`reduce_covt`] flattens or drops that).
pub fn from_covt(covt: &[u8], budget: &mut Budget) -> Result<Vec<u8>> {
    let layers = Tile::open(covt, budget)?.decode(budget)?;
    write(&layers)
}

/// Makes an MVT tile of a COVT tile, and tells what MVT could not hold.
///
/// # Errors
/// If `covt` is no COVT tile or damaged, or takes more memory than `budget` has left.
pub fn reduce_covt(covt: &[u8], beyond: Beyond, budget: &mut Budget) -> Result<(Vec<u8>, Reduced)> {
    let layers = Tile::open(covt, budget)?.decode(budget)?;
    let (layers, reduced) = reduce(&layers, beyond);
    Ok((write(&layers)?, reduced))
}
