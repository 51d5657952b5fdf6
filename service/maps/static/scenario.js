// Scenario: what would change, drawn over the study as it is; nothing where the page shows a study alone.

const GAINED = "#12805c";
const LOST = "#b3261e";
const WORKS = "#6a1fb0";
const scenario = raw.scenario === undefined ? null : {
  ...raw.scenario,
  at: positionsOf(raw.scenario.points.xy, raw.grid),
  element: columnOf(raw.scenario.points.element),
  lost: columnOf(raw.scenario.points.lost),
  spots: positionsOf(raw.scenario.places.xy, raw.grid),
  lines: linesOf(raw.scenario.paths.lines, raw.grid),
};

/** Whether a point is one of the chosen element's; all are shown where none is chosen. */
function isChosenPoint(row) {
  return state.element === null || scenario.element[row] === state.element;
}

function drawScenario(ctx, view) {
  const r = Math.min(5, Math.max(2.2, 2.2 + 0.8 * (view.zoom - 12.5)));
  for (let row = 0; row < scenario.element.length; row += 1) {
    if (!isChosenPoint(row)) continue;
    paintChange(ctx, view.x(scenario.at[2 * row]), view.y(scenario.at[2 * row + 1]), scenario.lost[row] === 1, r);
  }
  scenario.paths.label.forEach((_, line) => drawWorkLine(ctx, view, line));
  scenario.places.label.forEach((label, row) => {
    paintPlace(ctx, view.x(scenario.spots[2 * row]), view.y(scenario.spots[2 * row + 1]), 8, said(label));
  });
}

/** A home that gains is a full disc, one that loses a cross: told apart without colour. */
function paintChange(ctx, x, y, lost, r) {
  ctx.beginPath();
  if (lost) {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x - r, y + r);
    ctx.lineTo(x + r, y - r);
    ctx.strokeStyle = LOST;
    ctx.lineWidth = Math.max(1.6, r / 2);
    ctx.stroke();
    return;
  }
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = GAINED;
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = PAPER;
  ctx.stroke();
}

function drawWorkLine(ctx, view, line) {
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  for (const [colour, width] of [[PAPER, 8], [WORKS, 4.5]]) {
    tracePath(ctx, view, scenario.lines, line, line + 1);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }
  ctx.lineCap = "butt";
}

/** A new, moved or closed facility, or new homes: a diamond with its name. */
function paintPlace(ctx, x, y, r, label) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.closePath();
  ctx.fillStyle = WORKS;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = PAPER;
  ctx.stroke();
  if (label === "") return;
  ctx.font = `600 13px ${FONT}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3.5;
  ctx.strokeText(label, x + r + 4, y);
  ctx.fillText(label, x + r + 4, y);
}

function scenarioSection() {
  if (scenario === null) return null;
  const sign = (paint) => swatch((ctx, width, height) => paint(ctx, width / 2, height / 2));
  const rows = [...scenario.element.keys()].filter(isChosenPoint);
  const of = (lost) => rows.filter((row) => scenario.lost[row] === lost).length;
  return section("scenario", el("p", { class: "note" }, phrase("map.scenario.note")),
    legendRow(sign((ctx, x, y) => paintChange(ctx, x, y, false, 4.5)), phrase("map.scenario.gained"), count(of(0))),
    of(1) === 0 ? null : legendRow(sign((ctx, x, y) => paintChange(ctx, x, y, true, 4)), phrase("map.scenario.lost"), count(of(1))),
    scenario.places.label.length === 0 ? null
      : legendRow(sign((ctx, x, y) => paintPlace(ctx, x, y, 6, "")), phrase("map.scenario.place"), count(scenario.places.label.length)),
    scenario.paths.label.length === 0 ? null : legendRow(swatch((ctx, width, height) => {
      ctx.strokeStyle = WORKS;
      ctx.lineWidth = 4;
      ctx.beginPath();
      ctx.moveTo(0, height / 2);
      ctx.lineTo(width, height / 2);
      ctx.stroke();
    }), phrase("map.scenario.path"), count(scenario.paths.label.length)));
}

/** What changes, in words: all circles first, then the chosen circle. */
function scenarioPart() {
  if (scenario === null) return null;
  const here = scenario.rows.filter(([circle, element]) => circle === state.circle
    && (state.element === null || element === state.element));
  return part(given(scenario.title === "" ? phrase("map.scenario") : scenario.title),
    el("p", {}, given(said(scenario.headline))),
    el("ul", {}, here.map(([, , text]) => el("li", { class: "note" }, given(said(text))))));
}
