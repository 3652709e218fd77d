// The panel: what is asked for, and the choices there are.

import { element, count, value } from "./text.js";

export const at = (id) => document.getElementById(id);

const MEASURES = [["count", "count"], ["sum", "sum"], ["mean", "mean"], ["min", "least"], ["max", "greatest"], ["median", "median"], ["p95", "95th percentile"]];
const SHAPES = [["centre", "circles"], ["centroid", "centroids"], ["polygon", "squares"]];

/** Fills a list of choices, and keeps the choice if it is still there. */
export function choices(select, list) {
  const kept = select.value;
  select.replaceChildren(...list.map(([name, text]) => element("option", { value: name }, text)));
  if (list.some(([name]) => name === kept)) select.value = kept;
}

const isNumber = (field) => field.type === "number" && !field.name.includes("|timestamp");

/** What of a column may stand in a filter. */
function example(field) {
  const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(field.name) ? field.name : `"${field.name.replaceAll('"', '""')}"`;
  if (field.type === "number") return `${name} > ${field.values?.[Math.floor((field.values.length * 3) / 4)] ?? field.min ?? 0}`;
  if (field.type === "boolean") return `${name} = TRUE`;
  const text = String(field.values?.[0] ?? "").replaceAll("'", "''");
  return `${name} = '${text}'`;
}

function chip(field, apply) {
  const range = field.min === undefined || field.min === null ? `${field.values?.length ?? 0} values` : `${value(field.min)} – ${value(field.max)}`;
  const button = element("button", { type: "button", title: `${field.type}, ${range}` }, field.name);
  button.addEventListener("click", () => {
    const filter = at("filter");
    filter.value = filter.value.trim() ? `${filter.value.trim()} AND ${example(field)}` : example(field);
    filter.focus();
    apply();
  });
  return button;
}

/** Shows what can be asked of a dataset with these fields. */
export function showFields(fields, hasRows, apply) {
  at("rows").hidden = !hasRows;
  at("filter").value = "";
  const some = fields.find(({ type, values }) => type === "string" && values?.length) ?? fields[0];
  at("filter").placeholder = some ? `all rows, or such as ${example(some)}` : "all rows";
  at("columns").replaceChildren(...fields.map((field) => chip(field, apply)));
  const numbers = fields.filter(isNumber).map(({ name }) => [name, name]);
  choices(at("measure"), numbers.length ? MEASURES : MEASURES.slice(0, 1));
  choices(at("measured"), numbers.length ? numbers : [["", "–"]]);
  const names = fields.filter(({ type }) => type !== "number").map(({ name }) => [name, name]);
  choices(at("by"), [["", "nothing"], ...names]);
  choices(at("shape"), SHAPES);
}

/** Whether cells are asked for. */
export const wantsCells = () => document.querySelector("input[name=show]:checked").value === "cells";

/** The query that the controls stand for, without its question mark. */
export function query() {
  const asked = new URLSearchParams();
  if (at("rows").hidden) return "";
  const filter = at("filter").value.trim();
  if (filter) asked.set("filter", filter);
  if (wantsCells()) {
    const measure = at("measure").value;
    const aggregates = measure === "count" || !at("measured").value ? "count" : `count,${measure}:${at("measured").value}`;
    asked.set("agg", aggregates);
    if (at("by").value) asked.set("by", at("by").value);
    asked.set("grid", String(2 ** Number(at("grid").value)));
  }
  if (wantsCells() && at("shape").value !== "centre") asked.set("geometry", at("shape").value);
  return asked.toString();
}

/** Brings what depends on what is chosen in line with it. */
export function settle() {
  at("cells").hidden = !wantsCells();
  at("measured").disabled = at("measure").value === "count";
  at("grid-shown").textContent = String(2 ** Number(at("grid").value));
}

/** Says what a dataset is. */
export function showAbout(entry) {
  const parts = entry.rows ? [] : [entry.description];
  if (entry.count !== null) parts.push(`${count(entry.count)} ${entry.rows ? "rows" : "tiles"}`);
  parts.push(`zoom ${entry.minzoom} to ${entry.maxzoom}`);
  at("about").textContent = parts.join(" · ");
}

/** Shows what is wrong with what was asked for, or that nothing is. */
export function showFault(fault) {
  at("fault").hidden = !fault;
  at("fault").textContent = fault ? `${fault.parameter ? `${fault.parameter}: ` : ""}${fault.message}` : "";
  at("filter").classList.toggle("wrong", fault?.parameter === "filter");
}
