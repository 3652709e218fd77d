//! Writes MBTiles in which no tile is stored twice.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::APPLICATION_ID;
use crate::coord::TileCoord;
use crate::tileset::error::{Context, Result};
use crate::tileset::metadata::Metadata;
use crate::tileset::output::{Existing, Scratch};
use crate::tileset::seen::Seen;

/// How the tables of an MBTiles file are laid out. Whoever reads `tiles` need not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MbtilesSchema {
    /// Tables `tiles_shallow` and `tiles_data` with numbers that join them, the smallest: equal tiles
    /// are stored once.
    #[default]
    Compact,
    /// Tables `map` and `images` with text that joins them, the most widely known one in which equal
    /// tiles are stored once.
    Images,
    /// One table `tiles`, in which equal tiles are stored again and again.
    Flat,
}

impl MbtilesSchema {
    fn tables(self) -> &'static str {
        match self {
            Self::Compact => {
                "CREATE TABLE tiles_shallow (
                    zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data_id INTEGER,
                    PRIMARY KEY (zoom_level, tile_column, tile_row)
                ) WITHOUT ROWID;
                CREATE TABLE tiles_data (tile_data_id INTEGER PRIMARY KEY, tile_data BLOB);
                CREATE VIEW tiles AS
                    SELECT zoom_level, tile_column, tile_row, tile_data
                    FROM tiles_shallow JOIN tiles_data USING (tile_data_id);"
            }
            Self::Images => {
                "CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT);
                CREATE UNIQUE INDEX map_index ON map (zoom_level, tile_column, tile_row);
                CREATE TABLE images (tile_data BLOB, tile_id TEXT);
                CREATE UNIQUE INDEX images_id ON images (tile_id);
                CREATE VIEW tiles AS
                    SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column,
                        map.tile_row AS tile_row, images.tile_data AS tile_data
                    FROM map JOIN images ON images.tile_id = map.tile_id;"
            }
            Self::Flat => {
                "CREATE TABLE tiles (
                    zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB
                );
                CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);"
            }
        }
    }

    /// Adds a place: zoom, column, row, and what tile there is.
    fn insert_place(self) -> &'static str {
        match self {
            Self::Compact => "INSERT INTO tiles_shallow VALUES (?, ?, ?, ?)",
            Self::Images => "INSERT INTO map VALUES (?, ?, ?, CAST(? AS TEXT))",
            Self::Flat => "INSERT INTO tiles VALUES (?, ?, ?, ?)",
        }
    }

    /// Adds a tile, by its number; none where places hold tiles themselves.
    fn insert_tile(self) -> Option<&'static str> {
        match self {
            Self::Compact => Some("INSERT INTO tiles_data (tile_data_id, tile_data) VALUES (?, ?)"),
            Self::Images => Some("INSERT INTO images (tile_id, tile_data) VALUES (CAST(? AS TEXT), ?)"),
            Self::Flat => None,
        }
    }

    /// Finds a tile by its number.
    fn find_tile(self) -> &'static str {
        match self {
            Self::Images => "SELECT tile_data FROM images WHERE tile_id = CAST(? AS TEXT)",
            _ => "SELECT tile_data FROM tiles_data WHERE tile_data_id = ?",
        }
    }

    /// Finds the greatest number of a tile.
    fn find_last(self) -> &'static str {
        match self {
            Self::Compact => "SELECT coalesce(max(tile_data_id), 0) FROM tiles_data",
            Self::Images => "SELECT count(*) FROM images",
            Self::Flat => "SELECT 0",
        }
    }
}

const METADATA: &str = "
    CREATE TABLE metadata (name TEXT, value TEXT);
    CREATE UNIQUE INDEX name ON metadata (name);";

/// The row of the metadata that holds how far an unfinished file is.
const CHECKPOINT: &str = "covt:checkpoint";

/// An MBTiles file in the making; dropped unfinished, it is removed.
pub struct MbtilesWriter {
    // Declared before the folder it lies in, so that it is closed before that is removed.
    connection: Connection,
    scratch: Scratch,
    schema: MbtilesSchema,
    seen: Seen<i64>,
    last_id: i64,
}

impl MbtilesWriter {
    /// Starts to make the file at `path`, which appears there when it is complete.
    ///
    /// # Errors
    /// If the file exists and is to be kept, or cannot be written.
    pub fn create(path: &Path, existing: Existing) -> Result<Self> {
        Self::start(Scratch::beside(path, existing)?, MbtilesSchema::default())
    }

    pub(crate) fn start(scratch: Scratch, schema: MbtilesSchema) -> Result<Self> {
        let create = || {
            let connection = open(&scratch.output())?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            connection.execute_batch(METADATA)?;
            connection.execute_batch(schema.tables())?;
            connection.execute_batch("BEGIN")?;
            Ok::<_, rusqlite::Error>(connection)
        };
        let connection = create().context(|| format!("cannot write {}", scratch.target().display()))?;
        Ok(Self { connection, scratch, schema, seen: Seen::default(), last_id: 0 })
    }

    /// How far the unfinished file in `scratch` is, in the words that [`Self::checkpoint`] was given.
    pub(crate) fn read_checkpoint(scratch: &Scratch) -> Option<String> {
        if !scratch.output().is_file() {
            return None;
        }
        let connection = open(&scratch.output()).ok()?;
        let query = "SELECT value FROM metadata WHERE name = ?";
        connection.query_row(query, [CHECKPOINT], |row| row.get(0)).optional().ok()?
    }

