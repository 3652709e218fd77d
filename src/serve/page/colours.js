// Which colour a value has: a ramp for numbers, colours of their own for names.

import { element, value as shown } from "./text.js";

// After viridis, lightened at its dark end to stand out from the ground.
const RAMP = ["#5b4a9e", "#3f74b5", "#2a9d9a", "#5ec962", "#fde725"];
const NAMES = ["#4fd1c5", "#f6ad55", "#b794f4", "#68d391", "#fc8181", "#63b3ed", "#f687b3", "#ecc94b", "#a3bffa"];
const OTHER = "#8492a8";
export const SINGLE = "#4fd1c5";

/** What people expect of layers that are called like this. */
const USUAL = [[/water|ocean|sea|river/, "#63b3ed"], [/land|park|wood|forest|green/, "#68d391"], [/transport|road|street/, "#f6ad55"],
  [/build/, "#b794f4"], [/bound|admin/, "#fc8181"], [/place|poi|label/, "#ecc94b"]];

/** Colours for layers of these names: the usual one, else one that is left. */
export function coloursOf(names) {
  const usual = (name) => USUAL.find(([kind]) => kind.test(name))?.[1];
  const left = NAMES.filter((colour) => !names.some((name) => usual(name) === colour));
  const others = names.filter((name) => !usual(name));
  return (name) => usual(name) ?? left[others.indexOf(name) % left.length];
}

/**
 * How `column` is coloured, by the values that are in view: stops at quantiles for numbers, so that
 * a few great ones do not leave all others dark; the most frequent names; or nothing.
 */
export function scale(column, values) {
  const there = values.filter((value) => value !== undefined && value !== null);
  if (!there.length) return { column, kind: "none" };
  const numbers = there.filter((value) => typeof value === "number");
  if (numbers.length * 2 > there.length && new Set(numbers).size > 1) {
    numbers.sort((one, other) => one - other);
    const at = (part) => numbers[Math.round(part * (numbers.length - 1))];
    const stops = [];
    for (const [number, colour] of RAMP.entries()) {
      const value = at(number / (RAMP.length - 1));
      if (!stops.length || value > stops.at(-1)[0]) stops.push([value, colour]);
    }
    // Where most values are the same, their quantiles are: then from end to end, by factors if it can be.
    const [least, greatest] = [numbers[0], numbers.at(-1)];
    const between = (part) => least > 0 ? least * (greatest / least) ** part : least + (greatest - least) * part;
    const even = () => RAMP.map((colour, number) => [between(number / (RAMP.length - 1)), colour]);
    return { column, kind: "numbers", stops: stops.length > 2 ? stops : even() };
  }
  const counts = new Map();
  for (const value of there) counts.set(value, (counts.get(value) ?? 0) + 1);
  const names = [...counts].sort((one, other) => other[1] - one[1] || (String(one[0]) < String(other[0]) ? -1 : 1));
  const some = names.slice(0, NAMES.length).map(([name], number) => [name, NAMES[number]]);
  return { column, kind: "names", names: some, more: names.length - some.length };
}

/** The colour as MapLibre wants it told. */
export function expression(scale, single = SINGLE) {
  const get = ["get", scale.column];
  if (scale.kind === "numbers") {
    const ramp = ["interpolate", ["linear"], ["to-number", get], ...scale.stops.flat()];
    return ["case", ["==", ["typeof", get], "number"], ramp, OTHER];
  }
  if (scale.kind === "names") {
    const text = ["to-string", get];
    return ["match", text, ...scale.names.flatMap(([name, colour]) => [String(name), colour]), OTHER];
  }
  return single;
}

/** What the colours mean. */
export function legend(scale) {
  if (scale.kind === "numbers") {
    const last = scale.stops.length - 1;
    const colours = scale.stops.map(([, colour], number) => `${colour} ${(100 * number) / last}%`);
    const middle = scale.stops[Math.round(last / 2)][0];
    const ends = [scale.stops[0][0], ...(last > 1 ? [middle] : []), scale.stops[last][0]];
    return element("div", {},
      element("div", { className: "ramp", style: { background: `linear-gradient(90deg, ${colours})` } }),
      element("div", { className: "ends" }, ...ends.map((end) => element("span", {}, shown(end)))));
  }
  if (scale.kind === "names") {
    const item = (name, colour) => element("li", {}, element("i", { style: { background: colour } }), String(name));
    const list = scale.names.map(([name, colour]) => item(name, colour));
    if (scale.more > 0) list.push(item(`${scale.more} more`, OTHER));
    return element("ul", {}, ...list);
  }
  return "";
}
