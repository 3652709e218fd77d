#!/usr/bin/env python3
"""SQL over a layer of a tileset: DuckDB reads the Arrow stream of `covt export`, batch by batch.

    covt export city.pmtiles --layer roads --zoom 14 --columns class -o - |
        python3 tools/tables/query.py "SELECT class, count(*) FROM layer GROUP BY class ORDER BY 2 DESC"

The table is called `layer`. What the query does not need is best left out before: --columns and --filter keep
it from being decoded. Needs duckdb and pyarrow, from PyPI.
"""

import sys

import duckdb
import pyarrow.ipc


def main() -> None:
    if len(sys.argv) != 2 or sys.stdin.isatty():
        sys.exit(__doc__)
    with pyarrow.ipc.open_stream(sys.stdin.buffer) as layer:
        duckdb.register("layer", layer)
        answer = duckdb.sql(sys.argv[1])
        if answer is not None:
            answer.show(max_rows=1000)


main()