    /// Goes on where [`Self::checkpoint`] was called last.
    pub(crate) fn resume(scratch: Scratch, schema: MbtilesSchema) -> Result<Self> {
        let resume = || {
            let connection = open(&scratch.output())?;
            let last_id = connection.query_row(schema.find_last(), [], |row| row.get(0))?;
            connection.execute_batch("BEGIN")?;
            Ok::<_, rusqlite::Error>((connection, last_id))
        };
        let resumed = resume().context(|| format!("cannot go on with {}", scratch.target().display()));
        let (connection, last_id) = resumed?;
        Ok(Self { connection, scratch, schema, seen: Seen::default(), last_id })
    }

    /// Brings everything to disk, and with it `checkpoint`, all of it or nothing.
    pub(crate) fn checkpoint(&mut self, checkpoint: &str) -> Result<()> {
        let commit = || {
            let row = (CHECKPOINT, checkpoint);
            self.connection.prepare_cached("INSERT OR REPLACE INTO metadata VALUES (?, ?)")?.execute(row)?;
            self.connection.execute_batch("COMMIT; BEGIN")
        };
        commit().context(|| format!("cannot write {}", self.scratch.target().display()))
    }

    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
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
        let (z, x, row) = (coord.z(), coord.x(), coord.tms_row());
        let Some(insert_tile) = self.schema.insert_tile() else {
            let mut insert = self.connection.prepare_cached(self.schema.insert_place())?;
            return insert.execute(params![z, x, row, tile]).map(drop);
        };
        let hash = Seen::<i64>::hash(tile);
        let id = match self.seen.get(hash) {
            Some(id) if self.holds(id, tile)? => id,
            _ => {
                self.last_id += 1;
                self.connection.prepare_cached(insert_tile)?.execute(params![self.last_id, tile])?;
                self.last_id
            }
        };
        self.seen.insert(hash, id);
        self.connection.prepare_cached(self.schema.insert_place())?.execute((z, x, row, id)).map(drop)
    }

    /// Whether it is really the same tile and not only the same hash.
    fn holds(&self, id: i64, tile: &[u8]) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(self.schema.find_tile())?
            .query_row([id], |row| Ok(row.get_ref(0)?.as_blob()? == tile))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self, metadata: &Metadata) -> Result<()> {
        let Self { connection, scratch, .. } = self;
        let complete = || {
            connection.execute("DELETE FROM metadata WHERE name = ?", [CHECKPOINT])?;
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
    // What is written between two checkpoints is one transaction, which a process that is killed
    // takes with it. It does not pile up in memory, for pages go to disk as the cache fills; and
    // nearly all pages are new, of which the journal holds nothing.
    connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(connection)
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
    fn every_schema_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for (name, schema) in
            [("a", MbtilesSchema::Compact), ("b", MbtilesSchema::Images), ("c", MbtilesSchema::Flat)]
        {
            let path = folder.path().join(name);
            let scratch = Scratch::beside(&path, Existing::Keep).unwrap();
            let mut writer = MbtilesWriter::start(scratch, schema).unwrap();
            let tile = |number: u32| [b'a' + (number % 3) as u8; 9];
            for y in 0..4 {
                writer.write(TileCoord::new(2, 1, y).unwrap(), &tile(y)).unwrap();
            }
            writer.finish(&Metadata::default()).unwrap();
            let reader = MbtilesReader::open(&path).unwrap();
            assert_eq!(reader.count().unwrap(), 4);
            for y in 0..4 {
                let read = reader.tile(TileCoord::new(2, 1, y).unwrap()).unwrap();
                assert_eq!(read.as_deref(), Some(&tile(y)[..]), "{schema:?}");
            }
            if schema == MbtilesSchema::Images {
                let count = "SELECT count(*) FROM images";
                let connection = Connection::open(&path).unwrap();
                assert_eq!(connection.query_row(count, [], |row| row.get(0)), Ok(3));
            }
        }
    }

    #[test]
    fn what_came_after_the_last_checkpoint_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mbtiles");
        let tile = |y: u32| TileCoord::new(2, 0, y).unwrap();
        let mut writer = MbtilesWriter::create(&path, Existing::Keep).unwrap();
        writer.write(tile(0), b"one").unwrap();
        writer.checkpoint("first").unwrap();
        writer.write(tile(1), b"two").unwrap();
        writer.scratch.keep(true);
        drop(writer);
        let scratch = Scratch::left(&path, Existing::Keep).unwrap().remove(0);
        assert_eq!(MbtilesWriter::read_checkpoint(&scratch).as_deref(), Some("first"));
        let mut writer = MbtilesWriter::resume(scratch, MbtilesSchema::Compact).unwrap();
        writer.write(tile(1), b"three").unwrap();
        writer.finish(&Metadata::default()).unwrap();
        let reader = MbtilesReader::open(&path).unwrap();
        assert_eq!(reader.metadata(), &Metadata::default());
        assert_eq!(reader.tile(tile(1)).unwrap().as_deref(), Some(&b"three"[..]));
    }

    #[test]
    fn an_equal_hash_is_not_an_equal_tile() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = MbtilesWriter::create(&folder.path().join("a.mbtiles"), Existing::Keep).unwrap();
        writer.write(TileCoord::new(1, 0, 0).unwrap(), b"one").unwrap();
        writer.seen.insert(Seen::<i64>::hash(b"two"), 1);
        writer.write(TileCoord::new(1, 0, 1).unwrap(), b"two").unwrap();
        assert_eq!(writer.last_id, 2);
    }
}
