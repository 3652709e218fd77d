// Looks at the page of a running server in a real browser: takes screenshots, and fails if the map does
// not come to rest, nothing is drawn on it, or the browser complains of anything.
//
//   node look.mjs URL FOLDER [--chromium PATH] [--scenes FILE.json]
//
// A scene is {"name", "hash": "#zoom/lat/lon", "dataset", "set": {"filter": "…"}, "cells": true}: what to
// choose before the screenshot FOLDER/NAME.png is taken. Without scenes every dataset is looked at.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const options = process.argv.slice(2);
const option = (name) => {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options.splice(at, 2)[1];
};
const executablePath = option("--chromium") ?? "/usr/bin/chromium";
const file = option("--scenes");
const [url, folder] = options;
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
const complaints = [];
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type()) && !/GPU stall|GL Driver/.test(message.text())) complaints.push(message.text());
});
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("requestfailed", (request) => {
  // The map itself breaks off requests for tiles that have left the view.
  if (!/ERR_ABORTED/.test(request.failure()?.errorText ?? "")) complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
});

/** Waits until the map has drawn everything it wants to. */
async function rest() {
  await page.waitForFunction(() => globalThis.covtMap?.getSource("data") && globalThis.covtMap.loaded() && globalThis.covtMap.areTilesLoaded(), null, { timeout: 120_000 });
  await page.evaluate(() => new Promise((done) => {
    globalThis.covtMap.once("idle", done);
    globalThis.covtMap.triggerRepaint();
  }));
  // The other format comes behind.
  await page.waitForTimeout(700);
}

/** How many pixels of the map's middle are neither ground nor graticule. */
async function drawn() {
  const picture = await page.screenshot({ clip: { x: 320, y: 60, width: 500, height: 500 } });
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;
    let bright = 0;
    for (let at = 0; at < pixels.length; at += 4) if (Math.max(pixels[at], pixels[at + 1], pixels[at + 2]) > 80) bright += 1;
    return bright;
  }, picture.toString("base64"));
}

let failed = 0;
const catalog = await (await fetch(new URL("catalog", url))).json();
const scenes = file ? JSON.parse(readFileSync(file, "utf8")) : Object.keys(catalog.tiles).map((name) => ({ name, dataset: name }));
for (const scene of scenes) {
  await page.goto("about:blank");
  await page.goto(`${url}${scene.hash ?? ""}`);
  await page.waitForFunction(() => globalThis.covtMap || !document.getElementById("missing").hidden, null, { timeout: 60_000 });
  if (await page.isVisible("#missing")) {
    console.log(`${scene.name}: no map: ${await page.textContent("#missing")}`);
    failed += 1;
    break;
  }
  await rest();
  if (scene.dataset) {
    await page.selectOption("#dataset", scene.dataset);
    await page.waitForTimeout(300);
    await rest();
  }
  if (scene.cells) await page.check("input[name=show][value=cells]");
  for (const [id, value] of Object.entries(scene.set ?? {})) {
    if (await page.evaluate((id) => document.getElementById(id).tagName === "SELECT", id)) await page.selectOption(`#${id}`, value);
    else await page.fill(`#${id}`, value);
    await page.waitForTimeout(700);
    await rest();
  }
  if (scene.cells) await rest();
  await page.screenshot({ path: `${folder}/${scene.name}.png` });
  const bright = await drawn();
  const tiles = await page.textContent("#tiles-count");
  console.log(`${scene.name}: ${bright} pixels drawn, ${tiles} tiles in view`);
  if (bright < 200) {
    console.log(`${scene.name}: the map is blank`);
    failed += 1;
  }
}
for (const complaint of complaints) console.log(`the browser complains: ${complaint}`);
await browser.close();
process.exit(failed || complaints.length ? 1 : 0);
