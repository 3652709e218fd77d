"""Vertices as references: literals and copies of earlier vertices, entropy coded with rANS.

See "references vertices" and "Entropy coding" in spec/encodings.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from entropy import Lanes, Table, known_codes, known_tables, read_table
from wire import Bits, Budget, Cursor, Refused, UnknownId, signed32, unzigzag

Vertex = tuple[int, int]

CONTEXTS = 32
LONG = 15  # bit lengths from here on are added to
LONGEST = 12  # words
FAR = 1 << 20  # differences that guesses are not made from
DISTANCES = range(14, 20)  # their contexts, in the order of the kinds
POSITIONS = range(4)
FORWARDS, BACKWARDS, ONWARDS = range(3)


@dataclass(frozen=True)
class Run:
    """The vertices of a ring, a line or a point: how many, and whether they are a polygon's ring."""

    count: int
    closed: bool


@dataclass(frozen=True)
class Copy:
    """A copy among the vertices of a run: where it begins and ends there, its way and its context."""

    begin: int
    end: int
    way: int
    context: int = 0  # of its distance


@dataclass
class Reader:
    """Reads symbols and raw bits, kind by kind, and literals."""

    tables: list[Table]
    lanes: Lanes
    raw: Bits
    further: list[Bits]  # sequences of literals
    codes: list[tuple[int, int] | None]  # N and M of those that are written

    def symbols(self, contexts: list[int]) -> list[int]:
        return [self.lanes.symbol(self.tables[context], i) for i, context in enumerate(contexts)]

    def patterns(self, count: int) -> list[int]:
        lanes = 1 + len(self.further)
        part = -(-count // lanes)
        parts: list[list[int]] = [[] for _ in range(lanes)]
        for place in range(part):
            for lane, patterns in enumerate(parts):
                if part * lane + place < count:
                    before = patterns[-1] if patterns else 0
                    patterns.append(self.lanes.symbol(self.tables[before], lane))
                    if patterns[-1] > 7:
                        raise Refused(f"pattern {patterns[-1]}")
        return [pattern for patterns in parts for pattern in patterns]

    def length(self, symbol: int) -> int:
        length = 15 + self.raw.take(5) if symbol == 15 else symbol
        if length > 31:
            raise Refused(f"a bit length of {length}")
        return length

    def numbers(self, contexts: list[int]) -> list[int]:
        numbers = []
        for symbol in self.symbols(contexts):
            n = self.length(symbol)
            numbers.append(1 << n - 1 | self.raw.take(n - 1) if n else 0)
        return numbers

    def distances(self, contexts: list[int]) -> list[int]:
        distances = []
        for symbol in self.symbols(contexts):
            n = self.length(symbol)
            distances.append(1 << n | self.raw.take(n))
        return distances

    def words(self) -> list[dict[str, int]]:
        """The words of the code of each position, and 16 * n + m for each."""
        codes = []
        for sides, known in zip(self.codes, known_codes()):
            codes.append(words_of(self.word_lengths(*sides) if sides else known))
        return codes

    def word_lengths(self, n_most: int, m_most: int) -> dict[int, int]:
        lengths: dict[int, int] = {}
        places = [(n, m) for n in range(n_most + 1) for m in range(m_most + 1)]
        for i, (n, m) in enumerate(places):
            left = lengths.get(16 * n + m - 1, 0) if m else 0
            above = lengths.get(16 * (n - 1) + m, 0) if n else 0
            context = 19 + ((left or LONGEST) + (above or LONGEST) + 1) // 2
            length = self.lanes.symbol(self.tables[context], i)
            if length > LONGEST:
                raise Refused(f"a word of {length} bits")
            lengths[16 * n + m] = length
        return lengths

    def literals(self, counts: list[int]) -> list[list[Vertex]]:
        """The components of so many literals of each position."""
        sequences = [self.raw, *self.further]
        return [
            [literal(sequences[i % len(sequences)], words) for i in range(count)]
            for words, count in zip(self.words(), counts)
        ]


def words_of(lengths: dict[int, int]) -> dict[str, int]:
    used = {symbol: length for symbol, length in lengths.items() if length}
    if len(used) == 1 and set(used.values()) == {1}:
        return {"": symbol for symbol in used}
    if sum(1 << LONGEST - length for length in used.values()) != 1 << LONGEST:
        raise Refused("a code of too few words, or too many")
    words, word, before = {}, 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in used.items()):
        word <<= length - before
        words[f"{word:0{length}b}"] = symbol
        word, before = word + 1, length
    return words


