#!/usr/bin/env python3
"""A reader of COVT tiles, written from the text of spec/ alone: to read, and to check others by.

    covt.py TILE          prints the tile as readable JSON, the form of testdata/golden
    covt.py               the same from standard input

Needs Python 3.11 and, for tiles with zstd in them, the package zstandard. Correct rather than fast.
"""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import dataclass
from math import isinf, isnan
from typing import Any

from columns import Number, Payloads, Value
from columns import decode_column, decode_dictionary, decode_hashed, decode_per_vertex
from directory import DICTIONARIES, NESTED, PER_VERTEX, Column, Front, Layer, Statistics, Stream, read_front
from geometry import MULTI, POINTS, Geometries, Geometry, decode_compact, decode_geometry
from ids import ByteEncoding, ColumnKind, GeometryType, IntEncoding, Layout, Role, VertexEncoding, known, name
from nested import decode_nested
from wire import Budget, Refused

Json = Any

LARGEST_SINGLE = 3.4028234663852886e38
BYTES = {Role.PRESENT, Role.TEXT, Role.TERMINATED_TEXT, Role.TYPES}


@dataclass
class Decoded:
    """What a layer holds."""

    ids: list[Value | None] | None  # None if there is no column of ids
    geometry: Geometries
    columns: list[tuple[Column, list[Any]]]
    per_vertex: list[tuple[Column, list[Any]]]


def decode_layer(payloads: Payloads, layer: Layer, compact: bool) -> Decoded:
    """All but geometries of compact tiles; also dictionaries that no column names, as they may be faulty."""
    decoded = Decoded(None, Geometries([], None), [], [])
    for column in layer.columns:
        match column.kind:
            case ColumnKind.GEOMETRY if not compact:
                decoded.geometry = decode_geometry(payloads, column, layer.features)
            case ColumnKind.GEOMETRY:
                pass
            case ColumnKind.ID:
                decoded.ids = decode_column(payloads, layer, column)
            case ColumnKind.HASHED_ID:
                decoded.ids = decode_hashed(payloads, layer, column)
            case kind if kind in DICTIONARIES:
                decode_dictionary(payloads, column)
            case kind if kind in PER_VERTEX:
                pass
            case kind if kind in NESTED:
                decoded.columns.append((column, decode_nested(payloads, layer, column)))
            case _:
                decoded.columns.append((column, decode_column(payloads, layer, column)))
    return decoded


def decode_vertex_values(payloads: Payloads, layer: Layer, decoded: Decoded) -> None:
    for column in layer.columns:
        if column.kind in PER_VERTEX:
            numbers = [sum(len(ring) for part in f.parts for ring in part) for f in decoded.geometry.features]
            decoded.per_vertex.append((column, decode_per_vertex(payloads, layer, column, numbers)))


def decode_tile(tile: bytes, budget: Budget | None = None) -> tuple[Front, list[Decoded]]:
    budget = budget or Budget()
    front = read_front(tile, budget)
    if len(tile) != front.end:
        raise Refused(f"a tile of {len(tile)} bytes whose body ends at {front.end}")
    payloads = Payloads(tile, budget, front.texts)
    compact = front.layout == Layout.COMPACT
    decoded = [decode_layer(payloads, layer, compact) for layer in front.layers]
    if compact:
        for layer, geometry in zip(decoded, decode_compact(payloads, front)):
            layer.geometry = geometry
    for entry, values in zip(front.layers, decoded):
        decode_vertex_values(payloads, entry, values)
    return front, decoded


# The readable form.


def tile_json(front: Front, decoded: list[Decoded]) -> Json:
    layers = [
        {"directory": layer_json(layer), "decoded": decoded_json(values)}
        for layer, values in zip(front.layers, decoded)
    ]
    out: dict[str, Json] = {"layout": name(front.layout), "body": [front.body, front.end]}
    if front.layout == Layout.COMPACT:
        out["vertices"] = [stream_json(ColumnKind.GEOMETRY, stream) for stream in front.vertices]
    return out | {"layers": layers}


def layer_json(layer: Layer) -> Json:
    return {
        "name": layer.name,
        "extent": layer.extent,
        "version": layer.version,
        "features": layer.features,
        "columns": [column_json(column) for column in layer.columns],
    }


def column_json(column: Column) -> Json:
    out: dict[str, Json] = {"kind": name(column.kind)}
    if column.name is not None:
        out["name"] = column.name
    if column.dictionary is not None:
        out["dictionary"] = column.dictionary
    if column.lender is not None:
        out["lender"] = list(column.lender)
    if column.hashed is not None:
        out["hashed"] = list(column.hashed)
    out["streams"] = [stream_json(column.kind, stream) for stream in column.streams]
    if column.grid is not None:
        out["grid"] = column.grid
    if column.kind in NESTED or column.kind == ColumnKind.M_VALUES:
        out["columns"] = [column_json(child) for child in column.within]
    if column.statistics is not None:
        out["statistics"] = statistics_json(column.statistics)
    return out


