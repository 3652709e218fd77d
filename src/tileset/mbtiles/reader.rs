//! Reads MBTiles of any schema, without ever writing to them.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row};

use crate::coord::TileCoord;
use crate::tileset::compression::{Compression, MAX_TILE_BYTES};
use crate::tileset::error::{Context, Error, Result};
use crate::tileset::listing::Listing;
use crate::tileset::metadata::Metadata;
use crate::tileset::select::Selection;
use crate::tileset::sorted::Sorter;
use crate::tileset::tile::{BadTile, SourceTile, Visit};
use crate::tileset::tile_id::tile_id;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;

/// An open MBTiles file.
pub struct MbtilesReader {
    connection: Connection,
    path: PathBuf,
    metadata: Metadata,
    /// Whether a tile is found by its place without going through all of them.
    indexed: bool,
}

const BY_PLACE: &str =
    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?";

impl MbtilesReader {
    /// Opens the file at `path` and reads its metadata.
    ///
    /// # Errors
    /// If the file cannot be read, is cut off, or is not an MBTiles file.
    pub fn open(path: &Path) -> Result<Self> {
        let whose = || path.display().to_string();
        check_header(path).context(whose)?;
        let connection = open_database(path).context(whose)?;
        check_schema(&connection).context(whose)?;
        let metadata = read_metadata(&connection).context(whose)?;
        let indexed = is_indexed(&connection).context(whose)?;
        Ok(Self { connection, path: path.to_owned(), metadata, indexed })
    }