def literal(sequence: Bits, words: dict[str, int]) -> Vertex:
    word = ""
    while word not in words:
        word += str(sequence.take(1))
    lengths = []
    for length in divmod(words[word], 16):
        lengths.append(length + sequence.take(5) if length == LONG else length)
        if lengths[-1] > 32:
            raise Refused(f"a component of {lengths[-1]} bits")
    a, b = (component(sequence.take(length), length) for length in lengths)
    return a, b


def component(r: int, length: int) -> int:
    return signed32(r if r.bit_length() == length else r - (1 << length) + 1)


def copies_of(pattern: int, n: int, steps: list[Copy]) -> list[Copy]:
    """The copies of a run of n vertices; `steps` are those of pattern 7."""
    first, last = Copy(0, 1, FORWARDS, 16), Copy(n - 1, n, FORWARDS, 17)
    if pattern == 6 and n < 2:
        raise Refused("pattern 6 of a run of one vertex")
    return [
        [],
        [Copy(0, n, ONWARDS)],
        [Copy(0, n, FORWARDS, 14)],
        [Copy(0, n, BACKWARDS, 15)],
        [first],
        [last],
        [first, last],
        steps,
    ][pattern]


def steps_of(n: int, ways: list[int], gaps: list[int], lengths: list[int]) -> list[Copy]:
    copies, place = [], 0
    for way, gap, length in zip(ways, gaps, lengths):
        begin = place + gap
        place = begin + length if length else n
        if begin >= n or place > n:
            raise Refused("a copy that leaves its run")
        copies.append(Copy(begin, place, way, 18 + way))
    return copies


def read_copies(reader: Reader, runs: list[Run], onwards: int, budget: int) -> list[list[Copy]]:
    """The copies of each run, of which so many at the end have no pattern: they are copied onwards."""
    patterns = reader.patterns(len(runs) - onwards)
    counts = reader.numbers([8] * patterns.count(7))
    if sum(counts) > budget:
        raise Refused(f"{sum(counts)} copies of {budget} vertices")
    ways = reader.symbols([9] * sum(counts))
    if any(way > ONWARDS for way in ways):
        raise Refused("a way above 2")
    gaps = reader.numbers([10] * len(ways))
    lengths = reader.numbers([11 + way for way in ways])
    copies, at, count = [], 0, iter(counts)
    for run, pattern in zip(runs, patterns):
        steps: list[Copy] = []
        if pattern == 7:
            end = at + next(count)
            steps = steps_of(run.count, ways[at:end], gaps[at:end], lengths[at:end])
            at = end
        copies.append(copies_of(pattern, run.count, steps))
    return copies + [copies_of(1, run.count, []) for run in runs[len(patterns) :]]


def position_of(run: Run, place: int, right_angles: bool) -> int:
    """The position of a literal at this place of a run."""
    if right_angles and run.closed and run.count >= 4 and place == run.count - 1:
        return 3
    return min(place, 2)


def positions_of(run: Run, copies: list[Copy], right_angles: bool) -> list[int]:
    """The position of each literal of a run."""
    copied = {place for copy in copies for place in range(copy.begin, copy.end)}
    return [position_of(run, place, right_angles) for place in range(run.count) if place not in copied]


