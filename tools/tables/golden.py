"""Record batches of the golden tiles, in every form, as pyarrow and geoarrow-rust read them, against what
tile.json says that the tiles hold; and tiles made of what these two write.
"""

import json
import math
import pathlib
import struct
import subprocess
import sys

import geoarrow.rust.core as geoarrow
import numpy
import pyarrow as pa
import pyarrow.ipc
import pyproj
import shapely

REFERENCE = pathlib.Path(__file__).parent.parent / "reference"
sys.path.insert(0, str(REFERENCE))
# The reader written from the specification alone.
from covt import decode_tile, tile_json  # noqa: E402

PLACE = (6, 33, 22)
FORMS = ["units", "native", "metres", "union", "wkb"]


def role(field):
    return (field.metadata or {}).get(b"covt:role", b"").decode()


def key(field):
    return (field.metadata or {}).get(b"covt:name", field.name.encode()).decode()


def plain(value):
    """A value so that equal ones compare as equal: dicts and pairs as lists, floats by their bits."""
    match value:
        case dict():
            return [plain(item) for item in value.values()]
        case list() | tuple():
            return [plain(item) for item in value]
        case float():
            return "NaN" if math.isnan(value) else struct.pack("<d", value)
        case _:
            return value


def told(value, kind):
    """The same of a value in tile.json, of the type there."""
    match kind:
        case _ if value is None:
            return None
        case {"list": item}:
            return [told(one, item) for one in value]
        case {"map": [first, second]}:
            return [[told(pair[0], first), told(pair[1], second)] for pair in value]
        case {"struct": fields}:
            return [told(one, field) for one, (_, field) in zip(value, fields, strict=True)]
        case "float" | "double":
            number = float(value.split(" ")[0]) if isinstance(value, str) else value
            if kind == "float" and math.isfinite(number):
                number = struct.unpack("<f", struct.pack("<f", number))[0]
            return plain(number)
        case _:
            return value


def check_properties(table, layer, form):
    fields = [(field, table.column(number)) for number, field in enumerate(table.schema)]
    found = [(key(field), column, column.type) for field, column in fields if not role(field)]
    expected = [(c["name"], [told(v, c["type"]) for v in c["values"]]) for c in layer["columns"]]
    if form != "union":
        assert [name for name, *_ in found] == [name for name, _ in expected]
        for (name, column, _), (_, values) in zip(found, expected, strict=True):
            assert plain(column.to_pylist()) == values, name
    else:
        # Columns of one key may be one: at each row the same values.
        for name in {name for name, _ in expected}:
            read = [plain(column.to_pylist()) for other, column, _ in found if other == name]
            values = [values for other, values in expected if other == name]
            assert len(read) <= len(values)
            rows = lambda columns: [[v for v in row if v is not None] for row in zip(*columns)]
            assert sorted(map(str, rows(read))) == sorted(map(str, rows(values))), name
    per_vertex = [column for field, column in fields if role(field) == "measure"]
    for column, measure in zip(per_vertex, layer.get("measures", []), strict=True):
        values = [told(value, {"list": measure["type"]}) for value in measure["values"]]
        assert len(column) == len(values)
        for read, value in zip(plain(column.to_pylist()), values):
            # Rings are closed on the map.
            assert read == value or (form != "units" and value and read[: len(value)] != []), measure["name"]
    return sum(isinstance(kind, pa.UnionType) for *_, kind in found)


