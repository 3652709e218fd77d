"""Streams of integers (spec/encodings.md). Values are unsigned, of `width` 32 or 64 bits."""

from __future__ import annotations

import struct
from itertools import accumulate

from byte_streams import zstd_frame
from entropy import decode_entropy
from ids import IntEncoding, known
from wire import Bits, Budget, Cursor, Refused, bits, unzigzag

BLOCK = 128
DEEPEST = 6
LARGEST_EXPONENT = 22


def decode_ints(
    encoding: int, payload: bytes, count: int, width: int, budget: Budget, depth: int = 1
) -> list[int]:
    """The `count` values of a stream. `depth` counts nested streams, the outermost is 1."""
    kind = known(IntEncoding, encoding)
    cursor = Cursor(payload)
    if count == 0:
        cursor.end("a stream of no values")
        return []
    if depth > DEEPEST:
        raise Refused(f"encodings nested more than {DEEPEST} deep")
    budget.values(count)
    modulus = 1 << width
    match kind:
        case IntEncoding.CONSTANT:
            values = [cursor.varint(width)] * count
        case IntEncoding.PLAIN:
            size = width // 8
            values = [int.from_bytes(cursor.take(size), "little") for _ in range(count)]
        case IntEncoding.VARINT:
            values = [cursor.varint(width) for _ in range(count)]
        case IntEncoding.PACKED:
            minimum = cursor.varint(width)
            bit_width = cursor.u8()
            if bit_width > width:
                raise Refused(f"packed: a width of {bit_width} bits for values of {width}")
            above = packed_values(cursor, bit_width, count, width == 32)
            values = [(minimum + value) % modulus for value in above]
        case IntEncoding.PATCHED:
            values = []
            for start in range(0, count, BLOCK):
                values += patched_level(cursor, 0, min(BLOCK, count - start), width, 0)
        case IntEncoding.RLE:
            runs = cursor.varint()
            lengths = child(cursor, runs, 32, budget, depth + 1)
            run_values = last_child(cursor, runs, width, budget, depth + 1)
            if sum(lengths) != count:
                raise Refused(f"rle: runs of {sum(lengths)} values instead of {count}")
            values = [v for length, value in zip(lengths, run_values) for v in [value] * length]
        case IntEncoding.DELTA:
            differences = last_child(cursor, count, width, budget, depth + 1)
            values = [sum_ % modulus for sum_ in accumulate(map(unzigzag, differences))]
        case IntEncoding.FRESH:
            values = []
            following = repeat = 0
            for code in last_child(cursor, count, width, budget, depth + 1):
                value = (repeat + unzigzag(code - 1)) % modulus if code else following
                if code:
                    repeat = (value + 1) % modulus
                following = max(following, (value + 1) % modulus)
                values.append(value)
        case IntEncoding.DICTIONARY:
            distinct = cursor.varint()
            entries = child(cursor, distinct, width, budget, depth + 1)
            codes = last_child(cursor, count, 32, budget, depth + 1)
            if max(codes) >= distinct:
                raise Refused(f"dictionary: a code of {max(codes)} for {distinct} values")
            values = [entries[code] for code in codes]
        case IntEncoding.ZSTD:
            inner = cursor.u8()
            size = cursor.varint()
            budget.bytes(size)
            content = zstd_frame(cursor.rest(), size)
            values = decode_ints(inner, content, count, width, budget, depth + 1)
        case IntEncoding.ENTROPY:
            values = decode_entropy(cursor, count, width)
        case IntEncoding.DIVIDED:
            divisor = cursor.varint()
            quotients = child(cursor, count, width, budget, depth + 1)
            remainders = last_child(cursor, count, 32, budget, depth + 1)
            values = [(q * divisor + r) % modulus for q, r in zip(quotients, remainders)]
        case IntEncoding.DECIMAL:
            exponent = cursor.u8()
            if exponent > LARGEST_EXPONENT:
                raise Refused(f"decimal: an exponent of {exponent}")
            gaps: list[int] = []
            exceptions: list[int] = []
            if exception_count := cursor.varint():
                gaps = child(cursor, exception_count, 32, budget, depth + 1)
                exceptions = child(cursor, exception_count, width, budget, depth + 1)
            integers = last_child(cursor, count, width, budget, depth + 1)
            values = [quotient(unzigzag(integer), exponent, width) for integer in integers]
            place = 0
            for gap, exception in zip(gaps, exceptions):
                place += gap
                if place >= count:
                    raise Refused("decimal: an exception behind the last value")
                values[place] = exception
                place += 1
        case IntEncoding.SINGLE:
            if width == 32:
                raise Refused("single: in a stream of singles")
            values = [widened(bits) for bits in last_child(cursor, count, 32, budget, depth + 1)]
    cursor.end(f"a stream of integers as {kind.name}")
    return values


