"""Ids and properties (spec/format.md, sections 5 and 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import islice

from byte_streams import decode_bytes
from directory import Column, Layer, Stream
from ids import ColumnKind as Kind
from ids import Role
from int_streams import decode_ints
from wire import MOST, Budget, Refused, bits, unzigzag, utf8


@dataclass(frozen=True)
class Number:
    """A floating point number, by its bits: those that are none have different ones too."""

    bits: int
    width: int

    def value(self) -> float:
        single = self.width == 32
        number: float = struct.unpack(
            "<f" if single else "<d", self.bits.to_bytes(self.width // 8, "little")
        )[0]
        return number


Value = bool | int | Number | str


@dataclass
class Payloads:
    """A tile's streams with the budget for decoding them."""

    tile: bytes
    budget: Budget
    front: bytes = b""  # decompressed, of a compact tile
    dictionaries: dict[int, list[str]] = field(default_factory=dict)  # decoded, by where they begin

    def of(self, stream: Stream) -> bytes:
        end = stream.begin + stream.length
        source = self.front if stream.apart else self.tile
        if end > len(source):
            raise Refused("a tile that ends in its body")
        return source[stream.begin : end]

    def ints(self, stream: Stream, count: int, width: int = 32) -> list[int]:
        return decode_ints(stream.encoding, self.of(stream), count, width, self.budget)

    def bytes(self, stream: Stream, count: int) -> bytes:
        return decode_bytes(stream.encoding, self.of(stream), count, self.budget)

    def bits(self, stream: Stream, count: int) -> list[int]:
        self.budget.values(count)
        return bits(self.bytes(stream, -(-count // 8)), count, f"a bitmap of {stream.role.name}")


def needed(column: Column, role: Role) -> Stream:
    stream = column.stream(role)
    if stream is None:
        raise Refused(f"a column of {column.kind.name} without {role.name}")
    return stream


def decode_column(payloads: Payloads, layer: Layer, column: Column) -> list[Value | None]:
    """An entry per feature of a column of ids or properties; None is no value."""
    stream = column.stream(Role.PRESENT)
    if stream is None:
        return list(decode_values(payloads, layer, column, layer.features))
    present = payloads.bits(stream, layer.features)
    payloads.budget.values(layer.features)
    values = iter(decode_values(payloads, layer, column, sum(present)))
    return [next(values) if bit else None for bit in present]


def decode_per_vertex(
    payloads: Payloads, layer: Layer, column: Column, vertices: list[int]
) -> list[list[Value] | None]:
    """Of each feature a value per vertex, or None; `vertices` are the numbers of them."""
    stream = column.stream(Role.PRESENT)
    present = [1] * layer.features if stream is None else payloads.bits(stream, layer.features)
    count = sum(n for bit, n in zip(present, vertices) if bit)
    payloads.budget.values(layer.features + count)
    if column.kind == Kind.Z:
        steps = payloads.ints(needed(column, Role.VALUES), count)
        values: list[Value] = [unzigzag(step) for step in steps]
    else:
        values = decode_values(payloads, layer, column.within[0], count)
    rest = iter(values)
    return [list(islice(rest, n)) if bit else None for bit, n in zip(present, vertices)]


def decode_values(payloads: Payloads, layer: Layer, column: Column, count: int) -> list[Value]:
    """The values of the features that have one."""
    if column.kind == Kind.STRING:
        return list(strings(payloads, column, count))
    stream = needed(column, Role.VALUES)
    match column.kind:
        case Kind.BOOL:
            return [bit == 1 for bit in payloads.bits(stream, count)]
        case Kind.ID | Kind.UINT:
            return list(payloads.ints(stream, count, 64))
        case Kind.INT | Kind.SINT:
            return [unzigzag(value) for value in payloads.ints(stream, count, 64)]
        case Kind.FLOAT:
            return [Number(value, 32) for value in payloads.ints(stream, count, 32)]
        case Kind.DOUBLE:
            return [Number(value, 64) for value in payloads.ints(stream, count, 64)]
    owner = column if column.dictionary is None else layer.columns[column.dictionary]
    dictionary = decode_dictionary(payloads, owner)
    numbers = payloads.ints(stream, count)
    if max(numbers, default=-1) >= len(dictionary):
        raise Refused(f"string {max(numbers)} of a dictionary of {len(dictionary)}")
    return [dictionary[number] for number in numbers]


def decode_dictionary(payloads: Payloads, column: Column) -> list[str]:
    stream = needed(column, Role.LENGTHS)
    assert stream.count is not None  # the directory states it
    if stream.count == 0:
        return strings(payloads, column, 0)
    if stream.begin not in payloads.dictionaries:
        payloads.dictionaries[stream.begin] = strings(payloads, column, stream.count)
    return payloads.dictionaries[stream.begin]


def strings(payloads: Payloads, column: Column, count: int) -> list[str]:
    lengths = payloads.ints(needed(column, Role.LENGTHS), count)
    if sum(lengths) > MOST:
        raise Refused(f"strings of {sum(lengths)} bytes")
    text = payloads.bytes(needed(column, Role.TEXT), sum(lengths))
    payloads.budget.values(count)
    out: list[str] = []
    at = 0
    for length in lengths:
        out.append(utf8(text[at : at + length]))
        at += length
    return out
