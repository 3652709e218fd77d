// The tiles: how the map gets them, and what those in view cost in both formats.

import { bytes, count, element, time } from "./text.js";

/** What is known of each tile that was asked for, by its place. */
const known = new Map();
let changed = () => {};
let generation = 0;

/** Calls `listener` when more is known. */
export const onChange = (listener) => { changed = listener; };

/** Forgets everything: other tiles are asked for now. */
export function forget() {
  known.clear();
  generation += 1;
}

async function fetchTile(url, signal) {
  const begun = performance.now();
  const response = await fetch(url, { signal });
  const body = await response.arrayBuffer();
  const took = performance.now() - begun;
  if (!response.ok) {
    let message = `${response.status}`;
    try { message = JSON.parse(new TextDecoder().decode(body)).message; } catch { /* no JSON, then */ }
    throw new Error(message);
  }
  return { body, bytes: body.byteLength, time: took, rows: response.headers.get("x-covt-rows"), aggregated: response.headers.get("x-covt-aggregated") === "true" };
}

/**
 * Teaches MapLibre URLs of the form covt://DATASET/z/x/y?QUERY. Tiles of the map below are not told of:
 * they have the scheme covt-below.
 */
export function addProtocols(maplibregl) {
  const parts = (url) => /^[a-z-]+:\/\/([^?]*)(\?.*)?$/.exec(url);
  maplibregl.addProtocol("covt", async ({ url }, { signal }) => {
    const [, path, query = ""] = parts(url);
    const place = path.split("/").slice(1).join("/");
    const asked = generation;
    const entry = { place, mvt: null, covt: null, wrong: null };
    if (asked === generation) known.set(place, entry);
    let tile;
    try {
      tile = await fetchTile(`${path}.mvt${query}`, signal);
    } catch (error) {
      if (error.name !== "AbortError") entry.wrong = error.message;
      else known.delete(place);
      changed();
      throw error;
    }
    entry.mvt = tile;
    changed();
    // The other format, to compare; nobody waits for it.
    fetchTile(`${path}.covt${query}`, signal)
      .then((other) => { entry.covt = other; if (asked === generation) changed(); })
      .catch(() => {});
    return { data: tile.body };
  });
  maplibregl.addProtocol("covt-below", async ({ url }, { signal }) => {
    const [, path, query = ""] = parts(url);
    return { data: (await fetchTile(`${path}.mvt${query}`, signal)).body };
  });
}

/** The places of the tiles that a map shows of a source with these zooms. */
function placesInView(map, { minzoom, maxzoom }) {
  const z = Math.min(Math.max(Math.floor(map.getZoom()), minzoom), maxzoom);
  const bounds = map.getBounds();
  const across = 2 ** z;
  const column = (longitude) => Math.floor(((longitude + 180) / 360) * across);
  const row = (latitude) => {
    const radians = (Math.min(Math.max(latitude, -85.0511), 85.0511) * Math.PI) / 180;
    return Math.floor(((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * across);
  };
  const clamp = (number) => Math.min(Math.max(number, 0), across - 1);
  const places = new Set();
  for (let x = column(bounds.getWest()); x <= column(bounds.getEast()); x++) {
    for (let y = clamp(row(bounds.getNorth())); y <= clamp(row(bounds.getSouth())); y++) {
      places.add(`${z}/${((x % across) + across) % across}/${y}`);
    }
  }
  return places;
}

/** What is known of the tiles in view. */
export function inView(map, zooms) {
  return [...placesInView(map, zooms)].map((place) => known.get(place)).filter(Boolean);
}

/** Fills the panel. */
export function show(entries) {
  const list = document.getElementById("tiles-list");
  const full = entries.filter(({ mvt }) => mvt === null || mvt.bytes > 0);
  full.sort((one, other) => (other.mvt?.bytes ?? 0) - (one.mvt?.bytes ?? 0));
  document.getElementById("tiles-count").textContent = `${entries.length}${entries.length > full.length ? `, ${entries.length - full.length} empty` : ""}`;
  list.replaceChildren(...full.map(row));
  sums(full.filter(({ mvt, covt }) => mvt && covt));
}

function row({ place, mvt, covt, wrong }) {
  const cell = (text, className = "") => element("td", { className }, text ?? "");
  if (wrong) return element("tr", {}, cell(place), element("td", { className: "wrong", colSpan: 6 }, wrong));
  const rows = mvt?.rows == null ? "" : count(Number(mvt.rows)) + (mvt.aggregated ? " ∑" : "");
  const change = mvt && covt ? Math.round(100 * (covt.bytes / mvt.bytes - 1)) : null;
  const sign = change === null ? "" : `${change > 0 ? "+" : "−"}${Math.abs(change)} %`;
  const told = element("td", { title: mvt?.aggregated ? "counted in cells" : "" }, rows);
  return element("tr", {}, cell(place), told, cell(mvt && bytes(mvt.bytes)), cell(covt && bytes(covt.bytes)),
    cell(sign, change > 0 ? "more" : "less"), cell(mvt && time(mvt.time)), cell(covt && time(covt.time)));
}

function sums(entries) {
  const sum = (format, what) => entries.reduce((all, entry) => all + entry[format][what], 0);
  const total = { mvt: sum("mvt", "bytes"), covt: sum("covt", "bytes") };
  const most = Math.max(total.mvt, total.covt, 1);
  const line = (name, format) => [
    element("span", {}, name),
    element("div", { className: `bar ${format}`, style: { width: `${(100 * total[format]) / most}%` } }),
    element("span", { className: "number" }, bytes(total[format])),
    element("span", { className: "number" }, entries.length ? time(sum(format, "time") / entries.length) : ""),
  ];
  document.getElementById("sums").replaceChildren(...line("MVT", "mvt"), ...line("COVT", "covt"));
}