def stream_json(kind: ColumnKind, stream: Stream) -> Json:
    table: type[VertexEncoding | ByteEncoding | IntEncoding] = IntEncoding
    if stream.role == Role.VERTICES:
        table = VertexEncoding
    elif stream.role in BYTES or (stream.role, kind) == (Role.VALUES, ColumnKind.BOOL):
        table = ByteEncoding
    out: dict[str, Json] = {"role": name(stream.role), "encoding": name(known(table, stream.encoding))}
    if stream.count is not None:
        out["count"] = stream.count
    if stream.role == Role.TOKENS:
        out["references"] = list(stream.references)
        if stream.context is not None:
            out["context"] = stream.context
    out["front" if stream.apart else "bytes"] = [stream.begin, stream.begin + stream.length]
    return out


def statistics_json(statistics: Statistics) -> Json:
    out: dict[str, Json] = {"nulls": statistics.nulls}
    if statistics.distinct is not None:
        out["distinct"] = statistics.distinct
    if statistics.bounds is not None:
        for key, bound in zip(("min", "max"), statistics.bounds):
            if isinstance(bound, float):
                bits = int.from_bytes(struct.pack("<d", bound), "little")
                out[key] = value_json(Number(bits, 64))
            else:
                out[key] = bound
    return out


def decoded_json(decoded: Decoded) -> Json:
    out: dict[str, Json] = {}
    if decoded.ids is not None:
        out["ids"] = decoded.ids
    out["geometry"] = [geometry_json(feature) for feature in decoded.geometry.features]
    if decoded.geometry.triangles is not None:
        out["triangles"] = decoded.geometry.triangles
    out["columns"] = [
        {"name": column.name, "type": value_type(column), "values": [value_json(v) for v in values]}
        for column, values in decoded.columns
    ]
    measures = [(column, values) for column, values in decoded.per_vertex if column.kind != ColumnKind.Z]
    if measures:
        out["measures"] = [
            {"name": column.name, "type": value_type(column.within[0]), "values": [value_json(v) for v in values]}
            for column, values in measures
        ]
    for column, values in decoded.per_vertex:
        if column.kind == ColumnKind.Z:
            out["heights"] = values
    return out


def value_type(column: Column) -> Json:
    """The type of a column's values: strings have three kinds of columns; nested ones tell what is within."""
    kind = name(ColumnKind.MAP if column.kind == ColumnKind.GROUPED_MAP else column.kind)
    if column.kind in NESTED:
        within: list[Json] = [value_type(child) for child in column.within]
        if column.kind == ColumnKind.STRUCT:
            within = [[child.name, of_type] for child, of_type in zip(column.within, within)]
        return {kind: within[0] if column.kind == ColumnKind.LIST else within}
    return "string" if "string" in kind else kind


def geometry_json(feature: Geometry) -> Json:
    out: dict[str, Json] = {"type": name(feature.type)}
    if feature.type == GeometryType.COMMANDS:
        return out | {"mvt type": feature.mvt_type, "integers": feature.integers}
    parts: list[Json] = list(feature.parts)
    if feature.type not in (GeometryType.POLYGON, GeometryType.MULTI_POLYGON):
        parts = [part[0] for part in parts]
    if feature.type in POINTS:
        parts = [ring[0] for ring in parts]
    return out | {"coordinates": parts if feature.type in MULTI else parts[0]}


def value_json(value: Any) -> Json:
    """Numbers that JSON has not are strings; singles have as few digits as tell them apart."""
    if isinstance(value, list):
        return [value_json(item) for item in value]
    if not isinstance(value, Number):
        return value
    number = value.value()
    if isnan(number):
        return f"NaN 0x{value.bits:0{value.width // 4}x}"
    if isinf(number):
        return str(number)
    if value.width == 32:
        rounded = (float(f"{number:.{digits}g}") for digits in range(1, 10))
        return next(r for r in rounded if abs(r) <= LARGEST_SINGLE and single(r) == number)
    return number


def single(number: float) -> float:
    """The nearest number that a single holds."""
    nearest: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return nearest


def pretty(value: Json, indent: str = "") -> str:
    """JSON on one line where that is short, else an entry a line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= 100 - len(indent) or not isinstance(value, (dict, list, tuple)) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        entries = [f"{json.dumps(key)}: {pretty(entry, deeper)}" for key, entry in value.items()]
        opening, closing = "{}"
    else:
        entries = [pretty(entry, deeper) for entry in value]
        opening, closing = "[]"
    separator = ",\n" + deeper
    return f"{opening}\n{deeper}{separator.join(entries)}\n{indent}{closing}"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments:
        with open(arguments[0], "rb") as file:
            tile = file.read()
    else:
        tile = sys.stdin.buffer.read()
    try:
        print(pretty(tile_json(*decode_tile(tile))))
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
