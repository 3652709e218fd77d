//! Where people go on a map: from the whole of it into places where there is something, a few tiles in
//! view at a time, and a step aside now and then.

use std::collections::BTreeSet;

use anyhow::Result;
use covt::TileCoord;
use covt::testing::Random;

use super::client::Client;

/// Tiles in view, across and down: a window of some 1500 by 1000 pixels.
const VIEW: [i64; 2] = [3, 2];

/// Goes `walks` ways from the first to the last zoom, and hands over the tiles in the order in which they come
/// into view, none twice. Looks at tiles by `probe`, a query that nothing that is measured asks for.
pub async fn walk(
    client: &mut Client,
    dataset: &str,
    zooms: [u8; 2],
    walks: usize,
    probe: &str,
) -> Result<Vec<TileCoord>> {
    let mut random = Random::from_seed(7);
    let (mut seen, mut tiles) = (BTreeSet::new(), Vec::new());
    for _ in 0..walks {
        let Some(mut focus) = first(client, dataset, zooms, probe).await? else { break };
        loop {
            let aside = [random.any() % 3, random.any() % 3].map(|step| step as i64 - 1);
            for [right, down] in [[0, 0], aside] {
                for tile in view(focus, right, down) {
                    if seen.insert(tile) {
                        tiles.push(tile);
                    }
                }
            }
            if focus.z() >= zooms[1] {
                break;
            }
            let mut children = Vec::new();
            for child in children_of(focus) {
                let answer = client.get(&format!("/{dataset}/{child}.mvt?{probe}")).await?;
                let weight = answer.rows.unwrap_or(answer.bytes as u64);
                children.push((child, weight));
            }
            // Where there is more, there are more people; but not all of them.
            let roots: Vec<f64> = children.iter().map(|(_, weight)| (*weight as f64).sqrt()).collect();
            let mut place = roots.iter().sum::<f64>() * (random.any() >> 11) as f64 / (1u64 << 53) as f64;
            let chosen = roots.iter().position(|root| {
                place -= root;
                *root > 0.0 && place <= 0.0
            });
            match chosen {
                Some(chosen) => focus = children[chosen].0,
                None => break,
            }
        }
    }
    Ok(tiles)
}

/// The first tile with something in it.
async fn first(client: &mut Client, dataset: &str, zooms: [u8; 2], probe: &str) -> Result<Option<TileCoord>> {
    for z in zooms[0]..=zooms[1].min(6) {
        for x in 0..1 << z {
            for y in 0..1 << z {
                let Some(coord) = TileCoord::new(z, x, y) else { continue };
                if client.get(&format!("/{dataset}/{coord}.mvt?{probe}")).await?.bytes > 0 {
                    return Ok(Some(coord));
                }
            }
        }
    }
    Ok(None)
}

pub fn children_of(coord: TileCoord) -> impl Iterator<Item = TileCoord> {
    let (z, x, y) = (coord.z() + 1, 2 * coord.x(), 2 * coord.y());
    [[0, 0], [1, 0], [0, 1], [1, 1]]
        .into_iter()
        .filter_map(move |[right, down]| TileCoord::new(z, x + right, y + down))
}

/// The tiles in view around `focus`, moved aside by some tiles.
fn view(focus: TileCoord, right: i64, down: i64) -> Vec<TileCoord> {
    let [across, along] = VIEW;
    let column = i64::from(focus.x()) + right - across / 2;
    let row = i64::from(focus.y()) + down - along / 2;
    let tile = |x: i64, y: i64| TileCoord::new(focus.z(), u32::try_from(x).ok()?, u32::try_from(y).ok()?);
    (row..row + along).flat_map(|y| (column..column + across).filter_map(move |x| tile(x, y))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_end_at_the_edge() {
        let of = |z, x, y, right, down| view(TileCoord::new(z, x, y).unwrap(), right, down).len();
        assert_eq!([of(0, 0, 0, 0, 0), of(1, 0, 0, 0, 0), of(4, 7, 7, 1, -1)], [1, 2, 6]);
        assert_eq!(children_of(TileCoord::new(3, 7, 0).unwrap()).count(), 4);
    }
}
