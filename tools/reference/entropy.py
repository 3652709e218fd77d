"""Integers as entropy-coded symbols (spec/encodings.md, "entropy" and "Entropy coding")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wire import Bits, Cursor, Refused, UnknownId

WEIGHTS = [1, 2, 3, 5, 8, 12, 19, 30, 48, 76, 120, 190, 302, 480, 760, 1200]
TOTAL = 256
SPECIFICATION = Path(__file__).parent / "../../spec/encodings.md"

SYMBOLS, CHAIN, NUMBERS, CONTEXTS = range(4)
MANY = 2048  # values: four lanes have words of two bytes

Table = list[int]  # the frequency of each symbol


def read_table(sequence: Bits, symbols: int = 16) -> Table:
    """A table of at most so many symbols."""
    occurs = sequence.take(symbols)
    used = [symbol for symbol in range(symbols) if occurs >> symbol & 1]
    if not used:
        raise Refused("a table without symbols")
    frequencies = [0] * symbols
    if len(used) == 1:
        frequencies[used[0]] = TOTAL
        return frequencies
    weights = [WEIGHTS[sequence.take(4)] for _ in used]
    for symbol, weight in zip(used, weights):
        frequencies[symbol] = max(1, TOTAL * weight // sum(weights))
    largest = frequencies.index(max(frequencies))
    frequencies[largest] += TOTAL - sum(frequencies)
    return frequencies


def find(table: Table, state: int) -> tuple[int, int]:
    """The symbol that a state stands for, and the next state, which may be too low."""
    slot = state % TOTAL
    below = 0
    for symbol, frequency in enumerate(table):
        if slot < below + frequency:
            break
        below += frequency
    return symbol, frequency * (state // TOTAL) + slot - below


def read_contexts(sequence: Bits) -> list[Table | None]:
    return [read_table(sequence) if sequence.take(1) else None for _ in range(16)]


@cache
def presets(heading: str) -> list[Table]:
    """The presets below a heading of the specification, which are constants."""
    lines = SPECIFICATION.read_text(encoding="utf-8").split("\n### Presets\n")[1].splitlines()
    rows = lines[lines.index(heading) + 4 :][:16]
    return [[int(cell) for cell in row.strip("|").split("|")[1:]] for row in rows]


@cache
def known_tables() -> list[Table]:
    """The tables that references need not write, which are constants of the specification."""
    return [row[1:] for row in constants("Known tables")]


@cache
def known_codes() -> list[dict[int, int]]:
    """The lengths of words, by 16 * n + m, in the codes that references need not write."""
    codes: list[dict[int, int]] = [{} for _ in range(4)]
    for position, n, *lengths in constants("Known codes"):
        codes[position].update({16 * n + m: length for m, length in enumerate(lengths)})
    return codes


def constants(section: str) -> list[list[int]]:
    """The numbers of a table of the specification."""
    text = SPECIFICATION.read_text(encoding="utf-8").split(f"\n### {section}\n")[1].split("\n### ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[int(cell) for cell in row.strip("|").split("|")] for row in rows]


@dataclass
class Lanes:
    """The states, and the words before them, read backwards."""

    data: bytes
    states: list[int]
    word: int  # bytes of one

    @staticmethod
    def read(data: bytes, four: bool, word: int) -> Lanes:
        count = 4 if four else 1
        begin = len(data) - 2 * word * count
        if begin < 0:
            raise Refused("no room for the states of rANS")
        pieces = [data[at : at + 2 * word] for at in range(begin, len(data), 2 * word)]
        states = [int.from_bytes(piece, "little") for piece in reversed(pieces)]
        if min(states) < 1 << (8 * word):
            raise Refused(f"states of rANS {states}, one too low")
        return Lanes(data[:begin], states, word)

    def symbol(self, table: Table | None, index: int) -> int:
        """The next symbol, of value `index`."""
        if table is None:
            raise Refused("a symbol in a context without a table")
        lane = index % len(self.states)
        symbol, state = find(table, self.states[lane])
        if state < 1 << (8 * self.word):
            if len(self.data) < self.word:
                raise Refused("words that end early")
            state = state << (8 * self.word) | int.from_bytes(self.data[-self.word :], "little")
            self.data = self.data[: -self.word]
        self.states[lane] = state
        return symbol

    def front(self) -> bytes:
        """What stands before the words, once all symbols are read."""
        if any(state != 1 << (8 * self.word) for state in self.states):
            raise Refused(f"rANS ends in states {self.states}")
        return self.data


def decode_entropy(cursor: Cursor, count: int, width: int, known: list[int] | None = None) -> list[int]:
    """`known` are the contexts of the values, where these are known from elsewhere."""
    head = cursor.u8()
    form, four, preset, number = head & 3, bool(head & 4), bool(head & 8), head >> 4
    if (form in (CHAIN, CONTEXTS) and preset) or (number and not preset):
        raise UnknownId(f"entropy with head {head:#x}")
    if (form == CONTEXTS) != (known is not None):
        raise Refused("contexts where there are none, or the other way round")
    contexts: list[Table | None] = [None] * 16
    below: dict[int, Table] = {}
    if preset:
        contexts[0] = presets("Lengths:" if form == NUMBERS else "Symbols:")[number]
    else:
        sequence = Bits(cursor.data[cursor.at :])
        if form in (CHAIN, CONTEXTS):
            contexts = read_contexts(sequence)
        else:
            contexts[0] = table = read_table(sequence)
            if form == NUMBERS:
                for length in range(2, 16):
                    if table[length] and sequence.take(1):
                        below[length] = read_table(sequence, 1 << min(3, length - 1))
        sequence.no_bit_left("tables")
        cursor.take(sequence.whole_bytes())
    data = cursor.rest()
    lanes = Lanes.read(data, four, 2 if four and count >= MANY else 1)
    raw = Bits(data)
    values: list[int] = []
    for index in range(count):
        context = values[-1] if form == CHAIN and values else known[index] if known is not None else 0
        symbol = lanes.symbol(contexts[context], index)
        if form == NUMBERS and symbol:
            values.append(number_of(symbol, below.get(symbol), lanes, raw, index, width))
        else:
            values.append(symbol)
    front = lanes.front()
    if raw.whole_bytes() != len(front):
        raise Refused(f"{raw.whole_bytes()} bytes of raw bits where the words leave {len(front)}")
    raw.no_bit_left("raw bits")
    return values


def number_of(symbol: int, table: Table | None, lanes: Lanes, raw: Bits, index: int, width: int) -> int:
    """The number whose length has been read as `symbol`; `table` is that of its next bits."""
    length = 15 + raw.take(6) if symbol == 15 else symbol
    if length > width:
        raise Refused(f"a number of {length} bits, of at most {width}")
    value, rest = 1, length - 1
    if table is not None:
        known = min(3, symbol - 1)
        value, rest = 1 << known | lanes.symbol(table, index), rest - known
    return value << rest | raw.take(rest)
