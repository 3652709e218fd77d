//! Writes MBTiles in which no tile is stored twice.

use std::hash::BuildHasher;
use std::path::Path;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rusqlite::{Connection, params};

use super::APPLICATION_ID;
use crate::coord::TileCoord;
use crate::tileset::error::{Context, Result};
use crate::tileset::metadata::Metadata;
use crate::tileset::output::{Existing, Scratch};

const SCHEMA: &str = "
    CREATE TABLE metadata (name TEXT, value TEXT);
    CREATE UNIQUE INDEX name ON metadata (name);
    CREATE TABLE tiles_shallow (
        zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data_id INTEGER,
        PRIMARY KEY (zoom_level, tile_column, tile_row)
    ) WITHOUT ROWID;
    CREATE TABLE tiles_data (tile_data_id INTEGER PRIMARY KEY, tile_data BLOB);
    CREATE VIEW tiles AS
        SELECT zoom_level, tile_column, tile_row, tile_data
        FROM tiles_shallow JOIN tiles_data USING (tile_data_id);";

/// An MBTiles file in the making; dropped unfinished, it is removed.
pub struct MbtilesWriter {
    // Declared before the folder it lies in, so that it is closed before that is removed.
    connection: Connection,
    scratch: Scratch,
    seen: Seen,
    last_id: i64,
}

impl MbtilesWriter {
    /// Starts to make the file at `path`, which appears there when it is complete.
    ///
    /// # Errors
    /// If the file exists and is to be kept, or cannot be written.
    pub fn create(path: &Path, existing: Existing) -> Result<Self> {
        let scratch = Scratch::beside(path, existing)?;
        let connection = open(&scratch.output()).context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { connection, scratch, seen: Seen::default(), last_id: 0 })
    }

    /// Adds a tile as it shall be stored: MVT with [gzip](crate::tileset::gzip()), COVT as it is.
    /// The order does not matter.
    ///
    /// # Errors
    /// If there is a tile at `coord` already, or the file cannot be written.
    pub fn write(&mut self, coord: TileCoord, tile: &[u8]) -> Result<()> {
        self.insert(coord, tile).context(|| format!("cannot write tile {coord}"))
    }

    fn insert(&mut self, coord: TileCoord, tile: &[u8]) -> rusqlite::Result<()> {
        let hash = FixedState::default().hash_one(tile);
        let id = match self.seen.get(hash) {
            Some(id) if self.holds(id, tile)? => id,
            _ => {
                self.last_id += 1;
                self.connection
                    .prepare_cached("INSERT INTO tiles_data VALUES (?, ?)")?
                    .execute(params![self.last_id, tile])?;
                self.last_id
            }
        };
        self.seen.insert(hash, id);
        self.connection.prepare_cached("INSERT INTO tiles_shallow VALUES (?, ?, ?, ?)")?.execute((
            coord.z(),
            coord.x(),
            coord.tms_row(),
            id,
        ))?;
        Ok(())
    }

    /// Whether it is really the same tile and not only the same hash.
    fn holds(&self, id: i64, tile: &[u8]) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT tile_data FROM tiles_data WHERE tile_data_id = ?")?
            .query_row([id], |row| Ok(row.get_ref(0)?.as_blob()? == tile))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self, metadata: &Metadata) -> Result<()> {
        let Self { connection, scratch, .. } = self;
        let complete = || {
            for row in metadata.rows() {
                connection.execute("INSERT INTO metadata VALUES (?, ?)", row)?;
            }
            connection.execute_batch("COMMIT")
        };
        complete().context(|| "cannot complete the MBTiles file".into())?;
        connection.close().map_err(|(_, error)| error).context(|| "cannot close the MBTiles file".into())?;
        scratch.commit()
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // An unfinished file is thrown away, never repaired: so no journal, no waiting for the disk,
    // and one transaction for all. It does not pile up in memory, for pages go to disk as the
    // cache fills.
    connection.pragma_update(None, "journal_mode", "OFF")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}

/// The ids of tiles written lately, by the hash of their bytes: of the last [`Seen::LIMIT`]
/// distinct ones at least, and of what repeats more often than that.
#[derive(Default)]
struct Seen {
    young: HashMap<u64, i64, FixedState>,
    old: HashMap<u64, i64, FixedState>,
}

impl Seen {
    /// Two maps of this many entries take less than 20 MB. The few tiles that repeat a lot (sea,
    /// forest) come up in every run of this length.
    const LIMIT: usize = 400_000;

    fn get(&self, hash: u64) -> Option<i64> {
        self.young.get(&hash).or_else(|| self.old.get(&hash)).copied()
    }

    fn insert(&mut self, hash: u64, id: i64) {
        if self.young.len() == Self::LIMIT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tileset::mbtiles::MbtilesReader;

    #[test]
    fn what_is_written_is_read_and_equal_tiles_are_stored_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mbtiles");
        let mut writer = MbtilesWriter::create(&path, Existing::Keep).unwrap();
        let coords =
            [(0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 0)].map(|(z, x, y)| TileCoord::new(z, x, y).unwrap());
        let tiles = [&b"sea"[..], b"land", b"sea", b""];
        for (coord, tile) in coords.into_iter().zip(tiles) {
            writer.write(coord, tile).unwrap();
        }
        let mut metadata = Metadata::default();
        metadata.set("name", "a");
        writer.finish(&metadata).unwrap();

        let reader = MbtilesReader::open(&path).unwrap();
        assert_eq!(reader.metadata(), &metadata);
        assert_eq!(reader.count().unwrap(), 4);
        for (coord, tile) in coords.into_iter().zip(tiles) {
            assert_eq!(reader.tile(coord).unwrap().as_deref(), Some(tile));
        }
        assert_eq!(reader.tile(TileCoord::new(1, 1, 1).unwrap()).unwrap(), None);

        let connection = Connection::open(&path).unwrap();
        let count = |table: &str| {
            let query = format!("SELECT count(*) FROM {table}");
            connection.query_row(&query, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((count("tiles_shallow"), count("tiles_data")), (4, 3));
        let rows: Vec<i64> = connection
            .prepare("SELECT tile_row FROM tiles WHERE zoom_level = 1 AND tile_column = 0 ORDER BY tile_data")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(rows, [1, 0], "land lies in the north, so its row counts from the south");
    }

    #[test]
    fn an_equal_hash_is_not_an_equal_tile() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = MbtilesWriter::create(&folder.path().join("a.mbtiles"), Existing::Keep).unwrap();
        writer.write(TileCoord::new(1, 0, 0).unwrap(), b"one").unwrap();
        let hash = FixedState::default().hash_one(&b"two"[..]);
        writer.seen.insert(hash, 1);
        writer.write(TileCoord::new(1, 0, 1).unwrap(), b"two").unwrap();
        assert_eq!(writer.last_id, 2);
    }

    #[test]
    fn the_memory_for_what_was_seen_is_bounded() {
        let mut seen = Seen::default();
        for hash in 0..3 * Seen::LIMIT as u64 {
            seen.insert(hash, hash as i64);
        }
        assert!(seen.young.len() + seen.old.len() <= 2 * Seen::LIMIT);
        assert_eq!(seen.get(0), None);
        assert_eq!(seen.get(2 * Seen::LIMIT as u64), Some(2 * Seen::LIMIT as i64));
    }
}
