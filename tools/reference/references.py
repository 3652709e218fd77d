"""Vertices as references: literals and copies of earlier vertices, entropy coded with rANS.

See "references vertices" and "Entropy coding" in spec/encodings.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from entropy import find, read_table
from wire import Bits, Budget, Cursor, Refused, UnknownId, signed32, unzigzag

Vertex = tuple[int, int]

CONTEXTS = 39
RENORMALISE = 1 << 16
FAR = 1 << 20  # differences that guesses are not made from


@dataclass(frozen=True)
class Run:
    """The vertices of a ring, a line or a point: how many, and whether they are a polygon's ring."""

    count: int
    closed: bool


@dataclass
class Symbols:
    """Reads symbols 0 to 15: the state of rANS, the words and the tables."""

    tables: list[list[int] | None]  # frequencies of the symbols, per context that occurs
    words: Cursor
    state: int = 0

    def __post_init__(self) -> None:
        self.state = self._word() << 16 | self._word()

    def _word(self) -> int:
        return int.from_bytes(self.words.take(2), "little")

    def read(self, context: int) -> int:
        table = self.tables[context]
        if table is None:
            raise Refused(f"a symbol in context {context}, which does not occur")
        symbol, self.state = find(table, self.state)
        if self.state < RENORMALISE:
            self.state = self.state << 16 | self._word()
        return symbol

    def end(self) -> None:
        if self.state != RENORMALISE:
            raise Refused(f"rANS ends in state {self.state}")
        self.words.end("the words of rANS")


def read_tables(cursor: Cursor) -> list[list[int] | None]:
    sequence = Bits(cursor.data[cursor.at :])
    tables = [read_table(sequence) if sequence.take(1) else None for _ in range(CONTEXTS)]
    sequence.no_bit_left("tables")
    cursor.take(sequence.whole_bytes())
    return tables


