// What the map draws: the ground, perhaps a tileset below, and the dataset.

import { SINGLE, coloursOf } from "./colours.js";

const GROUND = "#0d1420";

/** Meridians and parallels, so that an empty map is a map. */
function graticule() {
  const features = [];
  const line = (coordinates) => features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
  for (let longitude = -180; longitude <= 180; longitude += 15) line([[longitude, -85], [longitude, 85]]);
  for (let latitude = -75; latitude <= 75; latitude += 15) line([[-180, latitude], [0, latitude], [180, latitude]]);
  return { type: "FeatureCollection", features };
}

export const emptyStyle = () => ({
  version: 8,
  sources: { graticule: { type: "geojson", data: graticule() } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": GROUND } },
    { id: "graticule", type: "line", source: "graticule", paint: { "line-color": "#1b2638", "line-width": 1 } },
  ],
});

/** Puts a source and its layers on the map; `look` says how they are drawn. */
export function addDataset(map, id, tiles, json, look) {
  map.addSource(id, {
    type: "vector", tiles: [tiles], minzoom: json.minzoom, maxzoom: json.maxzoom,
    ...(json.bounds ? { bounds: json.bounds } : {}), attribution: json.attribution ?? "",
  });
  const kind = (name) => ["==", ["geometry-type"], name];
  const before = id === "below" && map.getLayer(firstOf(map, "data")) ? firstOf(map, "data") : undefined;
  const colourOf = coloursOf(json.vector_layers.map(({ id }) => id));
  for (const { id: name } of json.vector_layers) {
    const colour = look === "below" ? "#2b3a53" : look === "layers" ? colourOf(name) : SINGLE;
    const base = { source: id, "source-layer": name };
    const faint = look === "below" ? 0.35 : look === "layers" ? 0.22 : 0.6;
    const layers = [
      { id: `${id}/fill/${name}`, type: "fill", filter: kind("Polygon"), paint: { "fill-color": colour, "fill-opacity": faint, "fill-outline-color": look === "rows" ? "rgba(0,0,0,0)" : colour } },
      { id: `${id}/line/${name}`, type: "line", filter: kind("LineString"), paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.6, 16, 2] } },
      { id: `${id}/circle/${name}`, type: "circle", filter: kind("Point"), paint: circle(colour, look) },
    ];
    for (const layer of layers) map.addLayer({ ...base, ...layer }, before);
  }
}

const firstOf = (map, id) => map.getStyle().layers.find((layer) => layer.source === id)?.id ?? "";

const ROW_RADIUS = ["interpolate", ["exponential", 1.4], ["zoom"], 0, 1.2, 6, 2, 12, 4, 18, 8];

const circle = (colour, look) => ({
  "circle-color": colour,
  "circle-radius": look === "rows" ? ROW_RADIUS : look === "below" ? 1 : 2.5,
  "circle-opacity": look === "rows" ? 0.85 : 0.7,
});

export function removeDataset(map, id) {
  for (const layer of map.getStyle().layers) if (layer.source === id) map.removeLayer(layer.id);
  if (map.getSource(id)) map.removeSource(id);
}

/** Draws the dataset in these colours; `size` is a column that sizes circles, and the value of the largest ones. */
export function paint(map, id, colour, size) {
  for (const layer of map.getStyle().layers) {
    if (layer.source !== id) continue;
    map.setPaintProperty(layer.id, `${layer.type}-color`, colour);
    if (layer.type !== "circle") continue;
    const root = size && ["min", 1, ["sqrt", ["/", ["to-number", ["get", size.column], 0], Math.max(size.great, 1e-9)]]];
    map.setPaintProperty(layer.id, "circle-radius", root ? ["max", 1.5, ["*", size.pixels, root]] : ROW_RADIUS);
  }
}
