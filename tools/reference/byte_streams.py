"""Streams of bytes, and the zstd frames that streams of integers have too (spec/encodings.md)."""

from __future__ import annotations

from ids import ByteEncoding, known
from wire import Bits, Budget, Cursor, Refused


def decode_bytes(encoding: int, payload: bytes, count: int, budget: Budget) -> bytes:
    """The `count` bytes of a stream."""
    kind = known(ByteEncoding, encoding)
    cursor = Cursor(payload)
    if count == 0:
        cursor.end("a stream of no values")
        return b""
    budget.bytes(count)
    match kind:
        case ByteEncoding.CONSTANT:
            values = bytes([cursor.u8()]) * count
        case ByteEncoding.PLAIN:
            values = cursor.take(count)
        case ByteEncoding.BYTE_RLE:
            values = byte_rle(cursor, count)
        case ByteEncoding.FSST:
            values = fsst(cursor, count)
        case ByteEncoding.ZSTD:
            values = zstd_frame(cursor.rest(), count)
        case ByteEncoding.RECORDS:
            values = records(cursor, count)
        case ByteEncoding.WINDOWS:
            values = windows(cursor, count, budget)
    cursor.end(f"a stream of bytes as {kind.name}")
    return values


def byte_rle(cursor: Cursor, count: int) -> bytes:
    out = bytearray()
    while len(out) < count:
        control = cursor.u8()
        if control < 128:
            out += cursor.take(1) * (control + 3)
        else:
            out += cursor.take(256 - control)
    if len(out) > count:
        raise Refused("byte rle: a run or literal past the end")
    return bytes(out)


def fsst(cursor: Cursor, count: int) -> bytes:
    how_many = cursor.take(8)
    if sum(how_many) > 255:
        raise Refused("fsst: more than 255 symbols")
    symbols = [cursor.take(size) for size, of_size in enumerate(how_many, 1) for _ in range(of_size)]
    out = bytearray()
    while cursor.left():
        code = cursor.u8()
        if code == 255:
            out += cursor.take(1)
        elif code < len(symbols):
            out += symbols[code]
        else:
            raise Refused(f"fsst: code {code} of {len(symbols)} symbols")
        if len(out) > count:
            break
    if len(out) != count:
        raise Refused("fsst: a text of another length")
    return bytes(out)


def windows(cursor: Cursor, count: int, budget: Budget) -> bytes:
    child = cursor.u8()
    size = cursor.varint(32)
    if child == ByteEncoding.WINDOWS:
        raise Refused("windows within windows")
    inner = Cursor(decode_bytes(child, cursor.rest(), size, budget))
    window, text = 1, []
    while inner.left():
        byte = inner.u8()
        if byte == 0x0E:
            window = inner.varint(32)
            if window == 0:
                raise Refused("window 0")
            for half in (0, 64):
                character(128 * window + half)
        elif byte == 0x0F:
            text.append(character(inner.varint(32)))
        elif byte < 0x80:
            text.append(chr(byte))
        else:
            text.append(character(128 * window + byte - 128))
    values = "".join(text).encode()
    if len(values) != count:
        raise Refused(f"text in windows of {len(values)} bytes, not {count}")
    return values


def character(number: int) -> str:
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise Refused(f"{number:#x} is no character")
    return chr(number)


def records(cursor: Cursor, count: int) -> bytes:
    length = cursor.varint()
    if not 1 <= length <= 255 or count % length:
        raise Refused(f"records of {length} bytes that make up {count}")
    alphabets = [cursor.take(cursor.u8() + 1) for _ in range(cursor.u8())]
    numbers = cursor.take(length)
    if max(numbers) >= len(alphabets):
        raise Refused(f"records: alphabet {max(numbers)} of {len(alphabets)}")
    places = [alphabets[number] for number in numbers]
    data = cursor.rest()
    letters, out = Bits(data), bytearray()
    for place in range(count):
        alphabet = places[place % length]
        letter = letters.take((len(alphabet) - 1).bit_length())
        if letter >= len(alphabet):
            raise Refused(f"records: letter {letter} of {len(alphabet)}")
        out.append(alphabet[letter])
    if letters.whole_bytes() != len(data):
        raise Refused("records: bytes left over")
    letters.no_bit_left("records")
    return bytes(out)


def zstd_frame(frame: bytes, count: int) -> bytes:
    """The content of a frame that is to hold `count` bytes. The caller has charged for them."""
    cursor = Cursor(frame)
    if cursor.u8() != 0:
        raise Refused("zstd: a frame header descriptor other than 0")
    descriptor = cursor.u8()
    base = 1 << (10 + (descriptor >> 3))
    window = base + base // 8 * (descriptor & 7)
    if window > min(1 << 23, max(1 << 10, 1 << (count - 1).bit_length() if count else 0)):
        raise Refused(f"zstd: a window of {window} for {count} bytes")
    last = False
    while not last:
        header = int.from_bytes(cursor.take(3), "little")
        last, kind, size = header & 1 == 1, header >> 1 & 3, header >> 3
        if kind == 3 or size > min(window, 128 << 10):
            raise Refused(f"zstd: a block of kind {kind} and size {size}")
        cursor.take(1 if kind == 1 else size)
    cursor.end("the last block of a zstd frame")

    import zstandard  # only tiles with zstd need it

    decoder = zstandard.ZstdDecompressor(format=zstandard.FORMAT_ZSTD1_MAGICLESS, max_window_size=1 << 23)
    try:
        # One byte more than there should be, so that a longer content is seen as such; and room for
        # nothing means room for anything to this library.
        content = decoder.decompress(frame, max_output_size=count + 1)
    except zstandard.ZstdError as error:
        raise Refused(f"zstd: {error}") from error
    if len(content) != count:
        raise Refused(f"zstd: {len(content)} bytes of content instead of {count}")
    return content
