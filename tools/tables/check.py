"""Reads what `covt export` writes with GeoPandas, pyarrow and DuckDB, and compares what they find."""

import pathlib
import re
import subprocess
import sys

import duckdb
import duckdb_extension_spatial
import geopandas
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pyproj
import shapely


def run(covt, *arguments):
    done = subprocess.run([covt, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def a_tileset(covt, folder):
    """The generated tileset of `covt demo`, as MVT and as COVT."""
    run(covt, "demo", "--out", folder / "demo")
    return folder / "demo/mvt.mbtiles", folder / "demo/covt-small.mbtiles"


def spatial():
    """DuckDB with its spatial extension, from the wheel, without a network."""
    root = pathlib.Path(duckdb_extension_spatial.__file__).parent
    extension = next(root.rglob("spatial.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection


def check_table(path, crs, connection):
    """What all three say of one GeoParquet file."""
    table = pq.read_table(path)
    frame = geopandas.read_parquet(path)
    assert len(frame) == table.num_rows > 0, len(frame)
    assert pyproj.CRS(frame.crs).equals(pyproj.CRS(crs), ignore_axis_order=True), frame.crs
    assert frame.geometry.notna().all() and (frame.geometry.geom_type != "Unknown").all()
    # The column of boxes, which GeoPandas leaves out, is that of the geometries.
    boxes = table["bbox"].combine_chunks()
    for name, corner in zip(["minx", "miny", "maxx", "maxy"], ["xmin", "ymin", "xmax", "ymax"]):
        assert (frame.geometry.bounds[name] == boxes.field(corner).to_numpy()).all(), name
    # By boxes no other rows are found than by the geometries.
    west, south, east, north = frame.total_bounds
    box = (west, south, (west + east) / 2, (south + north) / 2)
    assert len(geopandas.read_parquet(path, bbox=box)) == int(shapely.intersects(shapely.box(*box), shapely.box(*frame.bounds.to_numpy().T)).sum())
    # Tiles are in their order, each a run of rows.
    places = list(zip(frame["z"], frame["x"], frame["y"]))
    runs = [place for number, place in enumerate(places) if number == 0 or places[number - 1] != place]
    assert len(runs) == len(set(runs))
    if crs == "OGC:CRS84":
        for (z, x, y), rows in frame.groupby(["z", "x", "y"]):
            west = x / 2**z * 360 - 180
            width = 360 / 2**z
            assert rows.total_bounds[0] > west - width and rows.total_bounds[2] < west + 2 * width, (z, x, y)
    rows, area, kinds = connection.execute(
        f"SELECT count(*), sum(ST_Area(geometry)), list(DISTINCT ST_GeometryType(geometry)) FROM '{path}'"
    ).fetchone()
    assert rows == len(frame)
    # Of degrees, too: it only tells whether both see the same.
    expected = shapely.area(frame.geometry.to_numpy()).sum()
    assert abs(area - expected) <= 1e-9 * max(1.0, area), (area, expected)
    assert kinds
    return frame


def check_arrow(path, frame):
    """The Arrow file has the same rows, and geometries that GeoPandas knows for what they are."""
    with pyarrow.ipc.open_file(path) as reader:
        table = reader.read_all()
    field = table.schema.field("geometry")
    assert field.metadata[b"ARROW:extension:name"] == b"geoarrow.wkb", field.metadata
    again = geopandas.GeoDataFrame.from_arrow(table).drop(columns="bbox")
    assert pyproj.CRS(again.crs).equals(pyproj.CRS(frame.crs), ignore_axis_order=True)
    assert again.geometry.equals(frame.geometry)
    assert list(again.columns) == list(frame.columns)
    for name in frame.columns.drop("geometry"):
        assert again[name].astype("string").equals(frame[name].astype("string")), name


def check_query(covt, tiles, frame, *arguments):
    """What DuckDB says of the stream that `covt export` writes to a pipe, and what of the file it wrote."""
    query = "SELECT class, count(*) AS n FROM layer GROUP BY class ORDER BY class"
    export = subprocess.Popen([covt, "export", tiles, *map(str, arguments), "-o", "-"], stdout=subprocess.PIPE)
    script = pathlib.Path(__file__).parent / "query.py"
    done = subprocess.run([sys.executable, script, query], stdin=export.stdout, capture_output=True, text=True)
    assert export.wait() == 0 and done.returncode == 0, done.stderr
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines()]
    told = {row[0]: int(row[1]) for row in cells if len(row) == 2 and row[1].isdigit()}
    assert told == frame["class"].value_counts().to_dict(), done.stdout


def main():
    covt, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    connection = spatial()
    mvt, tiles = a_tileset(covt, folder)
    total = 0
    for layer, zoom in [("transportation", 14), ("water", 12), ("place", 10), ("building", 14)]:
        for name, crs in [("degrees", "OGC:CRS84"), ("mercator", "EPSG:3857")]:
            out = folder / f"{layer}-{name}"
            common = ["--layer", layer, "--zoom", zoom, "--crs", name, "--group-rows", 500]
            told = run(covt, "export", tiles, *common, "-o", f"{out}.parquet")
            run(covt, "export", mvt, *common, "-o", f"{out}-mvt.parquet")
            run(covt, "export", tiles, *common, "-o", f"{out}.arrow")
            frame = check_table(f"{out}.parquet", crs, connection)
            assert int(re.match(r"[\d,]+", told)[0].replace(",", "")) == len(frame)
            same = geopandas.read_parquet(f"{out}-mvt.parquet")
            assert same.geometry.equals(frame.geometry) and list(same.columns) == list(frame.columns)
            check_arrow(f"{out}.arrow", frame)
            total += len(frame)
            if layer == "transportation":
                check_query(covt, tiles, frame, *common)
                where = "class IN ('secondary', 'primary') AND NOT class = 'primary'"
                run(covt, "export", tiles, *common, "--filter", where, "-o", f"{out}-some.parquet")
                some = geopandas.read_parquet(f"{out}-some.parquet")
                assert some.equals(frame[frame["class"] == "secondary"].reset_index(drop=True)) and len(some)
    assert total > 1000, total
    print(f"{total} rows read by GeoPandas, pyarrow and DuckDB")


main()