def on_the_map(geometry, extent, metres):
    """Type, number of parts and vertices of a geometry of tile.json, in degrees or metres, rings closed; none if
    it is but commands.
    """
    z, x, y = PLACE
    half = 20037508.342789244

    def vertex(vertex):
        east, south = (x + vertex[0] / extent) / 2**z, (y + vertex[1] / extent) / 2**z
        if metres:
            return [(east - 0.5) * 2 * half, (0.5 - south) * 2 * half]
        return [east * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * south))))]

    def walk(part):
        return vertex(part) if isinstance(part[0], (int, float)) else [walk(inner) for inner in part]

    if geometry["type"] == "Commands":
        return None
    coordinates = walk(geometry["coordinates"])
    for polygon in {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(geometry["type"], []):
        for ring in polygon:
            ring.append(ring[0])

    def flat(part):
        return [part] if isinstance(part[0], float) else [one for inner in part for one in flat(inner)]

    parts = len(coordinates) if geometry["type"].startswith("Multi") else 1
    return geometry["type"], parts, flat(coordinates)


def lies_on_the_map(layer, extent):
    """Whether all of it lies so near the tile that latitudes are apart."""
    flat = lambda part: [part] if isinstance(part, (int, float)) else [n for inner in part for n in flat(inner)]
    numbers = [abs(n) for g in layer["geometry"] for n in flat(g.get("coordinates", []))]
    return extent > 0 and max(numbers, default=0) < 4 * extent


def type_of(kind, parts, native):
    """The type of a geometry; of a multi of one part, where types are those of all of a layer, that of the part."""
    return kind.removeprefix("Multi") if parts == 1 and native else kind


def check_geometry(table, layer, extent, form):
    number = table.schema.get_field_index("geometry")
    field, column = table.schema.field(number), table.column(number)
    extension = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode()
    if form == "units":
        assert not extension
        kinds = [geometry["type"] for geometry in layer["geometry"]]
        assert [None if value is None else 1 for value in column.to_pylist()] == [
            None if kind == "Commands" else 1 for kind in kinds
        ]
        return extension
    crs = json.loads(field.metadata[b"ARROW:extension:metadata"])["crs"]
    wanted = "EPSG:3857" if form == "metres" else "OGC:CRS84"
    assert pyproj.CRS(crs).equals(pyproj.CRS(wanted), ignore_axis_order=True)
    # A union without rows has no types, and nothing to be read.
    if len(table) == 0:
        return extension
    one = table.select([number]).combine_chunks()
    # What has no geometry is null but in a union, where it is one of a child.
    wkb = pa.chunked_array(geoarrow.to_wkb(geoarrow.geometry_col(one)))
    read = shapely.from_wkb(numpy.array([w.as_py() for w in storage(wkb)], dtype=object))
    for row, (own, geometry) in enumerate(zip(read, layer["geometry"], strict=True)):
        own = None if own is None or own.is_empty else own
        expected = on_the_map(geometry, extent, form == "metres")
        assert (own is None) == (expected is None), (row, own, geometry)
        if own is None:
            continue
        kind, parts, theirs = expected
        native = extension not in ("geoarrow.wkb", "geoarrow.geometry")
        assert type_of(own.geom_type, shapely.get_num_geometries(own), native) == type_of(kind, parts, native)
        ours, theirs = shapely.get_coordinates(own), numpy.array(theirs)
        assert ours.shape == theirs.shape, (row, own.wkt, theirs)
        assert numpy.allclose(ours, theirs, rtol=0, atol=1e-6 if form == "metres" else 1e-11), (row, own)
        steps = layer.get("heights")
        if steps and steps[row] is not None:
            assert own.has_z
    return extension


def storage(array):
    return pa.chunked_array([getattr(chunk, "storage", chunk) for chunk in array.chunks])


def normal(described, form):
    """What a batch keeps: of features without a geometry that they have none, heights in metres, no triangles, and
    but in well-known binary a multi of one part as that part.
    """

    def geometry(geometry):
        kind, parts = geometry["type"], geometry.get("coordinates")
        if form != "wkb" and kind.startswith("Multi") and len(parts) == 1:
            return {"type": kind.removeprefix("Multi"), "coordinates": parts[0]}
        return None if kind == "Commands" else geometry

    layers = json.loads(json.dumps(described))["layers"]
    for layer in layers:
        decoded = layer["decoded"]
        decoded.pop("triangles", None)
        decoded["geometry"] = list(map(geometry, decoded["geometry"]))
        for column in layer["directory"]["columns"]:
            if column["kind"] == "z":
                scale, offset = column["grid"]
                metres = lambda steps: steps and [round(step * scale + offset, 6) for step in steps]
                decoded["heights"] = list(map(metres, decoded["heights"]))
    return [layer["decoded"] for layer in layers]


def main():
    example, golden, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    place = "/".join(map(str, PLACE))
    run = lambda *arguments: subprocess.run([example, *map(str, arguments)], check=True)
    batches, extensions, unions = 0, set(), 0
    for folder in sorted(path for path in golden.iterdir() if path.is_dir()):
        described = json.loads((folder / "tile.json").read_text())
        extents = [layer["directory"]["extent"] for layer in described["layers"]]
        layers = [layer["decoded"] for layer in described["layers"]]
        for form in FORMS:
            if form != "units" and not all(map(lies_on_the_map, layers, extents)):
                continue
            out = work / folder.name / form
            out.mkdir(parents=True)
            run("read", folder / "tile.covt", place, form, out)
            files = [out / f"{number}.arrow" for number in range(len(layers))]
            for file, layer, extent in zip(files, layers, extents):
                with pyarrow.ipc.open_file(file) as reader:
                    table = reader.read_all()
                table.validate(full=True)
                assert len(table) == len(layer["geometry"])
                assert ("ids" in layer) == ("id" in map(role, table.schema))
                if "ids" in layer:
                    assert table.column("id").to_pylist() == layer["ids"]
                unions += check_properties(table, layer, form)
                extensions.add(check_geometry(table, layer, extent, form))
                batches += 1
            # And back: the reader written from the specification finds the same in the tile made of them.
            if form in ("units", "wkb"):
                again = work / "again.covt"
                run("write", again, place, form, *files)
                found = normal(tile_json(*decode_tile(again.read_bytes())), form)
                assert found == normal(described, form), (folder.name, form)
    kinds = ["point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometry", "wkb"]
    print(f"{batches} record batches of golden tiles read by pyarrow and geoarrow-rust,", *sorted(extensions))
    print(f"{unions} unions of properties")
    missing = {f"geoarrow.{kind}" for kind in kinds} - extensions
    assert not missing and unions, missing


main()
