// Puts it all together: the dataset that is chosen, what is asked of it, how it is drawn.

import * as colours from "./colours.js";
import { at, choices, query, settle, showAbout, showFault, showFields, wantsCells } from "./controls.js";
import { addDataset, emptyStyle, paint, removeDataset } from "./style.js";
import { element, value } from "./text.js";
import * as tiles from "./tiles.js";

/** Circles of cells are at most this large, so that they do not hide each other. */
const LARGEST_CELL = 512;

const state = { map: null, catalog: {}, name: "", json: null, fields: [], asked: null, scale: { kind: "none" } };

/** Waits a little for more of the same before it calls. */
function later(call, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, wait);
  };
}

async function getJson(url) {
  const response = await fetch(url);
  const json = await response.json();
  if (!response.ok) throw json;
  return json;
}

function features() {
  const source = state.map.getSource("data");
  if (!source) return [];
  return state.json.vector_layers.flatMap(({ id }) => state.map.querySourceFeatures("data", { sourceLayer: id }));
}

/** The columns that can be coloured by: those of the dataset, and what cells say. */
function columnsOf(found) {
  const names = new Set();
  for (const { properties } of found.slice(0, 2000)) for (const name of Object.keys(properties)) names.add(name);
  if (!found.length) for (const { name } of state.fields) names.add(name);
  return [...names].sort((one, other) => (one === "count" ? -1 : other === "count" ? 1 : one < other ? -1 : 1));
}

/** Colours what is there by what is chosen, by the values in view. */
function recolour() {
  // The map may be at rest before there is anything to colour, or while another dataset is on its way.
  if (!state.catalog?.[state.name] || state.asked === null) return;
  const found = features();
  const isRows = state.catalog[state.name].rows;
  const cells = isRows && found.some(({ properties }) => "count" in properties);
  const columns = columnsOf(found);
  const nothing = isRows ? "one colour" : "layer";
  const before = at("colour").value;
  choices(at("colour"), [["", nothing], ...columns.map((name) => [name, name])]);
  const measure = wantsCells() && at("measure").value !== "count" ? columns.find((name) => name === `${at("measure").value}:${at("measured").value}`) : null;
  if (state.fresh && cells) at("colour").value = measure ?? "count";
  else if (state.fresh && before === "count") at("colour").value = "";
  if (found.length) state.fresh = false;
  const column = at("colour").value;
  state.scale = column ? colours.scale(column, found.map(({ properties }) => properties[column])) : { kind: "none" };
  at("legend").replaceChildren(column ? colours.legend(state.scale) : layersLegend(isRows));
  if (!isRows && state.scale.kind === "none") {
    const colourOf = colours.coloursOf(state.json.vector_layers.map(({ id }) => id));
    for (const { id } of state.json.vector_layers) {
      for (const kind of ["fill", "line", "circle"]) state.map.setPaintProperty(`data/${kind}/${id}`, `${kind}-color`, colourOf(id));
    }
    return;
  }
  const points = cells && found.some(({ geometry }) => geometry.type === "Point");
  let size = null;
  if (points) {
    // A few cells that hold nearly all rows shall not leave all others invisible.
    const counts = found.map(({ properties }) => properties.count ?? 0).sort((one, other) => one - other);
    const great = counts[Math.floor(0.98 * (counts.length - 1))];
    const grid = wantsCells() ? 2 ** Number(at("grid").value) : 64;
    size = { column: "count", great, pixels: Math.min(LARGEST_CELL / grid, 40) * 0.8 };
  }
  paint(state.map, "data", colours.expression(state.scale), size);
}

function layersLegend(isRows) {
  if (isRows) return "";
  const colourOf = colours.coloursOf(state.json.vector_layers.map(({ id }) => id));
  const item = ({ id }) => element("li", {}, element("i", { style: { background: colourOf(id) } }), id);
  return element("ul", {}, ...state.json.vector_layers.slice(0, 16).map(item));
}

const refresh = later(() => {
  const entries = tiles.inView(state.map, state.json);
  tiles.show(entries);
  const cells = entries.filter(({ mvt }) => mvt?.aggregated).length;
  at("aggregated").hidden = !cells || wantsCells();
  at("aggregated").textContent = `${cells === entries.length ? "All" : `${cells} of ${entries.length}`} tiles in view have too many rows to show each: they are counted in cells. Zoom in or filter to see rows.`;
  const here = entries.filter(({ mvt, wrong }) => mvt || wrong);
  at("nothing").hidden = !entries.length || here.length < entries.length || here.some(({ mvt, wrong }) => wrong || mvt.bytes > 0);
}, 60);