    /// What the tileset says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The number of tiles.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn count(&self) -> Result<u64> {
        let count = self.connection.query_row("SELECT count(*) FROM tiles", [], |row| row.get::<_, i64>(0));
        count.map(|count| count as u64).context(|| self.path.display().to_string())
    }

    /// What the tiles are wrapped in, if the metadata tell.
    pub fn compression(&self) -> Option<Compression> {
        Compression::from_name(self.metadata.get("compression")?)
    }

    /// The tile at `coord` as it is stored, or none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn tile(&self, coord: TileCoord) -> Result<Option<Vec<u8>>> {
        let key = (coord.z(), coord.x(), coord.tms_row());
        let tile = self.connection.prepare_cached(BY_PLACE).and_then(|mut statement| {
            statement.query_row(key, |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).optional()
        });
        tile.context(|| format!("tile {coord} of {}", self.path.display()))
    }

    /// Some tile, to see what they are like.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn some_tile(&self) -> Result<Option<Vec<u8>>> {
        let query = "SELECT tile_data FROM tiles WHERE typeof(tile_data) = 'blob' LIMIT 1";
        let tile = self.connection.query_row(query, [], |row| row.get(0)).optional();
        tile.context(|| self.path.display().to_string())
    }

    /// Finds out which tiles there are.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn list(&self, select: &Selection) -> Result<Listing> {
        let (mut ids, mut misplaced) = (Sorter::new(), 0);
        self.for_each_place("NULL", &mut |place, _| {
            match place {
                Ok(coord) if select.contains(coord) => {
                    ids.push(tile_id(coord)).context(|| "cannot sort".into())?;
                }
                Ok(_) => {}
                Err(_) => misplaced += 1,
            }
            Ok(())
        })?;
        Ok(match self.indexed {
            true => Listing::of(ids, misplaced),
            false => Listing { count: Some(ids.count() + misplaced), ids: None, misplaced },
        })
    }

    /// The stored sizes of all tiles that are wanted.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn for_each_size(
        &self,
        select: &Selection,
        visit: &mut dyn FnMut(TileCoord, u64),
    ) -> Result<()> {
        self.for_each_place("length(tile_data)", &mut |place, length| {
            if let Ok(coord) = place
                && select.contains(coord)
            {
                visit(coord, length);
            }
            Ok(())
        })
    }

    /// Hands over the places of all rows as the database has them, and with each a number.
    fn for_each_place(
        &self,
        number: &str,
        visit: &mut dyn FnMut(Result<TileCoord, BadTile>, u64) -> Result<()>,
    ) -> Result<()> {
        let whose = || self.path.display().to_string();
        let query = format!("SELECT zoom_level, tile_column, tile_row, {number} FROM tiles");
        let mut statement = self.connection.prepare(&query).context(whose)?;
        let mut rows = statement.query([]).context(whose)?;
        while let Some(row) = rows.next().context(whose)? {
            let place = place(row).context(whose)?;
            let number = row.get_ref(3).context(whose)?.as_i64().unwrap_or(0);
            visit(place, u64::try_from(number).unwrap_or(0))?;
        }
        Ok(())
    }

    /// Hands over all tiles that are wanted and lie behind `after`, in the order of their ids, until
    /// told to stop. First come, unless `after` says that they have come, those that have no place.
    ///
    /// # Errors
    /// If the database cannot be read. A tile that cannot be one is handed over as bad.
    pub(crate) fn for_each(
        &self,
        listing: Listing,
        select: &Selection,
        after: Option<u64>,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        let mut flow = ControlFlow::Continue(());
        if listing.misplaced > 0 && after.is_none() {
            self.for_each_place("NULL", &mut |place, _| {
                if let (Err(bad), true) = (place, flow.is_continue()) {
                    flow = visit(Err(bad));
                }
                Ok(())
            })?;
        }
        if flow.is_break() {
            return Ok(());
        }
        if self.indexed {
            return listing.for_each(after, "occurs twice", |coord| self.read_tile(coord), visit);
        }
        self.for_each_sorted(select, after, visit).context(|| self.path.display().to_string())
    }

    fn read_tile(&self, coord: TileCoord) -> Result<Vec<u8>, BadTile> {
        let key = (coord.z(), coord.x(), coord.tms_row());
        let read = self
            .connection
            .prepare_cached(BY_PLACE)
            .and_then(|mut statement| statement.query_row(key, |row| Ok(blob(coord, row.get_ref(0)?))));
        read.unwrap_or_else(|error| Err(BadTile::at(coord, format!("cannot be read: {error}"))))
    }

    /// As [`for_each`](Self::for_each) where no index helps to find a tile: SQLite sorts them all, in
    /// temporary files.
    fn for_each_sorted(
        &self,
        select: &Selection,
        after: Option<u64>,
        visit: &mut Visit<'_>,
    ) -> Result<(), rusqlite::Error> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        self.connection.create_scalar_function("covt_tile_id", 3, flags, |context| {
            let coord = coord(context.get_raw(0), context.get_raw(1), context.get_raw(2));
            Ok(coord.map(|coord| tile_id(coord) as i64))
        })?;
        self.connection.pragma_update(None, "temp_store", "FILE")?;
        let mut statement = self.connection.prepare(
            "SELECT zoom_level, tile_column, tile_row, tile_data, \
             covt_tile_id(zoom_level, tile_column, tile_row) AS id FROM tiles WHERE id > ? ORDER BY id",
        )?;
        let mut rows = statement.query([after.map_or(-1, |after| after as i64)])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let Ok(coord) = place(row)? else { continue };
            if !select.contains(coord) {
                continue;
            }
            let tile = match last.replace(coord) == Some(coord) {
                true => Err(BadTile::at(coord, "occurs twice")),
                false => blob(coord, row.get_ref(3)?).map(|data| SourceTile { coord, data }),
            };
            if visit(tile).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a tile is found by its place without going through a table or an index.
fn is_indexed(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {BY_PLACE}"))?;
    let mut rows = statement.query([0, 0, 0])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, String>("detail")?.starts_with("SCAN") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// SQLite opens anything and complains only later, of something else.
fn check_header(path: &Path) -> Result<()> {
    let mut file = File::open(path).context(|| "cannot open".into())?;
    let found = file.metadata().context(|| "cannot open".into())?;
    if found.is_dir() {
        return Err(Error::new("is a folder, not an MBTiles file"));
    }
    if found.is_file() && found.len() == 0 {
        return Err(Error::new("is empty, not an MBTiles file"));
    }
    let mut header = Vec::with_capacity(HEADER_BYTES);
    file.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header).context(|| "cannot read".into())?;
    if header.starts_with(b"PMTiles") {
        return Err(Error::new("is a PMTiles archive, not an MBTiles file"));
    }
    if !header.starts_with(MAGIC) {
        return Err(Error::new("is not an MBTiles file (it is not an SQLite database)"));
    }
    let Some((expected, exact)) = database_size(&header) else {
        return Err(Error::new("is cut off within its header"));
    };
    // A journal beside the file may still hold pages that the header counts.
    let journal = ["-wal", "-journal"].iter().any(|suffix| beside(path, suffix).exists());
    if exact && !journal && found.len() < expected {
        let len = found.len();
        return Err(Error::new(format!(
            "is cut off: {len} bytes of the {expected} that its header tells of"
        )));
    }
    Ok(())
}

