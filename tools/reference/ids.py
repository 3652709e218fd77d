"""The tables of ids in spec/encodings.md. The names, in lower case, are those of the specification."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from wire import UnknownId


class Layout(IntEnum):
    DIRECTORY = 0xC1
    COMPRESSED_DIRECTORY = 0xC2
    COMPACT = 0xC3


class ColumnKind(IntEnum):
    ID = 0
    GEOMETRY = 1
    BOOL = 2
    INT = 3
    UINT = 4
    SINT = 5
    FLOAT = 6
    DOUBLE = 7
    STRING = 8
    STRING_DICTIONARY = 9
    SHARED_STRING = 10
    SHARED_DICTIONARY = 11
    M_VALUES = 12
    Z = 13
    STRUCT = 14
    LIST = 15
    MAP = 16
    HASHED_ID = 18
    BORROWED_DICTIONARY = 19
    GROUPED_MAP = 20


class Role(IntEnum):
    PRESENT = 0
    VALUES = 1
    LENGTHS = 2
    TEXT = 3
    TYPES = 4
    GEOMETRY_OFFSETS = 5
    PART_OFFSETS = 6
    RING_OFFSETS = 7
    VERTICES = 8
    VERTEX_OFFSETS = 9
    INDEX_BUFFER = 10
    COMMANDS = 11
    REPETITION_LEVELS = 12
    TOKENS = 13
    DEFINITION_LEVELS = 14
    TERMINATED_TEXT = 15


class IntEncoding(IntEnum):
    CONSTANT = 0
    PLAIN = 1
    VARINT = 2
    PACKED = 3
    PATCHED = 4
    RLE = 5
    DELTA = 6
    DICTIONARY = 7
    ZSTD = 8
    ENTROPY = 9
    DIVIDED = 10
    DECIMAL = 11
    SINGLE = 12
    FRESH = 13


class ByteEncoding(IntEnum):
    CONSTANT = 0
    PLAIN = 1
    BYTE_RLE = 2
    FSST = 3
    ZSTD = 4
    RECORDS = 5
    WINDOWS = 6


class VertexEncoding(IntEnum):
    DELTA = 0
    ICE = 1
    REFERENCES = 2
    PACKED_REFERENCES = 3
    HILBERT = 4
    PLAIN = 5


class GeometryType(IntEnum):
    POINT = 0
    LINE_STRING = 1
    POLYGON = 2
    MULTI_POINT = 3
    MULTI_LINE_STRING = 4
    MULTI_POLYGON = 5
    COMMANDS = 6


RESERVED: dict[type, dict[int, str]] = {
    ColumnKind: {17: "row dictionary"},
    Role: {13: "row index"},
    ByteEncoding: {9: "entropy-coded"},
}

Id = TypeVar("Id", bound=IntEnum)


def known(table: type[Id], number: int) -> Id:
    """The entry of a table; refuses numbers that are unknown or reserved."""
    try:
        return table(number)
    except ValueError:
        reserved = RESERVED.get(table, {}).get(number)
        what = f"reserved for {reserved}" if reserved else "unknown"
        raise UnknownId(f"{table.__name__} {number} is {what}") from None


def name(entry: IntEnum) -> str:
    """The name as the specification writes it: `string dictionary`, but `MultiPoint`."""
    if entry == ColumnKind.M_VALUES and isinstance(entry, ColumnKind):
        return "m-values"
    words = entry.name.split("_")
    if isinstance(entry, GeometryType):
        return "".join(word.capitalize() for word in words)
    return " ".join(word.lower() for word in words)