/** Asks for other tiles, if what the controls say is right and new. */
async function apply() {
  settle();
  const asked = query();
  if (asked === state.asked) return;
  try {
    await getJson(`${state.name}${asked ? `?${asked}` : ""}`);
  } catch (fault) {
    showFault(fault.message ? fault : { message: "the server does not answer" });
    return;
  }
  showFault(null);
  if (asked !== query()) return;
  state.asked = asked;
  state.fresh = true;
  tiles.forget();
  removeDataset(state.map, "data");
  const url = `covt://${state.name}/{z}/{x}/{y}${asked ? `?${asked}` : ""}`;
  addDataset(state.map, "data", url, state.json, state.catalog[state.name].rows ? "rows" : "layers");
}

/** Whether a map with these bounds, to their last degree or so, may lie below data with those. */
function covers(bounds, others) {
  if (!bounds || !others) return false;
  const [west, south, east, north] = others;
  return bounds[0] <= west + 1 && bounds[1] <= Math.max(south, -85) + 1 && bounds[2] >= east - 1 && bounds[3] >= Math.min(north, 85) - 1;
}

async function chooseDataset(name, stay) {
  state.json = await getJson(`${name}/metadata.json`);
  const entry = state.catalog[name];
  const stats = state.json.tilestats?.layers ?? [];
  Object.assign(state, { name, asked: null });
  state.fields = stats.flatMap(({ attributes }) => attributes).map((field) => ({ ...field, name: field.attribute }));
  showAbout(entry);
  showFields(entry.rows ? state.fields : [], entry.rows, apply);
  showFault(null);
  at("colour").value = "";
  const others = Object.keys(state.catalog).filter((other) => other !== name && !state.catalog[other].rows);
  at("below-field").hidden = !others.length;
  choices(at("below"), [["", "none"], ...others.map((other) => [other, other])]);
  await apply();
  if (!stay && !at("below").value) at("below").value = others.find((other) => covers(state.catalog[other].bounds, entry.bounds)) ?? "";
  await chooseBelow(at("below").value);
  const bounds = entry.bounds;
  if (bounds && !stay) {
    const margin = innerWidth > 760 ? { left: 320, right: 40, top: 40, bottom: 120 } : 20;
    state.map.fitBounds([[bounds[0], Math.max(bounds[1], -85)], [bounds[2], Math.min(bounds[3], 85)]], { padding: margin, duration: 0, maxZoom: 14 });
  }
}

async function chooseBelow(name) {
  removeDataset(state.map, "below");
  if (name) addDataset(state.map, "below", `covt-below://${name}/{z}/{x}/{y}`, await getJson(name), "below");
}

function popUp(event) {
  const found = state.map.queryRenderedFeatures([[event.point.x - 3, event.point.y - 3], [event.point.x + 3, event.point.y + 3]])
    .find(({ source }) => source === "data");
  if (!found) return;
  const rows = Object.entries({ ...(found.id === undefined ? {} : { id: found.id }), ...found.properties });
  const table = element("table", {}, ...rows.map(([name, is]) => element("tr", {}, element("td", {}, name), element("td", {}, value(is)))));
  new maplibregl.Popup({ closeButton: false, maxWidth: "320px" }).setLngLat(event.lngLat).setDOMContent(table).addTo(state.map);
}

async function start() {
  if (!globalThis.maplibregl) {
    const missing = at("missing");
    const { from, version } = missing.dataset;
    missing.hidden = false;
    missing.append(element("div", {}, "The map cannot be shown: MapLibre GL JS ", element("code", {}, version),
      " was not built into this server and could not be loaded from ", element("code", {}, from),
      ". Tiles are served all the same; a build after tools/page/bundle-maplibre has the map in it."));
    return;
  }
  tiles.addProtocols(maplibregl);
  state.catalog = (await getJson("catalog")).tiles;
  // A link to a place stays there.
  const placed = location.hash.includes("/");
  const map = new maplibregl.Map({ container: "map", style: emptyStyle(), center: [0, 20], zoom: 1.4, hash: true, maxZoom: 22, attributionControl: { compact: true } });
  state.map = map;
  // For whoever drives the page from outside.
  globalThis.covtMap = map;
  map.addControl(new maplibregl.NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl(), "bottom-left");
  await map.once("load");
  tiles.onChange(refresh);
  map.on("idle", () => { recolour(); refresh(); });
  map.on("move", refresh);
  map.on("click", popUp);
  map.on("mousemove", (event) => {
    const over = map.queryRenderedFeatures(event.point).some(({ source }) => source === "data");
    map.getCanvas().style.cursor = over ? "pointer" : "";
  });
  choices(at("dataset"), Object.keys(state.catalog).map((name) => [name, name]));
  at("dataset").addEventListener("change", () => chooseDataset(at("dataset").value, false));
  at("below").addEventListener("change", () => chooseBelow(at("below").value));
  at("filter").addEventListener("input", later(apply, 500));
  for (const id of ["measure", "measured", "by", "shape"]) at(id).addEventListener("change", apply);
  at("grid").addEventListener("input", later(apply, 150));
  for (const radio of document.querySelectorAll("input[name=show]")) radio.addEventListener("change", apply);
  at("colour").addEventListener("change", recolour);
  await chooseDataset(at("dataset").value, placed);
}

start();
