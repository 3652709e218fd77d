"""Ids and properties (spec/format.md, sections 5 and 6)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from byte_streams import decode_bytes
from directory import Column, Layer, Stream
from ids import ColumnKind as Kind
from entropy import decode_entropy
from ids import IntEncoding, Role, known
from int_streams import decode_ints
from wire import MOST, Budget, Cursor, Refused, bits, unzigzag, utf8


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
    tokens: dict[int, Tokens] = field(default_factory=dict)

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
    if column.stream(Role.TOKENS) is not None:
        return decode_with_tokens(payloads, layer, column)
    stream = column.stream(Role.PRESENT)
    if stream is None:
        return list(decode_values(payloads, layer, column, layer.features))
    present = payloads.bits(stream, layer.features)
    payloads.budget.values(layer.features)
    values = iter(decode_values(payloads, layer, column, sum(present)))
    return [next(values) if bit else None for bit in present]


def decode_hashed(payloads: Payloads, layer: Layer, column: Column) -> list[Value | None]:
    """Ids that are hashes of the strings of another column."""
    assert column.hashed is not None  # the directory has them
    multiplier, number = column.hashed
    texts = decode_column(payloads, layer, layer.columns[number])
    stream = column.stream(Role.PRESENT)
    present = [1] * layer.features if stream is None else payloads.bits(stream, layer.features)
    payloads.budget.values(layer.features)
    without = sum(1 for text, bit in zip(texts, present) if bit and text is None)
    others: list[int] = []
    if without:
        others = payloads.ints(needed(column, Role.VALUES), without, 64)
    elif column.stream(Role.VALUES) is not None:
        raise Refused("ids beside those that are hashes, where there are none")
    rest = iter(others)
    ids: list[Value | None] = []
    for text, bit in zip(texts, present):
        if not bit:
            ids.append(None)
        elif text is None:
            ids.append(next(rest))
        else:
            ids.append(multiplier * fnv_1a(str(text).encode()) % 2**64)
    return ids


def fnv_1a(text: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in text:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


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


@dataclass
class Tokens:
    first: int
    listed: int
    tokens: list[int]


def decode_tokens(payloads: Payloads, layer: Layer, column: Column) -> Tokens:
    stream = needed(column, Role.TOKENS)
    if stream.begin in payloads.tokens:
        return payloads.tokens[stream.begin]
    cursor = Cursor(payloads.of(stream))
    first, listed = cursor.varint(64), cursor.varint()
    if stream.context is None:
        tokens = decode_ints(stream.encoding, cursor.rest(), layer.features, 32, payloads.budget)
    elif known(IntEncoding, stream.encoding) != IntEncoding.ENTROPY:
        raise Refused("tokens with a context that are not entropy coded")
    else:
        contexts = decode_tokens(payloads, layer, layer.columns[stream.context]).tokens
        tokens = decode_entropy(cursor, layer.features, 32, contexts) if layer.features else []
        cursor.end("tokens")
    most = 2 + len(stream.references) + listed if listed else 15
    if max(tokens, default=0) > min(15, most):
        raise Refused(f"a token {max(tokens)}")
    payloads.tokens[stream.begin] = Tokens(first, listed, tokens)
    return payloads.tokens[stream.begin]


def decode_with_tokens(payloads: Payloads, layer: Layer, column: Column) -> list[Value | None]:
    """An entry per feature of a column that has tokens."""
    coded = decode_tokens(payloads, layer, column)
    references = [layer.columns[other] for other in needed(column, Role.TOKENS).references]
    others = [decode_column(payloads, layer, other) for other in references]
    r = len(references)
    wide = column.kind in (Kind.INT, Kind.UINT, Kind.SINT, Kind.DOUBLE)
    modulus = 1 << (64 if wide else 32)
    count = coded.listed + coded.tokens.count(r + 2)
    values: list[int] = []
    if count:
        if column.kind == Kind.BOOL:
            raise Refused("a values stream of truth values beside tokens")
        values = payloads.ints(needed(column, Role.VALUES), count, 64 if wide else 32)
    elif column.stream(Role.VALUES) is not None:
        raise Refused("a values stream without values")
    value = value_of(payloads, layer, column)
    if column.kind == Kind.SHARED_STRING:
        assert column.dictionary is not None
        strings = len(decode_dictionary(payloads, layer.columns[column.dictionary]))
        added = [token - r - 3 for token in coded.tokens if token > r + 2 and not coded.listed]
        largest = max(added + [coded.tokens.count(r + 1) - 1])
        if any(number >= strings for number in values) or (largest >= 0 and coded.first + largest >= strings):
            raise Refused(f"tokens that stand for a string that is not among {strings}")
    new = coded.first
    behind = iter(values[coded.listed :])
    out: list[Value | None] = []
    for row, token in enumerate(coded.tokens):
        if token < r:
            out.append(others[token][row])
        elif token == r:
            out.append(None)
        elif token == r + 1:
            out.append(value(new % modulus))
            new += 1
        elif token == r + 2:
            out.append(value(next(behind)))
        elif coded.listed:
            out.append(value(values[token - r - 3]))
        else:
            out.append(value((coded.first + token - r - 3) % modulus))
    return out


def value_of(payloads: Payloads, layer: Layer, column: Column) -> Callable[[int], Value]:
    """What an integer of a column with tokens stands for."""

    def truth(number: int) -> bool:
        if number > 1:
            raise Refused(f"a truth value of {number}")
        return number == 1

    match column.kind:
        case Kind.BOOL:
            return truth
        case Kind.UINT:
            return lambda number: number
        case Kind.INT | Kind.SINT:
            return unzigzag
        case Kind.FLOAT:
            return lambda number: Number(number, 32)
        case Kind.DOUBLE:
            return lambda number: Number(number, 64)
    assert column.dictionary is not None  # a shared string
    dictionary = decode_dictionary(payloads, layer.columns[column.dictionary])

    return lambda number: dictionary[number]


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
    column = column.lent or column
    terminated = column.stream(Role.TERMINATED_TEXT)
    if terminated is not None:
        if len(column.streams) > 1:
            raise Refused("lengths or text beside terminated text")
        assert terminated.count is not None  # the directory states it
        if terminated.begin not in payloads.dictionaries:
            text = payloads.bytes(terminated, terminated.count)
            if text and text[-1]:
                raise Refused("terminated text that does not end with a zero")
            payloads.budget.values(text.count(0))
            payloads.dictionaries[terminated.begin] = [utf8(part) for part in text.split(b"\0")[:-1]]
        return payloads.dictionaries[terminated.begin]
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
