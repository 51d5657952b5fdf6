// Paint: colours, patterns and marks that stay apart for colour-blind readers and on grey paper.

const INK = "#22303c";
const PAPER = "#ffffff";
const FACILITY = "#1d3b66";
const GAP = "#7d2415";
const GAP_AT_EDGE = "#59646c";
const FONT = "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
  + "'Source Han Sans SC', 'WenQuanYi Micro Hei', sans-serif";

const VERDICT_STYLES = [
  { key: "verdict.met", colour: "#2a7f86", pattern: "plain" },
  { key: "verdict.weak", colour: "#d79a2b", pattern: "dots" },
  { key: "verdict.short", colour: "#b4472f", pattern: "hatch" },
  { key: "verdict.not_assessed", colour: "#8b9299", pattern: "sparse" },
];
const OVERVIEW_STEPS = [0.2, 0.4, 0.6, 0.8, Infinity];
const OVERVIEW_COLOURS = ["#e9efe9", "#c6dedb", "#96c5c2", "#5ba0a3", "#2a7178"];
const HOME_STYLES = [
  { key: "map.class.half", colour: "#17616b", mark: "dot" },
  { key: "map.class.within", colour: "#63b0ab", mark: "dot" },
  { key: "map.class.near", colour: "#e8b04a", mark: "square" },
  { key: "map.class.far", colour: "#dd7a33", mark: "square" },
  { key: "map.class.none", colour: "#a5341f", mark: "triangle" },
  { key: "map.class.edge", colour: "#7c848b", mark: "ring" },
  { key: "map.class.unlinked", colour: "#222222", mark: "cross" },
  { key: "map.class.untold", colour: "#b9bec3", mark: "dot" },
];
const PLAIN_HOME = { mark: "dot", colour: "rgba(60, 74, 84, 0.4)" }; // where homes are not judged
const STREET_STYLES = [
  { colour: "#dcdfdd", width: 0.6 },
  { colour: "#cbd0cf", width: 1.1 },
  { colour: "#aeb6b6", width: 2.4 },
];

/** Add one mark to the current path, `r` pixels around (x, y). */
function addMark(ctx, mark, x, y, r) {
  if (mark === "dot" || mark === "ring") {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  } else if (mark === "square") {
    ctx.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
  } else if (mark === "triangle") {
    ctx.moveTo(x, y - 1.25 * r);
    ctx.lineTo(x + 1.15 * r, y + 0.9 * r);
    ctx.lineTo(x - 1.15 * r, y + 0.9 * r);
    ctx.closePath();
  } else {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
  }
}

/** Fill or stroke the marks of the current path in a class's style. */
function paintMarks(ctx, style) {
  if (style.mark === "ring" || style.mark === "cross") {
    ctx.strokeStyle = style.colour;
    ctx.lineWidth = 1.2;
    ctx.stroke();
  } else {
    ctx.fillStyle = style.colour;
    ctx.fill();
  }
}

const patterns = new Map();

/** A tint with the pattern of a verdict, as a fill style. */
function patternFill(ctx, style, tint) {
  const key = `${style.colour} ${style.pattern} ${tint}`;
  if (!patterns.has(key)) patterns.set(key, ctx.createPattern(patternTile(style, tint), "repeat"));
  return patterns.get(key);
}

function patternTile(style, tint) {
  const tile = document.createElement("canvas");
  tile.width = 12;
  tile.height = 12;
  const ctx = tile.getContext("2d");
  ctx.globalAlpha = tint;
  ctx.fillStyle = style.colour;
  ctx.fillRect(0, 0, 12, 12);
  ctx.globalAlpha = Math.min(1, (style.pattern === "sparse" ? 3 : 2) * tint);
  ctx.strokeStyle = style.colour;
  ctx.lineWidth = style.pattern === "hatch" ? 1.2 : 0.8;
  ctx.beginPath();
  if (style.pattern === "hatch") {
    for (const shift of [-12, 0, 12]) {
      ctx.moveTo(shift - 1, 13);
      ctx.lineTo(shift + 13, -1);
    }
  } else if (style.pattern === "dots") {
    ctx.fillRect(1, 1, 1.8, 1.8);
    ctx.fillRect(7, 7, 1.8, 1.8);
  } else if (style.pattern === "sparse") {
    ctx.moveTo(0, 5);
    ctx.lineTo(6, 5);
  }
  ctx.stroke();
  return tile;
}

/** A small drawing for the legend and the tables. */
function swatch(draw, width = 18, height = 14) {
  const ratio = 2;
  const canvas = el("canvas", { width: width * ratio, height: height * ratio, "aria-hidden": "true" });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  draw(ctx, width, height);
  return canvas;
}

function verdictSwatch(verdict) {
  const style = VERDICT_STYLES[verdict];
  return swatch((ctx, width, height) => {
    ctx.fillStyle = patternFill(ctx, style, 0.45);
    ctx.fillRect(0.5, 0.5, width - 1, height - 1);
    ctx.strokeStyle = style.colour;
    ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
  }, 16, 12);
}

/** A verdict as a small labelled badge. */
function verdictBadge(verdict) {
  return el("span", { class: "badge" }, verdictSwatch(verdict), phrase(VERDICT_STYLES[verdict].key));
}

function markSwatch(style) {
  return swatch((ctx, width, height) => {
    ctx.beginPath();
    addMark(ctx, style.mark, width / 2, height / 2, 4);
    paintMarks(ctx, style);
  });
}

/** The plate that carries a circle's number, `half` pixels to each side of (x, y). */
function paintKey(ctx, text, x, y, half, chosen) {
  ctx.beginPath();
  ctx.roundRect(x - half, y - 8, 2 * half, 16, 3);
  ctx.fillStyle = chosen ? INK : PAPER;
  ctx.fill();
  ctx.strokeStyle = chosen ? PAPER : INK;
  ctx.lineWidth = 1.2;
  ctx.stroke();
  ctx.fillStyle = chosen ? PAPER : INK;
  ctx.font = `700 11px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x, y + 0.5);
}

function overviewStep(share) {
  return OVERVIEW_STEPS.findIndex((step) => share < step);
}

/** One facility: filled where it counts today, hollow where planned or closed, ? where unclear. */
function paintFacility(ctx, x, y, { counts, ambiguous }, r = 6) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = counts ? FACILITY : PAPER;
  ctx.fill();
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = counts ? PAPER : FACILITY;
  ctx.setLineDash(counts ? [] : [2.5, 2]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = counts ? PAPER : FACILITY;
  if (ambiguous) {
    ctx.font = `700 ${Math.round(1.5 * r)}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText("?", x, y + 0.5);
  } else if (counts) {
    ctx.beginPath();
    ctx.arc(x, y, r / 3, 0, 2 * Math.PI);
    ctx.fill();
  }
}
