// Numbers and names as people read them.

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** A count in a few characters: 1.2M. */
export const count = (number) => (number < 10_000 ? plain.format(number) : compact.format(number));

/** A value as it stands in data. */
export const value = (number) =>
  typeof number !== "number" ? String(number) : Math.abs(number) >= 1e6 ? compact.format(number) : plain.format(number);

/** Bytes in a few characters. */
export function bytes(number) {
  if (number < 1000) return `${number} B`;
  if (number < 1e6) return `${(number / 1e3).toFixed(1)} kB`;
  return `${(number / 1e6).toFixed(2)} MB`;
}

/** Milliseconds. */
export const time = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

/** An element with attributes and children; text is never taken for HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, is] of Object.entries(attributes)) {
    if (key === "style") Object.assign(made.style, is);
    else made[key] = is;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
