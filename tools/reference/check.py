"""Holds the decoder against testdata/golden, the worked examples of spec/, and damaged tiles.

check.py REPOSITORY
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from pathlib import Path

from byte_streams import decode_bytes
from columns import Payloads
from covt import decode_tile, tile_json
from directory import Column, Stream
from geometry import Geometry, decode_geometry, decode_vertices
from ids import ByteEncoding, ColumnKind, GeometryType, IntEncoding, Role, VertexEncoding, name
from int_streams import decode_ints
from references import Run
from wire import Budget, Cursor, Refused, unzigzag

Example = list[tuple[str, str]]  # names and values of its fields, in their order

# The tile at the end of format.md, whose table says this.
LINE = [(200, 300), (400, 300), (400, 900)]
ROADS = {
    "ids": [17, 18, 21],
    "geometry": [
        {"type": "LineString", "coordinates": [[10, 20], [30, 25]]},
        {"type": "LineString", "coordinates": [[30, 25], [60, 25], [64, 40]]},
        {"type": "MultiLineString", "coordinates": [[[0, 64], [8, 60]], [[12, 60], [20, 64]]]},
    ],
    "columns": [
        {"name": "class", "type": "string", "values": ["main", "main", "path"]},
        {"name": "name", "type": "string", "values": ["Via Roma", "Länggasse", None]},
        {"name": "name:it", "type": "string", "values": ["Via Roma", None, None]},
        {"name": "lanes", "type": "uint", "values": [4, None, None]},
        {"name": "bridge", "type": "bool", "values": [None, True, False]},
    ],
}

# The tile behind it, of the section on nested properties.
NESTED = {
    "geometry": [{"type": "Point", "coordinates": [x, 0]} for x in range(4)],
    "columns": [
        {
            "name": "l",
            "type": {"list": {"struct": [["a", "uint"], ["b", {"list": "sint"}], ["c", "bool"]]}},
            "values": [
                [[3, [-1, 1], True], [4, [], True]],
                [],
                None,
                [None, [None, [2], False]],
            ],
        }
    ],
}

# And the one behind that, of the section on values per vertex.
VERTEX_VALUES = {
    "geometry": [
        {"type": "LineString", "coordinates": [[1, 1], [2, 1], [2, 3]]},
        {"type": "Point", "coordinates": [2, 3]},
    ],
    "columns": [],
    "measures": [{"name": "speed", "type": "uint", "values": [[30, 50, 50], None]}],
    "heights": [[-2, 0, 3], [3]],
}
# The tile in the example of tokens.
TOWNS = {
    "geometry": [{"type": "Point", "coordinates": [x, x]} for x in range(3)],
    "columns": [
        {"name": "name", "type": "string", "values": ["Chur", "Ilanz", "Cuera"]},
        {"name": "name:de", "type": "string", "values": ["Chur", "Ilanz", None]},
        {"name": "class", "type": "string", "values": ["city", None, "city"]},
    ],
}

SQUARE = {
    "geometry": [{"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4]]]}],
    "triangles": [[0, 2, 1], [0, 3, 2]],
    "columns": [],
}

# Of what layers share.
SHARED = [
    {
        "ids": [15701682441206163014, 15701671446089880904],
        "geometry": [{"type": "Point", "coordinates": [x, 0]} for x in range(2)],
        "columns": [{"name": "id", "type": "string", "values": ["x", "y"]}],
    },
    {
        "geometry": [{"type": "Point", "coordinates": [x, 0]} for x in range(2)],
        "columns": [
            {
                "name": "m",
                "type": {"map": ["string", "string"]},
                "values": [[["p", "x"], ["q", "z"]], [["q", "y"], ["p", "z"]]],
            }
        ],
    },
]


def text_of(value: object) -> str:
    """JSON with keys in their order, so that -0.0 is not 0.0 and 1 is not 1.0."""
    return json.dumps(value, ensure_ascii=False)


def decoded_json(tile: bytes) -> dict[str, object]:
    out: dict[str, object] = tile_json(*decode_tile(tile))
    return out


# Golden tiles.


def golden(directory: Path) -> str | None:
    """What is wrong with a case, if anything."""
    wanted = json.loads((directory / "tile.json").read_text())
    got = decoded_json((directory / "tile.covt").read_bytes())
    return None if text_of(got) == text_of(wanted) else f"decodes to other than tile.json:\n{text_of(got)}"


def damaged(tile: bytes) -> str | None:
    """A tile that ends early is refused; one with a bit changed is read or refused, no more."""
    places = range(0, len(tile), 1 + len(tile) // 200)
    for end in places:
        try:
            decode_tile(tile[:end])
            return f"is accepted with {end} bytes only"
        except Refused:
            pass
    for at in places:
        for bit in (0x01, 0x80):
            changed = tile[:at] + bytes([tile[at] ^ bit]) + tile[at + 1 :]
            with suppress(Refused):
                decode_tile(changed, Budget(1 << 20))
    return None


# Worked examples.


def read_examples(document: Path) -> list[Example]:
    out: list[Example] = []
    for block in re.findall(r"^```example\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE):
        example: Example = []
        for line in block.splitlines():
            line = re.sub(r"\s+; .*$", "", line)
            if line.startswith(" "):
                field, value = example.pop()
                example.append((field, f"{value}\n{line.strip()}"))
            elif line:
                field, value = re.split(r"\s{2,}|(?<=as)\s|$", line, maxsplit=1)
                example.append((field, value))
        out.append(example)
    return out


def check_example(example: Example) -> bool:
    fields = dict(example)
    encoding = fields.get("as", fields.get("read", ""))
    match example[0][0]:
        case "compact":
            first, second = decode_tile(unhex(fields["bytes"]))[1]
            lines = [layer.geometry.features[0].parts[0][0] for layer in (first, second)]
            names = [layer.columns[0][1] for layer in (first, second)]
            return lines == [LINE, LINE[::-1]] and names == [["Gasse"], ["Gasse"]]
        case "tile" | "read":
            got = decoded_json(unhex(fields["bytes"]))["layers"]
            assert isinstance(got, list)
            if example[0][1] == "no layers":
                return got == []
            if example[0][1] == "shared":
                return text_of([layer["decoded"] for layer in got]) == text_of(SHARED)
            named = {"nested": NESTED, "vertex values": VERTEX_VALUES, "three towns": TOWNS, "triangles": SQUARE}
            wanted = named.get(example[0][1], ROADS)
            return len(got) == 1 and text_of(got[0]["decoded"]) == text_of(wanted)
        case "varint":
            cursor = Cursor(unhex(encoding))
            number = cursor.varint()
            cursor.end("the example")
            return number == int(fields["varint"])
        case "i32":
            return [unzigzag(int(z)) for z in fields["zigzag"].split()] == numbers(fields["i32"])
        case "u32" | "u64" as of_type:
            wanted = numbers(fields[of_type])
            kind = IntEncoding[encoding.split("(")[0].upper()]
            payload = unhex(fields["payload"])
            return decode_ints(kind, payload, len(wanted), int(of_type[1:]), Budget()) == wanted
        case "bytes":
            value = fields["bytes"]
            content = value[1:-1].encode() if value.startswith('"') else unhex(value)
            content *= int(fields.get("times", "1"))
            byte_kind = ByteEncoding[encoding.upper().replace(" ", "_")]
            return decode_bytes(byte_kind, unhex(fields["payload"]), len(content), Budget()) == content
        case "vertices":
            rings = [vertices(ring) for ring in fields["vertices"].split("|")]
            runs = [Run(len(ring), closed=False) for ring in rings]
            vertex_kind = VertexEncoding[encoding.upper().replace(" ", "_")]
            column, payloads = column_of(fields | {"vertices": fields["payload"]}, vertex_kind)
            only_points = all(run.count == 1 for run in runs)
            return decode_vertices(payloads, column, runs, only_points) == [
                vertex for ring in rings for vertex in ring
            ]
        case "geometry":
            column, payloads = column_of(fields, VertexEncoding.DELTA)
            features = decode_geometry(payloads, column, len(unhex(fields["types"]))).features
            return [shown(feature) for feature in features] == fields["geometry"].split("\n")
    return False


def column_of(fields: dict[str, str], vertex_kind: VertexEncoding) -> tuple[Column, Payloads]:
    """A column of geometries, of the fields named as roles: types plain, integers as varints."""
    column = Column(ColumnKind.GEOMETRY, None, None, [])
    body = b""
    for role in (role for role in Role if name(role) in fields):
        payload = unhex(fields[name(role)])
        encoding: int = IntEncoding.VARINT
        if role == Role.VERTICES:
            encoding = vertex_kind
        elif role == Role.TYPES:
            encoding = ByteEncoding.PLAIN
        count = sum(byte < 0x80 for byte in payload) if role == Role.COMMANDS else None
        column.streams.append(Stream(role, encoding, count, len(payload), len(body)))
        body += payload
    return column, Payloads(body, Budget())


def shown(feature: Geometry) -> str:
    title = name(feature.type)
    if feature.type == GeometryType.COMMANDS:
        return f"{title} {feature.mvt_type}: {' '.join(map(str, feature.integers))}"
    rings = (" / ".join(" ".join(f"({x},{y})" for x, y in ring) for ring in part) for part in feature.parts)
    return f"{title} {' | '.join(rings)}"


def unhex(value: str) -> bytes:
    return bytes.fromhex("".join(value.split()))


def vertices(value: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"\((-?\d+),(-?\d+)\)", value)]


def numbers(value: str) -> list[int]:
    """`7`, `5*7` is five times 7, `0..=9` the integers from 0 to 9."""
    out: list[int] = []
    for word in value.split():
        if "*" in word:
            times, number = word.split("*")
            out += [int(number)] * int(times)
        elif "..=" in word:
            first, last = word.split("..=")
            out += range(int(first), int(last) + 1)
        else:
            out.append(int(word))
    return out


def main(repository: Path) -> int:
    faults: list[str] = []
    cases = sorted(path.parent for path in (repository / "testdata/golden").glob("*/tile.covt"))
    for case in cases:
        for fault in (golden(case), damaged((case / "tile.covt").read_bytes())):
            if fault:
                faults.append(f"{case.name}: {fault}")
    count = 0
    for document in sorted((repository / "spec").glob("*.md")):
        for example in read_examples(document):
            count += 1
            if not check_example(example):
                faults.append(f"{document.name}: {example[0][0]} {example[0][1]}: decodes to something else")
    if not cases or not count:
        faults.append("no golden tiles or no examples found")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(cases)} golden tiles, {count} examples: {len(faults)} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
