// Text: phrases in the chosen language, figures, and elements that hold text as text.

const raw = JSON.parse(document.getElementById("study").textContent);
const state = {
  language: firstLanguage(),
  element: null, // number of the chosen element; null is the overview
  circle: raw.circles.id.length, // number of the chosen circle; the last stands for all of them
  show: { circles: true, homes: true, gaps: true, facilities: true, streets: true, scenario: true },
  printing: false,
};

/** The language that the page's own address asks for (?lang=en), else the one it was made in. */
function firstLanguage() {
  const asked = new URLSearchParams(window.location.search).get("lang") ?? "";
  const [language] = asked.toLowerCase().split(/[-_]/);
  return raw.languages.includes(language) ? language : raw.language;
}

/** The text of a [zh, en] pair. */
function said(pair) {
  return pair[raw.languages.indexOf(state.language)];
}

/** A phrase of the table with its placeholders filled in. */
function phrase(key, args = {}) {
  return said(raw.phrases[key]).replace(/\{(\w+)\}/g, (_, name) => String(args[name]));
}

/** A phrase in the form that a number asks for: one home, two homes. */
function counted(key, shown, args = {}) {
  return phrase(`${key}.${shown === "1" ? "one" : "other"}`, { count: shown, ...args });
}

/** A whole number, half to the even neighbour, as the study's own sentences are rounded. */
function rounded(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

function count(value, digits = 0) {
  const shown = digits === 0 ? rounded(value) : value;
  return shown.toLocaleString(state.language === "zh" ? "zh-CN" : "en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A share that was rounded where it was made, in per cent: from … to …, at least …, or just so. */
function shareOf(figures) {
  const share = `${count(figures.share, 1)}%`;
  if (figures.upto !== null) return phrase("map.share.range", { from: count(figures.share, 1), to: `${count(figures.upto, 1)}%` });
  return figures.least === 1 ? phrase("map.at_least", { value: share }) : share;
}

/** A target in per cent, with a decimal only where it has one. */
function targetOf(element) {
  const { target } = raw.elements[element];
  return `${count(target, Number.isInteger(target) ? 0 : 1)}%`;
}

/** Metres; null is farther than the search went. */
function walk(metres, limit) {
  return metres === null ? phrase("map.walk.over", { walk: walk(limit, limit) }) : phrase("map.metres", { value: count(metres) });
}

/** A number such as minutes with one decimal, and none where that would be a zero. */
function oneDecimal(value) {
  return count(value, Math.round(value * 10) % 10 ? 1 : 0);
}

/** Minutes; null is farther than the search went. */
function time(minutes, limit) {
  if (minutes === null) return phrase("map.walk.over", { walk: time(limit, limit) });
  return phrase("map.minutes", { value: oneDecimal(minutes) });
}

/** A walk as the criterion counts it: of the pair of metres and minutes the one that decides. */
function deciding(metres, minutes, limit) {
  return raw.facts.criterion === "minutes" ? time(minutes, limit) : walk(metres, limit);
}

/** A walk in words: the measure that decides first, the other in brackets. */
function bothMeasures(metres, minutes) {
  const [first, other] = raw.facts.criterion === "minutes" ? [minutes, metres] : [metres, minutes];
  return phrase("map.walk.both", { first, other });
}

/** What may be walked, or a multiple of it: metres, or minutes where they decide. */
function allowed(value) {
  if (raw.facts.criterion !== "minutes") return walk(value);
  return phrase("map.minutes", { value: oneDecimal(value) });
}

/** Residents, with a decimal where a single home has less than 100 and no whole number of them. */
function peopleText(people, estimated) {
  const shown = count(people, people % 1 && people < 100 ? 1 : 0);
  return counted(estimated ? "map.people.estimated" : "map.people", shown);
}

function homesText(n) {
  return counted("map.homes_counted", count(n));
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
