"""Tiles of a Parquet file of points by DuckDB and by Polars, timed, beside those of covt: see `compare-points`.

Each tile is made in three ways: aggregated to 128 x 128 cells (count, sum, mean), the same of filtered rows, and
as rows with id and two numbers, where these are not too many. The best of five calls counts.
"""

import math
import os
import pathlib
import sys
import time

# Read when it is imported.
os.environ["POLARS_MAX_THREADS"] = "2"

import duckdb
import duckdb_extension_spatial
import polars

SIDE = 128
MOST_ROWS = 1_500_000


def best(make, rounds=5):
    """The shortest time of some calls in milliseconds, and what the last one returned."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = make()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times), result


def spatial(connection):
    """Loads the extension from where its package put it."""
    folder = pathlib.Path(duckdb_extension_spatial.__file__).parent
    file = next(folder.rglob("*.duckdb_extension"))
    connection.execute(f"LOAD '{file}'")


def by_duckdb(file, tiles):
    """Milliseconds by tile and kind. Rows stand along a Hilbert curve here too, so that most are skipped."""
    connection = duckdb.connect(config={"threads": 2, "allow_unsigned_extensions": "true"})
    spatial(connection)
    connection.execute(
        f"""CREATE TABLE trips AS SELECT * FROM (SELECT *, file_row_number AS id,
            (longitude / 360 + 0.5) AS x,
            (0.5 - ln((1 + sin(radians(latitude))) / (1 - sin(radians(latitude)))) / (4 * pi())) AS y
            FROM read_parquet('{file}', file_row_number = true))
            ORDER BY ST_Hilbert(x, y, {{'min_x': 0, 'min_y': 0, 'max_x': 1, 'max_y': 1}}::BOX_2D)"""
    )
    out = {}
    for name, (z, x, y) in tiles:
        scale = 2**z
        within = f"x >= {x / scale!r} AND x < {(x + 1) / scale!r} AND y >= {y / scale!r} AND y < {(y + 1) / scale!r}"
        for kind, condition in [("aggregated", "true"), ("filtered", "amount > 60")]:
            cells = f"""SELECT ST_AsMVT(cell, 'trips', 4096, 'geometry') FROM (
                SELECT {{'geometry': ST_Point(32 * i + 16, 32 * j + 16), 'count': count(*), 'sum': sum(amount),
                         'mean': avg(speed)}} AS cell FROM (
                    SELECT floor((x * {scale} - {x}) * {SIDE})::INT AS i,
                           floor((y * {scale} - {y}) * {SIDE})::INT AS j, amount, speed
                    FROM trips WHERE {within} AND {condition}) GROUP BY i, j)"""
            out[name, kind], _ = best(lambda: connection.execute(cells).fetchall())
        count = connection.execute(f"SELECT count(*) FROM trips WHERE {within}").fetchone()[0]
        if count <= MOST_ROWS:
            rows = f"""SELECT ST_AsMVT(point, 'trips', 4096, 'geometry', 'id') FROM (
                SELECT {{'geometry': ST_Point(floor((x * {scale} - {x}) * 4096), floor((y * {scale} - {y}) * 4096)),
                         'id': id, 'amount': amount, 'passengers': passengers}} AS point FROM trips WHERE {within})"""
            out[name, "rows"], _ = best(lambda: connection.execute(rows).fetchall())
    return out


def by_polars(file, tiles):
    """Milliseconds and cells by tile and kind: without making a tile of them."""
    column = polars.col
    sine = column("latitude").radians().sin()
    frame = polars.read_parquet(file).with_columns(
        x=column("longitude") / 360 + 0.5,
        y=0.5 - ((1 + sine) / (1 - sine)).log() / (4 * math.pi),
    )
    out = {}
    for name, (z, x, y) in tiles:
        scale = 2**z
        inside = [column("x") >= x / scale, column("x") < (x + 1) / scale]
        inside += [column("y") >= y / scale, column("y") < (y + 1) / scale]
        for kind, more in [("aggregated", []), ("filtered", [column("amount") > 60])]:
            cell = [
                ((column(axis) * scale - at) * SIDE).floor().cast(polars.Int32).alias(axis + "_cell")
                for axis, at in [("x", x), ("y", y)]
            ]
            query = (
                frame.lazy()
                .filter(*inside, *more)
                .group_by(*cell)
                .agg(polars.len(), column("amount").sum(), column("speed").mean())
            )
            millis, cells = best(query.collect)
            out[name, kind] = millis, len(cells)
    return out


def of_covt(path):
    """What the bench has printed: rows, features, milliseconds for COVT and for MVT by tile and kind."""
    out = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("covt\t"):
            _, name, kind, rows, features, covt, mvt = line.split("\t")
            out[name, kind] = int(rows), int(features), float(covt.split()[1]), float(mvt.split()[1])
    return out


def main():
    file, names, printed = sys.argv[1:]
    tiles = [(name, tuple(map(int, name.split("/")))) for name in names.split(",")]
    covt, duck, pola = of_covt(printed), by_duckdb(file, tiles), by_polars(file, tiles)
    print("| tile | kind | rows | features | covt, COVT | covt, MVT | DuckDB, MVT | Polars, no tile |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for (name, kind), (rows, features, fast, mvt) in covt.items():
        others = duck.get((name, kind))
        millis, cells = pola.get((name, kind), (None, None))
        # Places are 32 bits here and doubles there: a few rows lie on the other side of an edge.
        if cells is not None and abs(cells - features) > 2 + 0.001 * features:
            sys.exit(f"{name}, {kind}: {features} cells by covt, {cells} by Polars")
        shown = [f"{fast:.1f} ms", f"{mvt:.1f} ms"]
        shown += [f"{other:.1f} ms" if other is not None else "–" for other in [others, millis]]
        print(f"| {name} | {kind} | {rows:,} | {features:,} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
