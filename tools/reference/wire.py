"""What all of the decoder stands on: refusals, a budget for memory, bytes and bits.

Written from spec/format.md section 2, spec/encodings.md and spec/limits.md alone.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2**31 - 1  # features of a layer, parts, vertices, bytes of strings (limits.md, 6 and 29)


class Refused(Exception):
    """What spec/limits.md says a reader does not accept."""


class UnknownId(Refused):
    """An id that this version does not define (format.md, section 10)."""


@dataclass
class Budget:
    """Bytes that may still be taken; charged before room is made.

    Everything is charged at eight bytes a value, which is what an entry of a list takes here.
    """

    left: int = 512 << 20

    def values(self, count: int) -> None:
        self.bytes(8 * count)

    def bytes(self, count: int) -> None:
        if count > self.left:
            raise Refused(f"{count} bytes of memory, {self.left} are left of the budget")
        self.left -= count


@dataclass
class Cursor:
    """Reads bytes from front to back."""

    data: bytes
    at: int = 0

    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, length: int) -> bytes:
        if length > self.left():
            raise Refused(f"{length} bytes at {self.at}, only {self.left()} are left")
        self.at += length
        return self.data[self.at - length : self.at]

    def rest(self) -> bytes:
        return self.take(self.left())

    def end(self, what: str) -> None:
        if self.left():
            raise Refused(f"{self.left()} bytes left over behind {what}")

    def u8(self) -> int:
        return self.take(1)[0]

    def varint(self, width: int = 32) -> int:
        """An unsigned integer of `width` bits, 32 or 64, in seven bits a byte."""
        value = 0
        for shift in range(0, width, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> width:
                    raise Refused(f"a varint above {width} bits before {self.at}")
                return value
        raise Refused(f"a varint of too many bytes before {self.at}")

    def text(self) -> str:
        return utf8(self.take(self.varint()))


@dataclass
class Bits:
    """Reads a sequence of bits: the lowest bit of the first byte first, numbers lowest bit first."""

    data: bytes
    at: int = 0

    def take(self, width: int) -> int:
        end = self.at + width
        if end > 8 * len(self.data):
            raise Refused(f"{width} bits at {self.at}, of {8 * len(self.data)}")
        touched = int.from_bytes(self.data[self.at // 8 : -(-end // 8)], "little")
        value = (touched >> (self.at % 8)) & ((1 << width) - 1)
        self.at = end
        return value

    def whole_bytes(self) -> int:
        return -(-self.at // 8)

    def finish(self, what: str) -> None:
        """All bytes are read."""
        self.no_bit_left(what)
        if self.whole_bytes() != len(self.data):
            raise Refused(f"bytes left over behind {what}")

    def no_bit_left(self, what: str) -> None:
        """Only zeros up to the next whole byte."""
        if self.take(-self.at % 8):
            raise Refused(f"a bit set behind the end of {what}")


def bits(data: bytes, count: int, what: str) -> list[int]:
    """A bitmap of `count` bits that takes all of `data`; the bits behind the last one are zero."""
    if len(data) != -(-count // 8):
        raise Refused(f"{what}: {len(data)} bytes for {count} bits")
    sequence = Bits(data)
    values = [sequence.take(1) for _ in range(count)]
    sequence.no_bit_left(what)
    return values


def utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"a text that is no UTF-8: {error.reason}") from error


def unzigzag(value: int) -> int:
    """The signed integer of a zigzag form; values below 2^w become signed values of w bits."""
    return -(value + 1) // 2 if value & 1 else value // 2


def signed32(value: int) -> int:
    """An integer modulo 2^32, from -2^31 on."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value
