"""The front of a tile: layout, directory, statistics (spec/format.md, sections 3, 4 and 8)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from math import isfinite, isnan

from byte_streams import zstd_frame
from ids import ColumnKind as Kind
from ids import ByteEncoding, Layout, Role, known
from wire import MOST, Budget, Cursor, Refused, UnknownId, unzigzag

Bound = bool | int | float | str

PROPERTY = [Role.PRESENT, Role.VALUES, Role.TOKENS]
ROLES: dict[Kind, list[Role]] = {
    **{kind: PROPERTY for kind in Kind},
    Kind.ID: [Role.PRESENT, Role.VALUES],
    Kind.GEOMETRY: [role for role in Role if Role.TYPES <= role <= Role.COMMANDS],
    Kind.STRING: [Role.PRESENT, Role.LENGTHS, Role.TEXT],
    Kind.STRING_DICTIONARY: [Role.PRESENT, Role.VALUES, Role.LENGTHS, Role.TEXT],
    Kind.SHARED_DICTIONARY: [Role.LENGTHS, Role.TEXT, Role.TERMINATED_TEXT],
    Kind.M_VALUES: [Role.PRESENT],
    Kind.Z: [Role.PRESENT, Role.VALUES],
    Kind.STRUCT: [Role.DEFINITION_LEVELS],
    Kind.LIST: [Role.REPETITION_LEVELS, Role.DEFINITION_LEVELS],
    Kind.MAP: [Role.REPETITION_LEVELS, Role.DEFINITION_LEVELS],
    Kind.GROUPED_MAP: [Role.REPETITION_LEVELS, Role.DEFINITION_LEVELS],
    Kind.HASHED_ID: [Role.PRESENT, Role.VALUES],
    Kind.BORROWED_DICTIONARY: [],
}
VERTICES = [[], [Role.VERTICES], [Role.VERTICES, Role.VERTEX_OFFSETS]]
DICTIONARIES = {Kind.SHARED_DICTIONARY, Kind.BORROWED_DICTIONARY}
IDS = {Kind.ID, Kind.HASHED_ID}
NAMELESS = {Kind.GEOMETRY, Kind.Z} | IDS | DICTIONARIES
PER_VERTEX = {Kind.M_VALUES, Kind.Z}
MAPS = {Kind.MAP, Kind.GROUPED_MAP}
NESTED = {Kind.STRUCT, Kind.LIST} | MAPS
STRINGS = {Kind.STRING, Kind.STRING_DICTIONARY, Kind.SHARED_STRING}
WITHOUT_STATISTICS = {Kind.GEOMETRY} | DICTIONARIES | NESTED | PER_VERTEX
DEEPEST = 16  # structs, lists and maps within one another


@dataclass
class Stream:
    role: Role
    encoding: int  # of which table depends on role and kind; unknown ones concern the column only
    count: int | None  # where the directory states it
    length: int
    begin: int = 0  # of the payload in the tile, or in the front
    apart: bool = False  # in the compressed front of a compact tile
    references: list[int] = field(default_factory=list)  # columns of the layer, of tokens only
    context: int | None = None


@dataclass
class Statistics:
    nulls: int
    distinct: int | None
    bounds: tuple[Bound, Bound] | None


@dataclass
class Column:
    kind: Kind
    name: str | None
    dictionary: int | None
    streams: list[Stream]
    statistics: Statistics | None = None
    within: list[Column] = field(default_factory=list)
    grid: tuple[float, float] | None = None  # scale and offset of heights
    lender: tuple[int, int] | None = None  # layer and column of a borrowed dictionary
    hashed: tuple[int, int] | None = None  # multiplier and column of ids that are hashes
    lent: Column | None = None  # the column that `lender` says

    def stream(self, role: Role) -> Stream | None:
        return next((stream for stream in self.streams if stream.role == role), None)


@dataclass
class Layer:
    name: str
    extent: int
    version: int
    features: int
    columns: list[Column]


@dataclass
class Front:
    layout: Layout
    body: int  # where it begins
    end: int  # where it and the tile end
    layers: list[Layer]
    vertices: list[Stream]  # of all layers of a compact tile
    texts: bytes  # the front of a compact tile, if that is compressed


# Text that is not compressed by itself.
IN_FRONT = (ByteEncoding.CONSTANT, ByteEncoding.PLAIN, ByteEncoding.WINDOWS)


def read_front(tile: bytes, budget: Budget) -> Front:
    """Reads the front of a tile; `tile` may end anywhere in its body."""
    cursor = Cursor(tile)
    layout = known(Layout, cursor.u8())
    vertices: list[Stream] = []
    front, texts, compressed = b"", 0, 0
    if layout == Layout.DIRECTORY:
        directory = Cursor(cursor.take(cursor.varint()))
    else:
        compressed, size = cursor.varint(), cursor.varint()
        budget.bytes(size)
        if layout == Layout.COMPACT and compressed == 0:
            front = cursor.take(size)
        else:
            front = zstd_frame(cursor.take(compressed), size)
        directory = Cursor(front)
        if layout == Layout.COMPACT:
            inner = Cursor(front)
            directory = Cursor(inner.take(inner.varint()))
            texts = inner.at if compressed else cursor.at - size + inner.at
            vertices = [read_stream(directory, Kind.GEOMETRY, 0, None) for _ in range(directory.u8())]
            if [stream.role for stream in vertices] not in VERTICES:
                raise Refused("streams of vertices of other roles")
    layers = read_directory(directory, budget)
    end = cursor.at
    streams = vertices + [stream for layer in layers for column in layer.columns for stream in every(column)]
    for stream in streams:
        text = stream.role in (Role.TEXT, Role.TERMINATED_TEXT)
        if layout == Layout.COMPACT and text and stream.encoding in IN_FRONT:
            stream.begin, stream.apart = texts, compressed > 0
            texts += stream.length
        else:
            stream.begin = end
            end += stream.length
    if layout == Layout.COMPACT and texts != (len(front) if compressed else cursor.at):
        raise Refused("texts of another length than their streams")
    return Front(layout, cursor.at, end, layers, vertices, front)


def every(column: Column) -> list[Stream]:
    """The streams of a column, then those of the columns within it."""
    return column.streams + [stream for child in column.within for stream in every(child)]


def read_directory(cursor: Cursor, budget: Budget) -> list[Layer]:
    budget.bytes(100 * cursor.left())  # what a byte of the directory can become
    layers: list[Layer] = []
    for _ in range(cursor.varint()):
        layers.append(read_layer(cursor, layers))
    if cursor.left():
        for layer in layers:
            for column in layer.columns:
                if column.kind not in WITHOUT_STATISTICS:
                    column.statistics = read_statistics(cursor, column.kind, layer.features)
    cursor.end("the directory")
    return layers


def read_layer(cursor: Cursor, before: list[Layer]) -> Layer:
    layer = Layer(cursor.text(), cursor.varint(), cursor.varint(), cursor.varint(), [])
    if layer.features > MOST:
        raise Refused(f"{layer.features} features in a layer")
    for _ in range(cursor.varint()):
        column = read_column(cursor, layer.columns)
        if column.lender is not None:
            column.lent = lent(before, *column.lender)
        layer.columns.append(column)
    for column in layer.columns:
        if column.hashed is not None:
            number = column.hashed[1]
            if number >= len(layer.columns) or layer.columns[number].kind not in STRINGS:
                raise Refused(f"ids that are hashes of column {number}, which has no strings")
    kinds = [Kind.ID if column.kind in IDS else column.kind for column in layer.columns]
    if any(kinds.count(kind) > 1 for kind in (Kind.ID, Kind.GEOMETRY, Kind.Z)):
        raise Refused("a second column of ids, geometries or heights in a layer")
    if layer.features and Kind.GEOMETRY not in kinds:
        raise Refused("features without geometries")
    return layer


def lent(layers: list[Layer], layer: int, column: int) -> Column:
    """The dictionary that a later layer borrows."""
    columns = layers[layer].columns if layer < len(layers) else []
    if column >= len(columns) or columns[column].kind != Kind.SHARED_DICTIONARY:
        raise Refused(f"column {column} of layer {layer} is no shared dictionary before")
    return columns[column]


def read_column(
    cursor: Cursor, before: list[Column], around: Kind | None = None, depth: int = 0
) -> Column:
    kind = known(Kind, cursor.u8())
    if around is not None and kind in NAMELESS | {Kind.M_VALUES}:
        raise Refused(f"a column of {kind.name} within another")
    if kind in NESTED and depth == DEEPEST:
        raise Refused(f"more than {DEEPEST} structs, lists and maps within one another")
    named = kind not in NAMELESS and around in (None, Kind.STRUCT)
    name = cursor.text() if named else None
    dictionary = None
    if kind == Kind.SHARED_STRING:
        dictionary = cursor.varint()
        if dictionary >= len(before) or before[dictionary].kind not in DICTIONARIES:
            raise Refused(f"column {dictionary} is no shared dictionary")
    lender = (cursor.varint(), cursor.varint()) if kind == Kind.BORROWED_DICTIONARY else None
    hashed = (cursor.varint(64), cursor.varint()) if kind == Kind.HASHED_ID else None
    if around == Kind.M_VALUES and kind in NESTED:
        raise Refused("nested values of vertices")
    fields = {Kind.M_VALUES: 1, Kind.LIST: 1, Kind.MAP: 2, Kind.GROUPED_MAP: 2}.get(kind, 0)
    if kind == Kind.STRUCT:
        fields = cursor.varint()
    grid = read_grid(cursor) if kind == Kind.Z else None
    streams: list[Stream] = []
    for _ in range(cursor.u8()):
        stream = read_stream(cursor, kind, len(before), around)
        if streams and streams[-1].role >= stream.role:
            raise Refused("roles that do not rise")
        streams.append(stream)
    column = Column(kind, name, dictionary, streams, grid=grid, lender=lender, hashed=hashed)
    if (tokens := column.stream(Role.TOKENS)) is not None:
        if any(dictionary is None or before[other].dictionary != dictionary for other in tokens.references):
            raise Refused("a reference to a column that has no strings of the same dictionary")
        if tokens.context is not None and before[tokens.context].stream(Role.TOKENS) is None:
            raise Refused("a context without tokens")
        if column.stream(Role.PRESENT) is not None:
            raise Refused("a present stream beside tokens")
    for _ in range(fields):
        column.within.append(read_column(cursor, before, kind, depth + 1))
    if kind in MAPS and column.within[0].kind in NESTED:
        raise Refused("a map with nested keys")
    return column


def read_grid(cursor: Cursor) -> tuple[float, float]:
    scale, offset = struct.unpack("<dd", cursor.take(16))
    if not (scale > 0 and isfinite(scale) and isfinite(offset)):
        raise Refused(f"a grid of heights with scale {scale} and offset {offset}")
    return scale, offset


def read_stream(cursor: Cursor, kind: Kind, column: int, around: Kind | None) -> Stream:
    byte = cursor.u8()
    role = known(Role, byte >> 4)
    roles = ROLES[kind]
    if around is not None:
        roles = [role for role in roles if role not in (Role.PRESENT, Role.TOKENS)]
        if around != Kind.M_VALUES:
            roles.append(Role.DEFINITION_LEVELS)
    if role not in roles:
        raise Refused(f"a stream of {role.name} in a column of {kind.name}")
    stated = role in (Role.INDEX_BUFFER, Role.COMMANDS, Role.REPETITION_LEVELS, Role.TERMINATED_TEXT)
    stated |= role == Role.LENGTHS and kind != Kind.STRING
    stream = Stream(role, byte & 15, cursor.varint() if stated else None, 0)
    if role == Role.TOKENS:
        numbers = cursor.u8()
        if numbers > 7:
            raise UnknownId(f"links that start with {numbers}")
        stream.references = [read_link(cursor, column) for _ in range(numbers & 3)]
        stream.context = read_link(cursor, column) if numbers & 4 else None
    stream.length = cursor.varint()
    return stream


def read_link(cursor: Cursor, column: int) -> int:
    other = column - 1 - cursor.varint()
    if other < 0:
        raise Refused("a link to before the first column")
    return other


def read_statistics(cursor: Cursor, kind: Kind, features: int) -> Statistics:
    flags = cursor.u8()
    if flags > 3:
        raise Refused(f"statistics with flags {flags}")
    nulls = cursor.varint()
    distinct = cursor.varint() if flags & 1 else None
    if nulls > features or (distinct or 0) > features - nulls:
        raise Refused(f"statistics of {nulls} nulls and {distinct} values for {features} features")
    bounds = None
    if flags & 2:
        bounds = read_bound(cursor, kind), read_bound(cursor, kind)
        if above(*bounds):
            raise Refused("statistics with a minimum above the maximum")
    return Statistics(nulls, distinct, bounds)


def read_bound(cursor: Cursor, kind: Kind) -> Bound:
    match kind:
        case Kind.BOOL:
            byte = cursor.u8()
            if byte > 1:
                raise Refused("a bound that is neither true nor false")
            return byte == 1
        case Kind.INT | Kind.SINT:
            return unzigzag(cursor.varint(64))
        case Kind.ID | Kind.HASHED_ID | Kind.UINT:
            return cursor.varint(64)
        case Kind.FLOAT | Kind.DOUBLE:
            number: float = struct.unpack("<d", cursor.take(8))[0]
            if isnan(number):
                raise Refused("a bound that is not a number")
            return number
        case _:
            return cursor.text()


def above(minimum: Bound, maximum: Bound) -> bool:
    """Strings are in the order of their UTF-8 bytes."""
    if isinstance(minimum, str) or isinstance(maximum, str):
        return str(minimum).encode() > str(maximum).encode()
    return minimum > maximum