/// The size of a database by its header, and whether that can be relied on:
///
/// ```text
/// 16..18  page size, 1 for 65536
/// 24..28  change counter
/// 28..32  size in pages, valid if 92..96 equals the change counter
/// ```
fn database_size(header: &[u8]) -> Option<(u64, bool)> {
    let header: &[u8; HEADER_BYTES] = header.try_into().ok()?;
    let number =
        |at: usize| header[at..at + 4].iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        bytes => u64::from(bytes),
    };
    Some((page_bytes * number(28), number(24) == number(92)))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn open_database(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // The file is opened no sooner than the first query.
    let probe = |connection: Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map(|()| connection)
    };
    let opened = Connection::open_with_flags(path, flags).and_then(probe);
    let write_wanted = |error: &rusqlite::Error| {
        matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
    };
    match opened {
        // A database in WAL mode wants to create files beside it even to be read. Where the folder
        // is read-only and no such file is there, nobody writes to it either.
        Err(error) if write_wanted(&error) && !beside(path, "-wal").exists() => {
            let uri = immutable_uri(path);
            Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).and_then(probe)
        }
        opened => opened,
    }
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(byte.into()),
            _ => uri += &format!("%{byte:02x}"),
        }
    }
    uri + "?immutable=1"
}

fn check_schema(connection: &Connection) -> Result<()> {
    for (table, columns) in
        [("metadata", "name, value"), ("tiles", "zoom_level, tile_column, tile_row, tile_data")]
    {
        connection
            .prepare(&format!("SELECT {columns} FROM {table}"))
            .context(|| format!("is not an MBTiles file: no readable table or view {table}({columns})"))?;
    }
    Ok(())
}

fn read_metadata(connection: &Connection) -> Result<Metadata, rusqlite::Error> {
    let mut metadata = Metadata::default();
    let mut statement = connection.prepare("SELECT name, value FROM metadata")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let (Some(name), Some(value)) = (text(row.get_ref(0)?), text(row.get_ref(1)?)) {
            metadata.set(name, value);
        }
    }
    Ok(metadata)
}

/// Values are text by the specification; some writers store numbers.
fn text(value: ValueRef) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The place that the first three columns of a row name.
fn place(row: &Row) -> Result<Result<TileCoord, BadTile>, rusqlite::Error> {
    let (z, x, y) = (row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?);
    Ok(coord(z, x, y).ok_or_else(|| {
        let shown = |value| text(value).unwrap_or_else(|| "NULL".into());
        let name = format!("at zoom {}, column {}, TMS row {}", shown(z), shown(x), shown(y));
        BadTile::new(name, "there is no such tile")
    }))
}

fn blob(coord: TileCoord, data: ValueRef) -> Result<Vec<u8>, BadTile> {
    match data {
        ValueRef::Blob(data) | ValueRef::Text(data) if data.len() <= MAX_TILE_BYTES => Ok(data.to_vec()),
        ValueRef::Blob(_) | ValueRef::Text(_) => {
            let limit = MAX_TILE_BYTES >> 20;
            Err(BadTile::at(coord, format!("the stored tile is larger than the limit of {limit} MiB")))
        }
        other => Err(BadTile::at(coord, format!("its data is not a blob but {}", other.data_type()))),
    }
}

fn coord(z: ValueRef, x: ValueRef, row: ValueRef) -> Option<TileCoord> {
    TileCoord::from_tms(
        z.as_i64().ok()?.try_into().ok()?,
        x.as_i64().ok()?.try_into().ok()?,
        row.as_i64().ok()?.try_into().ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_name_is_found_as_immutable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("50% ü? #1&2.mbtiles");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(immutable_uri(&path), flags).unwrap();
        assert!(connection.prepare("SELECT b FROM a").is_ok());
        assert!(connection.execute_batch("DROP TABLE a").is_err());
    }

    #[test]
    fn the_size_is_that_of_the_header() {
        let mut header = [0; HEADER_BYTES];
        header[16..18].copy_from_slice(&[0x10, 0]);
        header[28..32].copy_from_slice(&[0, 0, 1, 2]);
        assert_eq!(database_size(&header), Some((4096 * 258, true)));
        header[16..18].copy_from_slice(&[0, 1]);
        header[27] = 9;
        assert_eq!(database_size(&header), Some((65536 * 258, false)));
        assert_eq!(database_size(&header[..99]), None);
    }
}