@dataclass
class Reader:
    """The state of a reader of runs."""

    start: Vertex | None
    right_angles: bool
    grid: bool
    symbols: Symbols
    raw: Bits
    vertices: list[Vertex]
    place: int = 0  # that copies continue from

    def run(self, run: Run) -> None:
        """Reads the steps of a run."""
        begin = len(self.vertices)
        after_copy = False
        while (done := len(self.vertices) - begin) < run.count:
            if done == 0:
                position = 0
            elif self.right_angles and run.closed and run.count >= 4 and done == run.count - 1:
                position = 2
            else:
                position = 1
            step = self.symbols.read(2 * position + after_copy)
            after_copy = step > 12
            if after_copy:
                self.copy(step, position, run.count - done)
            else:
                self.literal(step, position, begin, run.count)

    def literal(self, s: int, position: int, begin: int, n: int) -> None:
        t = self.symbols.read(6 + 7 * position + s // 2)
        if t > 12:
            raise Refused(f"a bit length of symbol {t}")
        a_bits = self.long_bits(35) if s == 12 else s
        b_bits = self.long_bits(36) if t == 12 else t
        low = self.symbols.read(37 if position == 0 else 38) if self.grid else 0
        a, b = self.component(a_bits), self.component(b_bits)

        base = self.vertices[-1] if self.vertices else (0, 0)
        if self.start is not None and position == 0:
            base = self.start
        if self.grid:
            x = ((base[0] >> 2) + a) << 2 | (base[0] ^ low) & 3
            y = ((base[1] >> 2) + b) << 2 | (base[1] ^ low >> 2) & 3
        elif self.right_angles and len(self.vertices) - begin >= 2:
            guess = corner(self.vertices, begin, n) if position == 2 else None
            x, y = (guess[0] + a, guess[1] + b) if guess else turn(self.vertices, a, b)
        else:
            x, y = base[0] + a, base[1] + b
        self.vertices.append((signed32(x), signed32(y)))
        self.place += 1

    def long_bits(self, context: int) -> int:
        symbol = self.symbols.read(context)
        if symbol < 15:
            return 12 + symbol
        length = 27 + self.raw.take(3)
        if length > 32:
            raise Refused(f"a component of {length} bits")
        return length

    def component(self, length: int) -> int:
        r = self.raw.take(length)
        return signed32(r if r.bit_length() == length else r - (1 << length) + 1)

    def copy(self, s: int, position: int, lacks: int) -> None:
        length = 1
        if lacks > 1:
            symbol = self.symbols.read((27 if position else 30) + s - 13)
            length = self.number(self.long_length(symbol)) if symbol else lacks
        begin, step = self.place, 1
        if s < 15:
            symbol = self.symbols.read(33 + s - 13)
            distance = self.number(self.long_length(symbol) + 1)
            begin = len(self.vertices) - distance
            step = 1 if s == 13 else -1
        if length > lacks:
            raise Refused(f"a copy of {length} vertices, the run lacks {lacks}")
        first, last = sorted((begin, begin + step * (length - 1)))
        if first < 0 or last >= len(self.vertices):
            raise Refused(f"a copy of vertices {first} to {last} of {len(self.vertices)}")
        self.place = self.place + length if s == 14 else begin + length
        self.vertices += [self.vertices[begin + step * i] for i in range(length)]

    def long_length(self, symbol: int) -> int:
        """What a symbol says about a bit length; 15 leaves it to five raw bits."""
        length = self.raw.take(5) if symbol == 15 else symbol
        if symbol == 15 and length == 0:
            raise Refused("five raw bits of 0 as a bit length")
        return length

    def number(self, bit_length: int) -> int:
        """A number of that bit length: the bits below the highest are raw."""
        return 1 << bit_length - 1 | self.raw.take(bit_length - 1)


def corner(vertices: list[Vertex], begin: int, n: int) -> Vertex:
    """Position 2: a guess at the last of n vertices of a closed ring, the corner at right angles."""
    first, w = vertices[begin], vertices[-1]
    if n == 4:
        second = vertices[begin + 1]
        return first[0] - second[0] + w[0], first[1] - second[1] + w[1]
    e = difference(w, vertices[-2])
    g = difference(first, w)
    u = (-e[1], e[0])
    if u == (0, 0) or any(abs(coordinate) >= FAR for coordinate in e + g):
        return w
    along, squared = g[0] * u[0] + g[1] * u[1], u[0] * u[0] + u[1] * u[1]
    return w[0] + divide(u[0] * along, squared), w[1] + divide(u[1] * along, squared)


def turn(vertices: list[Vertex], a: int, b: int) -> Vertex:
    """Position 1: a goes across the longer coordinate of the edge before, b beside a right angle."""
    w = vertices[-1]
    e = difference(w, vertices[-2])
    x_is_long = abs(e[0]) >= abs(e[1])
    long, short = e if x_is_long else (e[1], e[0])
    if long == 0 or abs(long) >= FAR:
        return w[0] + a, w[1] + b
    across = a if long > 0 else signed32(-a)
    along = b + divide(-across * short, long)
    dx, dy = (along, across) if x_is_long else (across, along)
    return w[0] + dx, w[1] + dy


def difference(v: Vertex, w: Vertex) -> Vertex:
    return signed32(v[0] - w[0]), signed32(v[1] - w[1])


def divide(numerator: int, denominator: int) -> int:
    """To the nearest integer, halves away from zero."""
    quotient = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def decode_references(payload: bytes, runs: list[Run], budget: Budget) -> list[Vertex]:
    cursor = Cursor(payload)
    budget.values(2 * sum(run.count for run in runs))
    flags = cursor.u8()
    if flags > 7 or flags & 6 == 6:
        raise UnknownId(f"references: flags {flags}")
    start = None
    if flags & 1:
        start = (unzigzag(cursor.varint()), unzigzag(cursor.varint()))
    tables = read_tables(cursor)
    words = Cursor(cursor.take(2 * cursor.varint()))
    raw = Bits(cursor.rest())
    reader = Reader(start, flags & 2 == 2, flags & 4 == 4, Symbols(tables, words), raw, [])
    for run in runs:
        reader.run(run)
    reader.symbols.end()
    raw.no_bit_left("raw bits")
    if raw.whole_bytes() != len(raw.data):
        raise Refused("raw bits left over")
    return reader.vertices
