"""Nested properties: Dremel's levels put together again (spec/format.md, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from columns import Payloads, decode_values
from directory import MAPS, NESTED, STRINGS, Column, Layer
from ids import ColumnKind as Kind
from ids import Role
from wire import MOST, Refused

LISTS = {Kind.LIST} | MAPS


@dataclass
class Levels:
    """Those that hold for the columns within one."""

    repetition: list[int] | None  # None: not there
    definition: list[int] | None  # None: all are full
    full: int  # the full level of the column that `definition` is of


@dataclass
class Entry:
    repetition: int
    definition: int
    value: Any


Leaf = list[Entry]  # of one leaf, those of a feature or of a value in it


def decode_nested(payloads: Payloads, layer: Layer, column: Column) -> list[Any]:
    """A value per feature: None or a scalar, of a list its elements, of a struct its fields, of a map pairs."""
    rows = layer.features
    payloads.budget.values(rows)
    leaves = Leaves(payloads, layer)
    leaves.read(column, Levels([0] * rows, None, 0), 0, 0)
    return [build(column, [leaf[row] for leaf in leaves.out], 0, 0) for row in range(rows)]


class Leaves:
    """The leaves of a property, each with its entries feature by feature."""

    def __init__(self, payloads: Payloads, layer: Layer) -> None:
        self.payloads = payloads
        self.layer = layer
        self.out: list[list[Leaf]] = []

    def read(self, column: Column, around: Levels, level: int, lists: int) -> None:
        """`level` and `lists` are those of the column around."""
        full, levels = level + 1, around
        if column.kind in LISTS:
            full, lists = level + 2, lists + 1
            levels = Levels(self.repetition(column, lists), None, full)
        stream = column.stream(Role.DEFINITION_LEVELS)
        if stream is not None:
            if levels.repetition is None:
                raise Refused("definition levels without repetition levels")
            definition = self.payloads.ints(stream, len(levels.repetition))
            if max(definition, default=0) > full:
                raise Refused(f"a definition level of {max(definition)}, above {full}")
            levels = Levels(levels.repetition, definition, full)
        first = len(self.out)
        for child in column.within:
            self.read(child, levels, full, lists)
        if column.kind == Kind.GROUPED_MAP:
            if column.within[1].kind in NESTED or column.within[0].kind not in STRINGS:
                raise Refused("a grouped map with keys that are no strings, or nested values")
            ungroup(self.out[first], self.out[first + 1], full)
        if not column.within:
            self.out.append(self.leaf(column, levels, full))

    def repetition(self, column: Column, lists: int) -> list[int] | None:
        stream = column.stream(Role.REPETITION_LEVELS)
        if stream is None:
            return None
        assert stream.count is not None  # the directory states it
        if stream.count > MOST:
            raise Refused(f"{stream.count} entries")
        levels = self.payloads.ints(stream, stream.count)
        if levels[:1] not in ([], [0]) or max(levels, default=0) > lists:
            raise Refused("repetition levels that begin within a feature, or of lists that are not there")
        if levels.count(0) != self.layer.features:
            raise Refused(f"levels of {levels.count(0)} features, not {self.layer.features}")
        return levels

    def leaf(self, column: Column, levels: Levels, full: int) -> list[Leaf]:
        if levels.repetition is None:
            raise Refused("a list without repetition levels")
        count = len(levels.repetition)
        self.payloads.budget.values(8 * count)
        definition = [full] * count
        if levels.definition is not None:
            definition = [full if d == levels.full else d for d in levels.definition]
        values: Iterator[Any] = repeat([])
        if column.kind != Kind.STRUCT:
            values = iter(decode_values(self.payloads, self.layer, column, definition.count(full)))
        features: list[Leaf] = []
        for r, d in zip(levels.repetition, definition):
            if r == 0:
                features.append([])
            features[-1].append(Entry(r, d, next(values) if d == full else None))
        return features


def ungroup(keys: list[Leaf], values: list[Leaf], full: int) -> None:
    """Gives each pair of a grouped map, which is there down to level `full`, the value that is its."""
    pairs = [
        (key, value)
        for key_leaf, value_leaf in zip(keys, values)
        for key, value in zip(key_leaf, value_leaf)
        if key.definition >= full or value.definition >= full
    ]
    if any(key.definition != full + 1 or value.definition != full + 1 for key, value in pairs):
        raise Refused("a grouped map with a key or a value that is null")
    groups: dict[str, list[Entry]] = {}
    for key, value in pairs:
        groups.setdefault(key.value, []).append(value)
    in_order = [entry for group in groups.values() for entry in group]
    for entry, stored in zip(in_order, [value.value for _, value in pairs]):
        entry.value = stored


def build(column: Column, leaves: list[Leaf], level: int, lists: int) -> Any:
    """One value of a column from the entries that its leaves have for it; it is there if those around are."""
    if not column.within:
        (entry,) = only(leaves[0])
        return entry.value
    levels = {min(leaf[0].definition, level + 2) for leaf in leaves}
    if len(levels) > 1 and (column.kind in LISTS or min(levels) == level):
        raise Refused("leaves that do not agree")
    if min(levels) <= (level + 1 if column.kind in LISTS else level):
        for leaf in leaves:
            only(leaf)
        return None if min(levels) == level else []
    if column.kind == Kind.STRUCT:
        return fields(column, leaves, level + 1, lists)
    elements = [split(leaf, lists + 1, level + 2) for leaf in leaves]
    if len({len(element) for element in elements}) > 1:
        raise Refused("leaves that do not agree about the length of a list")
    values = [fields(column, list(element), level + 2, lists + 1) for element in zip(*elements)]
    if column.kind in MAPS:
        if any(key is None for key, _ in values):
            raise Refused("a map with a key that is null")
        return values
    return [value[0] for value in values]


def fields(column: Column, leaves: list[Leaf], level: int, lists: int) -> list[Any]:
    """The values of the columns within one."""
    rest = iter(leaves)
    return [
        build(child, [next(rest) for _ in range(number_of_leaves(child))], level, lists)
        for child in column.within
    ]


def number_of_leaves(column: Column) -> int:
    return sum(map(number_of_leaves, column.within)) if column.within else 1


def only(leaf: Leaf) -> Leaf:
    if len(leaf) != 1:
        raise Refused("a further element of a list that has none")
    return leaf


def split(leaf: Leaf, repetition: int, level: int) -> list[Leaf]:
    """The entries of each element of a list."""
    out: list[Leaf] = []
    for entry in leaf:
        if not out or entry.repetition == repetition:
            if entry.definition < level:
                raise Refused("an element of a list that is none")
            out.append([])
        out[-1].append(entry)
    return out
