"""Tiles of a Parquet file of points by DuckDB and by Polars, timed: see `compare-points`."""

import math
import pathlib
import sys
import time

import duckdb
import polars

SIDE = 128


def best(make, rounds=3):
    """The shortest time of some calls in milliseconds, and what the last one returned."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = make()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times), result


def spatial(connection):
    """Loads the extension from where its package put it."""
    import duckdb_extension_spatial

    folder = pathlib.Path(duckdb_extension_spatial.__file__).parent
    file = next(folder.rglob("*.duckdb_extension"))
    connection.execute(f"LOAD '{file}'")


def by_duckdb(file, tiles):
    connection = duckdb.connect(config={"threads": 2, "allow_unsigned_extensions": "true"})
    spatial(connection)
    connection.execute(
        f"""CREATE TABLE trips AS SELECT *,
            (longitude / 360 + 0.5) AS x,
            (0.5 - ln((1 + sin(radians(latitude))) / (1 - sin(radians(latitude)))) / (4 * pi())) AS y
            FROM '{file}'"""
    )
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
            millis, _ = best(lambda: connection.execute(cells).fetchall())
            print(f"duckdb\t{name}\t{kind}\t\t\tMVT {millis:.1f} ms", flush=True)
        count = connection.execute(f"SELECT count(*) FROM trips WHERE {within}").fetchone()[0]
        if count > 1_500_000:
            continue
        rows = f"""SELECT ST_AsMVT(point, 'trips', 4096, 'geometry') FROM (
            SELECT {{'geometry': ST_Point(floor((x * {scale} - {x}) * 4096), floor((y * {scale} - {y}) * 4096)),
                     'amount': amount, 'passengers': passengers}} AS point FROM trips WHERE {within})"""
        millis, _ = best(lambda: connection.execute(rows).fetchall(), rounds=1)
        print(f"duckdb\t{name}\trows\t{count}\t\tMVT {millis:.1f} ms", flush=True)


def by_polars(file, tiles):
    column = polars.col
    sine = column("latitude").radians().sin()
    frame = polars.read_parquet(file).with_columns(
        x=column("longitude") / 360 + 0.5,
        y=0.5 - ((1 + sine) / (1 - sine)).log() / (4 * math.pi),
    )
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
            print(f"polars\t{name}\t{kind}\t\t{len(cells)}\tno encoding {millis:.1f} ms", flush=True)


def main():
    file, names = sys.argv[1:]
    tiles = [(name, tuple(map(int, name.split("/")))) for name in names.split(",")]
    by_duckdb(file, tiles)
    by_polars(file, tiles)


if __name__ == "__main__":
    main()
