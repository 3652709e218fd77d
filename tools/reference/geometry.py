"""Geometries (spec/format.md, section 7), and their vertices but for references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from columns import Payloads, needed
from directory import Column, Front
from ids import ColumnKind as Kind
from ids import GeometryType as Type
from ids import Role, VertexEncoding, known
from int_streams import child, last_child
from references import Run, Vertex, decode_references
from wire import MOST, Budget, Cursor, Refused, signed32, unzigzag

MULTI = {Type.MULTI_POINT, Type.MULTI_LINE_STRING, Type.MULTI_POLYGON}
POLYGONS = {Type.POLYGON, Type.MULTI_POLYGON}
POINTS = {Type.POINT, Type.MULTI_POINT}

Ring = list[Vertex]


@dataclass
class Geometry:
    type: Type
    parts: list[list[Ring]] = field(default_factory=list)
    mvt_type: int = 0  # of Commands
    integers: list[int] = field(default_factory=list)  # of Commands


@dataclass
class Geometries:
    features: list[Geometry]
    triangles: list[tuple[int, int, int]] | None  # None if the column has no index buffer


@dataclass
class Topology:
    types: list[Type]
    shape: list[list[int]]  # of each feature: of each part the number of rings
    runs: list[Run]  # a run per ring in the order of the vertices

    def only_points(self) -> bool:
        return all(t in POINTS or t == Type.COMMANDS for t in self.types)


def decode_geometry(payloads: Payloads, column: Column, features: int) -> Geometries:
    topology = decode_topology(payloads, column, features)
    vertices = decode_vertices(payloads, column, topology.runs, topology.only_points())
    return fill(payloads, column, topology, vertices)


def decode_compact(payloads: Payloads, front: Front) -> list[Geometries]:
    """The geometries of all layers, whose vertices are one sequence."""
    columns = [
        next((column for column in layer.columns if column.kind == Kind.GEOMETRY), None) for layer in front.layers
    ]
    topologies: list[Topology] = []
    for layer, column in zip(front.layers, columns):
        if column is None:
            topologies.append(Topology([], [], []))
        else:
            optional(column, Role.VERTICES, False)
            optional(column, Role.VERTEX_OFFSETS, False)
            topologies.append(decode_topology(payloads, column, layer.features))
    runs = [run for topology in topologies for run in topology.runs]
    at_most(sum(run.count for run in runs), "vertices")
    joint = Column(Kind.GEOMETRY, None, None, front.vertices)
    only_points = all(topology.only_points() for topology in topologies)
    vertices = iter(decode_vertices(payloads, joint, runs, only_points))
    out: list[Geometries] = []
    for column, topology in zip(columns, topologies):
        own = list(islice(vertices, sum(run.count for run in topology.runs)))
        out.append(Geometries([], None) if column is None else fill(payloads, column, topology, own))
    return out


def decode_topology(payloads: Payloads, column: Column, features: int) -> Topology:
    ids = payloads.bytes(needed(column, Role.TYPES), features)
    payloads.budget.values(features)
    types = [known(Type, number) for number in ids]

    counts = Counts(payloads, column)
    multi = counts.read(Role.GEOMETRY_OFFSETS, sum(t in MULTI for t in types), least=1)
    parts = [0 if t == Type.COMMANDS else next(multi) if t in MULTI else 1 for t in types]
    at_most(sum(parts), "parts")
    polygons = sum(n for t, n in zip(types, parts) if t in POLYGONS)
    of_polygons = list(counts.read(Role.PART_OFFSETS, polygons, least=1))
    points = sum(n for t, n in zip(types, parts) if t in POINTS)
    lines = sum(parts) - points - polygons
    at_most(sum(of_polygons) + lines + points, "rings")
    of_rings = list(counts.read(Role.RING_OFFSETS, lines + sum(of_polygons), least=2))
    at_most(sum(of_rings) + points, "vertices")
    payloads.budget.values(sum(of_rings) + 4 * points)

    rings_of, vertices_of = iter(of_polygons), iter(of_rings)
    runs: list[Run] = []
    shape: list[list[int]] = []
    for t, n in zip(types, parts):
        rings = list(islice(rings_of, n)) if t in POLYGONS else [1] * n
        shape.append(rings)
        for _ in range(sum(rings)):
            runs.append(Run(1 if t in POINTS else next(vertices_of), closed=t in POLYGONS))

    return Topology(types, shape, runs)


def fill(payloads: Payloads, column: Column, topology: Topology, vertices: list[Vertex]) -> Geometries:
    types, runs = topology.types, topology.runs
    commands = decode_commands(payloads, column, types.count(Type.COMMANDS))
    triangles = decode_triangles(payloads, column, len(vertices))

    at = iter(vertices)
    next_run = iter(runs)
    out: list[Geometry] = []
    for t, rings in zip(types, topology.shape):
        if t == Type.COMMANDS:
            out.append(next(commands))
        else:
            filled = [[list(islice(at, next(next_run).count)) for _ in range(n)] for n in rings]
            out.append(Geometry(t, filled))
    return Geometries(out, triangles)


def at_most(count: int, what: str) -> None:
    if count > MOST:
        raise Refused(f"{count} {what} in a layer")


def optional(column: Column, role: Role, there: bool) -> bool:
    """Refuses a stream that is there although it has no values, and one that has but is missing."""
    if (column.stream(role) is not None) != there:
        raise Refused(f"{role.name}: there although it has no values, or missing")
    return there


@dataclass
class Counts:
    payloads: Payloads
    column: Column

    def read(self, role: Role, count: int, least: int) -> Iterator[int]:
        if not optional(self.column, role, count > 0):
            return iter(())
        counts = self.payloads.ints(needed(self.column, role), count)
        if min(counts) < least:
            raise Refused(f"{role.name}: {min(counts)}, less than {least}")
        return iter(counts)


def decode_vertices(payloads: Payloads, column: Column, runs: list[Run], only_points: bool) -> list[Vertex]:
    count = sum(run.count for run in runs)
    if not optional(column, Role.VERTICES, count > 0):
        optional(column, Role.VERTEX_OFFSETS, False)
        return []
    stream = needed(column, Role.VERTICES)
    encoding = known(VertexEncoding, stream.encoding)
    optional(column, Role.VERTEX_OFFSETS, encoding == VertexEncoding.ICE)
    budget = payloads.budget
    budget.values(2 * count)
    if encoding == VertexEncoding.REFERENCES:
        return decode_references(payloads.of(stream), runs, budget)
    cursor = Cursor(payloads.of(stream))
    if encoding == VertexEncoding.DELTA:
        return delta(cursor, runs, only_points, budget)
    if encoding == VertexEncoding.PACKED_REFERENCES:
        return packed_references(cursor, count, budget)
    if encoding == VertexEncoding.HILBERT:
        return along_curve(cursor, count, budget)
    if encoding == VertexEncoding.PLAIN:
        return plain(cursor, count)
    distinct_count = cursor.varint()
    distinct = summed(pairs(last_child(cursor, 2 * distinct_count, 32, budget)))
    places = payloads.ints(needed(column, Role.VERTEX_OFFSETS), count)
    if max(places) >= len(distinct):
        raise Refused(f"ice: vertex {max(places)} of {len(distinct)}")
    return [distinct[place] for place in places]


def delta(cursor: Cursor, runs: list[Run], only_points: bool, budget: Budget) -> list[Vertex]:
    count = sum(run.count for run in runs)
    if only_points:
        return summed(pairs(last_child(cursor, 2 * count, 32, budget)))
    firsts = pairs(child(cursor, 2 * len(runs), 32, budget))
    others = pairs(last_child(cursor, 2 * (count - len(runs)), 32, budget))
    return summed(next(others if i else firsts) for run in runs for i in range(run.count))


def plain(cursor: Cursor, count: int) -> list[Vertex]:
    width = cursor.u8()
    if width not in (2, 4):
        raise Refused(f"coordinates of {width} bytes")
    units = iter([int.from_bytes(cursor.take(width), "little", signed=True) for _ in range(2 * count)])
    cursor.end("plain vertices")
    return list(zip(units, units))


def along_curve(cursor: Cursor, count: int, budget: Budget) -> list[Vertex]:
    order = cursor.u8()
    if order > 32:
        raise Refused(f"a Hilbert curve of order {order}")
    left, top = (unzigzag(cursor.varint(32)) for _ in range(2))
    place, vertices = 0, []
    for difference in last_child(cursor, count, 64, budget):
        place = (place + difference) % (1 << 64)
        if place >> (2 * order):
            raise Refused("a place behind the end of a Hilbert curve")
        x = y = 0
        # From the smallest square outwards: what the definition does to coordinates, undone.
        for bit in range(order):
            digit = place >> (2 * bit) & 3
            right, down = digit >> 1, (digit >> 1) ^ (digit & 1)
            if not down:
                x, y = y, x
                if right:
                    x, y = (1 << bit) - 1 - x, (1 << bit) - 1 - y
            x, y = x + (right << bit), y + (down << bit)
        vertices.append((signed32(left + x), signed32(top + y)))
    return vertices


def packed_references(cursor: Cursor, count: int, budget: Budget) -> list[Vertex]:
    shift = cursor.u8()
    if shift > 31:
        raise Refused(f"vertices shifted by {shift} bits")
    origin = [unzigzag(cursor.varint(32)) for _ in range(2)] if shift else [0, 0]
    copy_count, literal_count = cursor.varint(), cursor.varint()
    if max(copy_count, literal_count) > count:
        raise Refused(f"{copy_count} copies and {literal_count} literals in {count} vertices")
    gaps, copies, distances = (child(cursor, copy_count, 32, budget) for _ in range(3))
    literals = list(pairs(last_child(cursor, 2 * literal_count, 32, budget)))
    vertices: list[Vertex] = []

    def write(literals: list[Vertex]) -> None:
        for dx, dy in literals:
            x, y = vertices[-1] if vertices else (0, 0)
            vertices.append((signed32(x + dx), signed32(y + dy)))

    for gap, copy, distance in zip(gaps, copies, distances):
        if gap > len(literals):
            raise Refused("a gap of more literals than are left")
        write(literals[:gap])
        literals = literals[gap:]
        length, done = (copy >> 1) + 1, len(vertices)
        if length > count - done:
            raise Refused("a copy past the last vertex")
        step, last = (-1, distance + length - 1) if copy & 1 else (1, distance)
        if distance < (1 if copy & 1 else length) or last > done:
            raise Refused("a copy of vertices that are not there yet")
        start = done - distance
        vertices.extend([vertices[start + step * i] for i in range(length)])
    write(literals)
    if len(vertices) != count:
        raise Refused(f"{len(vertices)} vertices of {count}")
    (x, y) = origin
    return [(signed32(x + (vx << shift)), signed32(y + (vy << shift))) for vx, vy in vertices]


def pairs(values: list[int]) -> Iterator[Vertex]:
    """The differences x, y, x, y …"""
    signed = map(unzigzag, values)
    return zip(signed, signed)


def summed(differences: Iterator[Vertex]) -> list[Vertex]:
    x = y = 0
    vertices: list[Vertex] = []
    for dx, dy in differences:
        x, y = signed32(x + dx), signed32(y + dy)
        vertices.append((x, y))
    return vertices


def decode_commands(payloads: Payloads, column: Column, features: int) -> Iterator[Geometry]:
    if not optional(column, Role.COMMANDS, features > 0):
        return iter(())
    stream = needed(column, Role.COMMANDS)
    assert stream.count is not None  # the directory states it
    values = payloads.ints(stream, stream.count)
    out: list[Geometry] = []
    at = integers = 0
    for _ in range(features):
        if at + 2 > len(values) or at + 2 + values[at + 1] > len(values):
            raise Refused("commands that end within a feature")
        mvt_type, n = values[at], values[at + 1]
        out.append(Geometry(Type.COMMANDS, [], mvt_type, values[at + 2 : at + 2 + n]))
        at += 2 + n
        integers += n
    if at != len(values):
        raise Refused("commands behind the last feature")
    at_most(integers, "integers of commands")
    return iter(out)


def decode_triangles(payloads: Payloads, column: Column, vertices: int) -> list[tuple[int, int, int]] | None:
    stream = column.stream(Role.INDEX_BUFFER)
    if stream is None:
        return None
    assert stream.count is not None  # the directory states it
    if stream.count % 3:
        raise Refused(f"triangles of {stream.count} corners")
    corners = payloads.ints(stream, stream.count)
    if max(corners, default=-1) >= vertices:
        raise Refused(f"a triangle with vertex {max(corners)} of {vertices}")
    three = iter(corners)
    return list(zip(three, three, three))
