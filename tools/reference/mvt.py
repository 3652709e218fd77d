#!/usr/bin/env python3
"""A reader of Mapbox Vector Tiles, and the comparison of such a tile with a COVT tile made from it.

    mvt.py TILE.mvt TILE.covt ...     compares pairs of tiles, by what spec/mvt.md counts as equal

MVT tiles may have gzip around them.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from columns import Number, Value
from covt import Decoded, decode_tile, value_type
from directory import Layer
from geometry import POINTS, POLYGONS, Geometry
from ids import GeometryType
from wire import Budget, Cursor, Refused, signed32, unzigzag

Tag = tuple[str, str, Value]  # key, type, value

MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7


@dataclass
class Feature:
    id: int | None
    type: int
    commands: list[int]
    tags: Counter[Tag]


@dataclass
class MvtLayer:
    name: str
    version: int
    extent: int
    features: list[Feature]


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message in their order."""
    cursor = Cursor(message)
    while cursor.left():
        key = cursor.varint(64)
        match key & 7:
            case 0:
                yield key >> 3, cursor.varint(64)
            case 1:
                yield key >> 3, cursor.take(8)
            case 2:
                yield key >> 3, cursor.take(cursor.varint())
            case 5:
                yield key >> 3, cursor.take(4)
            case other:
                raise Refused(f"wire type {other}")


def integers(value: int | bytes) -> list[int]:
    """A piece of a repeated field of 32 bits: one integer or packed ones."""
    if isinstance(value, int):
        return [value & 0xFFFFFFFF]
    cursor, out = Cursor(value), []
    while cursor.left():
        out.append(cursor.varint(64) & 0xFFFFFFFF)
    return out


def read_mvt(tile: bytes) -> list[MvtLayer]:
    if tile[:2] == b"\x1f\x8b":
        tile = gzip.decompress(tile)
    return [read_layer(value) for field, value in fields(tile) if field == 3 and isinstance(value, bytes)]


def read_layer(message: bytes) -> MvtLayer:
    layer = MvtLayer("", 1, 4096, [])
    keys: list[str] = []
    values: list[tuple[str, Value]] = []
    features: list[bytes] = []
    for field, value in fields(message):
        match field, value:
            case 1, bytes(name):
                layer.name = name.decode()
            case 2, bytes(feature):
                features.append(feature)
            case 3, bytes(key):
                keys.append(key.decode())
            case 4, bytes(entry):
                values.append(read_value(entry))
            case 5, int(extent):
                layer.extent = extent & 0xFFFFFFFF
            case 15, int(version):
                layer.version = version & 0xFFFFFFFF
    layer.features = [read_feature(feature, keys, values) for feature in features]
    return layer


def read_value(message: bytes) -> tuple[str, Value]:
    found: tuple[str, Value] = ("", "")
    for field, value in fields(message):
        match field, value:
            case 1, bytes(text):
                found = "string", text.decode()
            case 2, bytes(bits):
                found = "float", Number(int.from_bytes(bits, "little"), 32)
            case 3, bytes(bits):
                found = "double", Number(int.from_bytes(bits, "little"), 64)
            case 4, int(number):
                found = "int", number - (1 << 64) if number >> 63 else number
            case 5, int(number):
                found = "uint", number
            case 6, int(number):
                found = "sint", unzigzag(number)
            case 7, int(number):
                found = "bool", number != 0
    return found


def read_feature(message: bytes, keys: list[str], values: list[tuple[str, Value]]) -> Feature:
    feature = Feature(None, 0, [], Counter())
    tags: list[int] = []
    for field, value in fields(message):
        match field:
            case 1:
                assert isinstance(value, int)
                feature.id = value
            case 2:
                tags += integers(value)
            case 3:
                assert isinstance(value, int)
                feature.type = value & 0xFFFFFFFF
            case 4:
                feature.commands += integers(value)
    pairs = iter(tags)
    feature.tags = Counter((keys[key], *values[value]) for key, value in zip(pairs, pairs))
    return feature


def commands(geometry: Geometry) -> tuple[int, list[int]]:
    """The MVT type and integers that a geometry comes from (spec/mvt.md, "Geometry")."""
    if geometry.type == GeometryType.COMMANDS:
        return geometry.mvt_type, geometry.integers
    out: list[int] = []
    x = y = 0

    def to(vertex: tuple[int, int]) -> None:
        nonlocal x, y
        for change in (signed32(vertex[0] - x), signed32(vertex[1] - y)):
            out.append(change * 2 if change >= 0 else -change * 2 - 1)
        x, y = vertex

    if geometry.type in POINTS:
        out.append(len(geometry.parts) << 3 | MOVE_TO)
        for part in geometry.parts:
            to(part[0][0])
        return 1, out
    closed = geometry.type in POLYGONS
    for ring in (ring for part in geometry.parts for ring in part):
        out.append(1 << 3 | MOVE_TO)
        to(ring[0])
        out.append(len(ring) - 1 << 3 | LINE_TO)
        for vertex in ring[1:]:
            to(vertex)
        if closed:
            out.append(1 << 3 | CLOSE_PATH)
    return 3 if closed else 2, out


def as_mvt(layer: Layer, decoded: Decoded) -> MvtLayer:
    out = MvtLayer(layer.name, layer.version, layer.extent, [])
    for row, geometry in enumerate(decoded.geometry.features):
        tags: Counter[Tag] = Counter()
        for column, values in decoded.columns:
            value = values[row]
            if value is not None:
                tags[(column.name or "", value_type(column), value)] += 1
        number = decoded.ids[row] if decoded.ids else None
        assert number is None or isinstance(number, int)
        out.features.append(Feature(number, *commands(geometry), tags))
    return out


def differences(mvt: bytes, covt: bytes, budget: Budget | None = None) -> list[str]:
    """What the tiles do not have in common."""
    wanted = read_mvt(mvt)
    front, decoded = decode_tile(covt, budget)
    got = [as_mvt(layer, values) for layer, values in zip(front.layers, decoded)]
    if len(wanted) != len(got):
        return [f"{len(wanted)} layers, {len(got)} in COVT"]
    found: list[str] = []
    for w, g in zip(wanted, got):
        if (w.name, w.version, w.extent, len(w.features)) != (g.name, g.version, g.extent, len(g.features)):
            found.append(f"layer {w.name!r}: other head")
        for row, (a, b) in enumerate(zip(w.features, g.features)):
            if a != b:
                found.append(f"layer {w.name!r}, feature {row}: {a} became {b}")
    return found


def main(paths: list[str]) -> int:
    if not paths or len(paths) % 2:
        print(__doc__, file=sys.stderr)
        return 2
    failed = 0
    for mvt, covt in zip(paths[::2], paths[1::2]):
        with open(mvt, "rb") as mvt_file, open(covt, "rb") as covt_file:
            found = differences(mvt_file.read(), covt_file.read())
        print(f"{covt}: {'same' if not found else f'{len(found)} differences'}")
        for difference in found[:5]:
            print(f"  {difference[:500]}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