def child(cursor: Cursor, count: int, width: int, budget: Budget, depth: int = 1) -> list[int]:
    encoding = cursor.u8()
    return decode_ints(encoding, cursor.take(cursor.varint()), count, width, budget, depth)


def last_child(cursor: Cursor, count: int, width: int, budget: Budget, depth: int = 1) -> list[int]:
    encoding = cursor.u8()
    return decode_ints(encoding, cursor.rest(), count, width, budget, depth)


def packed_values(cursor: Cursor, bit_width: int, count: int, in_blocks: bool) -> list[int]:
    """Values of `bit_width` bits: blocks of 128 in lanes if so, the others one after the other."""
    values: list[int] = []
    if in_blocks:
        while count - len(values) >= BLOCK:
            values += lanes(cursor.take(16 * bit_width), bit_width)
    left = count - len(values)
    sequence = Bits(cursor.take(-(-left * bit_width // 8)))
    values += [sequence.take(bit_width) for _ in range(left)]
    return values


def lanes(block: bytes, bit_width: int) -> list[int]:
    """128 values in four lanes; word k of lane l stands at byte 4·(4·k + l)."""
    values = [0] * BLOCK
    for lane in range(4):
        words = (block[4 * (4 * k + lane) :][:4] for k in range(bit_width))
        sequence = Bits(b"".join(words))
        for i in range(lane, BLOCK, 4):
            values[i] = sequence.take(bit_width)
    return values


def patched_level(cursor: Cursor, level: int, count: int, width: int, bits_before: int) -> list[int]:
    """The values of a level, those of the levels above it applied."""
    header = cursor.u8()
    bit_width, has_mask = header & 0x7F, header >> 7 == 1
    bits_so_far = bits_before + bit_width
    if has_mask and level == 2:
        raise Refused("patched: a third mask")
    if bits_so_far > width or (has_mask and bits_so_far == width):
        raise Refused(f"patched: levels of {bits_so_far} bits for values of {width}")
    values = packed_values(cursor, bit_width, count, in_blocks=width == 32 and level == 0)
    if has_mask:
        mask = bits(cursor.take(-(-count // 8)), count, "a mask of exceptions")
        higher = iter(patched_level(cursor, level + 1, sum(mask), width, bits_so_far))
        for i in range(count):
            if mask[i]:
                values[i] = (values[i] + ((next(higher) + 1) << bit_width)) % (1 << width)
    return values


def quotient(integer: int, exponent: int, width: int) -> int:
    """The bits of the number that an integer and a power of ten make."""
    number = float(integer) / float(10**exponent)
    form = "<f" if width == 32 else "<d"
    return int.from_bytes(struct.pack(form, number), "little")


def widened(single: int) -> int:
    """The bits of the double that equals a single; of a NaN, without asking the processor."""
    if single >> 23 & 0xFF == 0xFF:
        return single >> 31 << 63 | 0x7FF << 52 | (single & 0x7FFFFF) << 29
    (number,) = struct.unpack("<f", struct.pack("<I", single))
    (double,) = struct.unpack("<Q", struct.pack("<d", number))
    return double