@dataclass
class Builder:
    """Puts vertices together."""

    start: Vertex | None
    right_angles: bool
    distances: list[Iterator[int]]  # by context, from 14 on
    literals: list[Iterator[Vertex]]  # by position
    vertices: list[Vertex] = field(default_factory=list)
    place: int = 0  # that copies go on from

    def run(self, run: Run, copies: list[Copy]) -> None:
        begin, done = len(self.vertices), 0
        for copy in copies:
            for place in range(done, copy.begin):
                self.literal(run, begin, place)
            self.copy(copy)
            done = copy.end
        for place in range(done, run.count):
            self.literal(run, begin, place)

    def literal(self, run: Run, begin: int, place: int) -> None:
        position = position_of(run, place, self.right_angles)
        a, b = next(self.literals[position])
        base = self.vertices[-1] if self.vertices else (0, 0)
        if self.start is not None and place == 0:
            base = self.start
        if self.right_angles and place >= 2:
            guess = corner(self.vertices, begin, run.count) if position == 3 else None
            x, y = (guess[0] + a, guess[1] + b) if guess else turn(self.vertices, a, b)
        else:
            x, y = base[0] + a, base[1] + b
        self.vertices.append((signed32(x), signed32(y)))
        self.place += 1

    def copy(self, copy: Copy) -> None:
        length, step = copy.end - copy.begin, -1 if copy.way == BACKWARDS else 1
        begin = self.place
        if copy.way != ONWARDS:
            begin = len(self.vertices) - next(self.distances[DISTANCES.index(copy.context)])
        first, last = sorted((begin, begin + step * (length - 1)))
        if first < 0 or last >= len(self.vertices):
            raise Refused(f"a copy of vertices {first} to {last} of {len(self.vertices)}")
        self.place = self.place + length if copy.way == BACKWARDS else begin + length
        self.vertices += [self.vertices[begin + step * i] for i in range(length)]


def corner(vertices: list[Vertex], begin: int, n: int) -> Vertex:
    """Position 3: a guess at the last of n vertices of a closed ring, the corner at right angles."""
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
    """Position 2: a goes across the longer coordinate of the edge before, b beside a right angle."""
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
    count = sum(run.count for run in runs)
    budget.values(2 * count)
    flags = cursor.u8()
    if flags > 31:
        raise UnknownId(f"references: flags {flags}")
    onwards = cursor.varint() if flags & 16 else 0
    if onwards > len(runs):
        raise Refused(f"{onwards} runs copied onwards, of {len(runs)}")
    shift, origin, start = 0, (0, 0), None
    if flags & 8:
        shift = cursor.u8()
        if shift > 31:
            raise Refused(f"a shift of {shift}")
        if shift:
            origin = (unzigzag(cursor.varint()), unzigzag(cursor.varint()))
    if flags & 1:
        start = (unzigzag(cursor.varint()), unzigzag(cursor.varint()))
    sequence = Bits(cursor.data[cursor.at :])
    tables = [read_table(sequence) if sequence.take(1) else known for known in known_tables()]
    codes = [(sequence.take(4), sequence.take(4)) if sequence.take(1) else None for _ in range(4)]
    sequence.no_bit_left("tables")
    cursor.take(sequence.whole_bytes())
    further = [Bits(cursor.take(length)) for length in [cursor.varint() for _ in range(3 if flags & 4 else 0)]]
    data = cursor.rest()
    reader = Reader(tables, Lanes.read(data, bool(flags & 4), 2 if flags & 4 else 1), Bits(data), further, codes)
    right_angles = bool(flags & 2)

    copies = read_copies(reader, runs, onwards, count)
    contexts = [copy.context for own in copies for copy in own if copy.way != ONWARDS]
    distances = [reader.distances([context] * contexts.count(context)) for context in DISTANCES]
    positions = [at for run, own in zip(runs, copies) for at in positions_of(run, own, right_angles)]
    literals = reader.literals([positions.count(position) for position in POSITIONS])
    for literals_of_lane in further:
        literals_of_lane.finish("literals")
    front = reader.lanes.front()
    reader.raw.no_bit_left("raw bits")
    if reader.raw.whole_bytes() != len(front):
        raise Refused("raw bits that do not end where the words begin")

    builder = Builder(start, right_angles, [iter(kind) for kind in distances], [iter(kind) for kind in literals])
    for run, own in zip(runs, copies):
        builder.run(run, own)
    if not shift:
        return builder.vertices
    return [
        (signed32((x << shift) + origin[0]), signed32((y << shift) + origin[1])) for x, y in builder.vertices
    ]
