// Reads the MVT tiles of a running server with @mapbox/vector-tile, which is what renderers read them with:
// every feature, its geometry and its properties; and counts the rows that tiles of a zoom stand for.
//
//   node tiles.mjs URL
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

const base = process.argv[2].replace(/\/$/, "");
let tiles = 0, features = 0, failed = 0;

const fail = (what) => {
  console.log(what);
  failed += 1;
};

/** Reads everything of a tile; how many rows it stands for, by the sum of counts or the number of features. */
async function read(url, aggregated) {
  const response = await fetch(url);
  if (response.status === 204) return 0;
  if (response.status !== 200) {
    fail(`${url}: ${response.status} ${await response.text()}`);
    return 0;
  }
  const told = response.headers.get("x-covt-rows");
  aggregated ||= response.headers.get("x-covt-aggregated") === "true";
  const tile = new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer())));
  let rows = 0;
  tiles += 1;
  for (const layer of Object.values(tile.layers)) {
    if (!layer.length || layer.extent !== 4096) fail(`${url}: layer ${layer.name} of ${layer.length} features, extent ${layer.extent}`);
    for (let number = 0; number < layer.length; number++) {
      const feature = layer.feature(number);
      const geometry = feature.loadGeometry();
      if (![1, 2, 3].includes(feature.type) || !geometry.length) fail(`${url}: feature ${number} of ${layer.name}`);
      rows += aggregated ? feature.properties.count : 1;
      features += 1;
    }
  }
  if (told !== null && Number(told) !== rows) fail(`${url}: told of ${told} rows, holds ${rows}`);
  return rows;
}

/** A filter that some rows pass. */
function filterOf(json) {
  const number = json.tilestats.layers[0].attributes.find(({ type, values }) => type === "number" && values.length > 1);
  return number && `"${number.attribute}" > ${number.values[Math.floor(number.values.length / 2)]}`;
}

const { tiles: catalog } = await (await fetch(`${base}/catalog`)).json();
for (const [name, { rows, count }] of Object.entries(catalog)) {
  const json = await (await fetch(`${base}/${name}/metadata.json`)).json();
  const filter = rows && filterOf(json);
  const queries = rows ? ["", "?agg=count", "?agg=count&geometry=polygon&grid=16", ...(filter ? [`?filter=${encodeURIComponent(filter)}`] : [])] : [""];
  for (const query of queries) {
    for (let z = json.minzoom; z <= Math.min(json.maxzoom, 4); z++) {
      let sum = 0;
      for (let x = 0; x < 2 ** z; x++) {
        for (let y = 0; y < 2 ** z; y++) sum += await read(`${base}/${name}/${z}/${x}/${y}.mvt${query}`, query.includes("agg="));
      }
      if (rows && !query.includes("filter") && sum !== count) fail(`${name}${query}: zoom ${z} holds ${sum} of ${count} rows`);
    }
  }
  // Deeper down, along the bounds' middle.
  const [west, south, east, north] = json.bounds ?? [-180, -85, 180, 85];
  for (let z = 5; z <= json.maxzoom; z++) {
    const middle = ((south + north) / 2) * Math.PI / 180;
    const x = Math.floor((((west + east) / 2 + 180) / 360) * 2 ** z);
    const y = Math.floor(((1 - Math.asinh(Math.tan(middle)) / Math.PI) / 2) * 2 ** z);
    for (const query of queries) await read(`${base}/${name}/${z}/${x}/${y}.mvt${query}`, query.includes("agg="));
  }
}
console.log(`${tiles} tiles of ${Object.keys(catalog).length} datasets read, ${features} features`);
process.exit(failed || !tiles ? 1 : 0);
