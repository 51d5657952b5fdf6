// Text: phrases in the chosen language, figures, and elements that hold text as text.

const raw = JSON.parse(document.getElementById("study").textContent);
const state = {
  language: raw.language,
  element: null, // number of the chosen element; null is the overview
  circle: raw.circles.id.length, // number of the chosen circle; the last stands for all of them
  show: { circles: true, homes: true, gaps: true, facilities: true, streets: true },
};

/** The text of a [zh, en] pair. */
function said(pair) {
  return pair[raw.languages.indexOf(state.language)];
}

/** A phrase of the table with its placeholders filled in. */
function phrase(key, args = {}) {
  return said(raw.phrases[key]).replace(/\{(\w+)\}/g, (_, name) => String(args[name]));
}

function count(value, digits = 0) {
  return value.toLocaleString(state.language === "zh" ? "zh-CN" : "en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A share in per cent; one below its target is never rounded up to it. */
function percent(share, target = Infinity) {
  let tenths = Math.round(1000 * share);
  if (share < target && tenths >= Math.round(1000 * target)) tenths = Math.floor(1000 * share);
  return `${count(tenths / 10, 1)}%`;
}

function walk(metres) {
  return metres === null ? phrase("map.walk.none") : phrase("map.metres", { value: count(metres) });
}

/** An element with attributes and children; strings become text nodes, never markup. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  fill(node, ...children);
  return node;
}

function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** Text that somebody else wrote: kept as it is, its writing direction kept to itself. */
function given(text) {
  return el("span", { class: "given" }, text);
}

/** Rows of a name and what is known of it. */
function factList(rows) {
  const list = el("dl", { class: "facts" });
  for (const [name, value] of rows) {
    if (value !== null) list.append(el("dt", {}, name), el("dd", {}, value));
  }
  return list;
}
