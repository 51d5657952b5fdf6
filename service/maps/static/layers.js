// Layers: one canvas that draws the study from bottom to top.

const CircleLabel = { font: 13, small: 11.5, line: 16, halo: 3.5 };

/** A Leaflet renderer without Leaflet's own vectors: it redraws the study after every move. */
const StudyCanvas = L.Renderer.extend({
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "study-canvas";
    this._ctx = this._container.getContext("2d");
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    const ratio = Math.max(window.devicePixelRatio || 1, state.printing ? 3 : 1);
    this._container.width = size.x * ratio;
    this._container.height = size.y * ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    L.DomUtil.setPosition(this._container, min);
    this._ctx.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
    drawStudy(this._ctx, viewOf(this._map, this._bounds));
  },
  redraw() {
    this._update();
  },
});

/** How world pixels at zoom 0 become pixels of the layer, and what part of the world is seen. */
function viewOf(map, bounds) {
  const zoom = map.getZoom();
  const scale = map.getZoomScale(zoom, 0);
  const origin = map.getPixelOrigin();
  const view = { zoom, scale, left: origin.x, top: origin.y, taken: [] };
  view.west = (bounds.min.x + origin.x) / scale;
  view.north = (bounds.min.y + origin.y) / scale;
  view.east = (bounds.max.x + origin.x) / scale;
  view.south = (bounds.max.y + origin.y) / scale;
  view.x = (world) => world * scale - origin.x;
  view.y = (world) => world * scale - origin.y;
  return view;
}

function drawStudy(ctx, view) {
  if (state.show.circles) drawCircleFills(ctx, view);
  if (state.show.streets) drawStreets(ctx, view);
  if (state.show.homes) drawHomes(ctx, view);
  if (state.show.gaps) drawGaps(ctx, view);
  if (state.show.circles) drawCircleOutlines(ctx, view);
  if (state.show.facilities && state.element !== null) drawFacilities(ctx, view);
  if (state.show.circles) drawCircleLabels(ctx, view);
  if (state.show.gaps) drawGapRanks(ctx, view);
}

function tracePath(ctx, view, lines, from, to) {
  ctx.beginPath();
  for (let line = from; line < to; line += 1) {
    const at = 4 * line;
    const [west, north, east, south] = lines.box.subarray(at, at + 4);
    if (east < view.west || west > view.east || south < view.north || north > view.south) continue;
    for (let i = lines.first[line]; i < lines.first[line + 1]; i += 1) {
      const x = view.x(lines.xy[2 * i]);
      const y = view.y(lines.xy[2 * i + 1]);
      if (i === lines.first[line]) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
  }
}

function traceShape(ctx, view, shape, number) {
  tracePath(ctx, view, shape, shape.from[number], shape.from[number + 1]);
}

function circleFill(ctx, circle) {
  if (state.element !== null) {
    const style = VERDICT_STYLES[verdictsOf(circle)[state.element].verdict];
    return patternFill(ctx, style, 0.14);
  }
  const share = metShare(tallyOf(circle));
  if (share === null) return patternFill(ctx, VERDICT_STYLES[NOT_ASSESSED], 0.2);
  return patternFill(ctx, { colour: OVERVIEW_COLOURS[overviewStep(share)], pattern: "plain" }, 0.75);
}

function drawCircleFills(ctx, view) {
  circles.id.forEach((_, circle) => {
    traceShape(ctx, view, circles.shape, circle);
    ctx.fillStyle = circleFill(ctx, circle);
    ctx.fill("evenodd");
  });
}

function drawCircleOutlines(ctx, view) {
  ctx.lineJoin = "round";
  const order = [...circles.id.keys()].sort((a, b) => (a === state.circle) - (b === state.circle));
  for (const circle of order) {
    const chosen = circle === state.circle;
    traceShape(ctx, view, circles.shape, circle);
    ctx.strokeStyle = PAPER;
    ctx.lineWidth = chosen ? 6 : 3.5;
    ctx.stroke();
    ctx.strokeStyle = chosen ? INK : "#5b6b76";
    ctx.lineWidth = chosen ? 3 : 1.5;
    ctx.stroke();
  }
}

function drawStreets(ctx, view) {
  const grow = Math.min(2.5, Math.max(0.8, 1 + (view.zoom - 14) * 0.25));
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  streets.forEach((lines, level) => {
    const style = STREET_STYLES[level];
    tracePath(ctx, view, lines, 0, lines.first.length - 1);
    ctx.strokeStyle = style.colour;
    ctx.lineWidth = style.width * grow;
    ctx.stroke();
  });
  ctx.lineCap = "butt";
}

function homeRadius(zoom) {
  return Math.min(6, Math.max(1.3, 1.5 + (zoom - 13) * 0.75));
}

function drawHomes(ctx, view) {
  const reach = state.element === null ? null : reachOf(state.element);
  const r = homeRadius(view.zoom);
  if (reach === null) {
    const plain = { mark: "dot", colour: "rgba(60, 74, 84, 0.45)" };
    drawHomesWhere(ctx, view, plain, r * 0.85, () => true);
    return;
  }
  // Covered homes first, so that the ones in need lie on top.
  for (const kind of [7, 0, 1, 5, 2, 3, 4, 6]) {
    const style = HOME_STYLES[kind];
    const size = kind < UNCOVERED || kind === UNTOLD ? r : 1.2 * r;
    drawHomesWhere(ctx, view, style, size, (home) => reach.class[home] === kind);
  }
}

function drawHomesWhere(ctx, view, style, r, isDrawn) {
  ctx.beginPath();
  for (let home = 0; home < homes.id.length; home += 1) {
    const x = homes.xy[2 * home];
    const y = homes.xy[2 * home + 1];
    if (x < view.west || x > view.east || y < view.north || y > view.south) continue;
    if (isDrawn(home)) addMark(ctx, style.mark, view.x(x), view.y(y), r);
  }
  paintMarks(ctx, style);
}

function drawGaps(ctx, view) {
  for (const gap of gapsDrawn()) {
    traceShape(ctx, view, gapShape, gap.number);
    ctx.fillStyle = gap.edge ? "rgba(90, 100, 108, 0.05)" : "rgba(125, 36, 21, 0.06)";
    ctx.fill("evenodd");
    ctx.strokeStyle = "rgba(255, 255, 255, 0.7)";
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.strokeStyle = gap.edge ? GAP_AT_EDGE : GAP;
    ctx.lineWidth = 1.6;
    ctx.setLineDash(gap.edge ? [3, 3] : [7, 3]);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

function drawFacilities(ctx, view) {
  for (const row of facilitiesOf(state.element)) {
    const x = view.x(facilities.at[2 * row]);
    const y = view.y(facilities.at[2 * row + 1]);
    if (view.zoom >= 16) drawDoors(ctx, view, row, x, y);
    paintFacility(ctx, x, y, facilityLook(row));
  }
}

function facilityLook(row) {
  const counts = facilities.status[row] === "open" || facilities.status[row] === "unknown";
  return { counts, ambiguous: facilities.ambiguous[row] === 1 };
}

function drawDoors(ctx, view, row, x, y) {
  ctx.strokeStyle = FACILITY;
  ctx.lineWidth = 1;
  for (let door = facilities.doors.first[row]; door < facilities.doors.first[row + 1]; door += 1) {
    const doorX = view.x(facilities.doors.xy[2 * door]);
    const doorY = view.y(facilities.doors.xy[2 * door + 1]);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(doorX, doorY);
    ctx.stroke();
    ctx.fillStyle = PAPER;
    ctx.fillRect(doorX - 2.5, doorY - 2.5, 5, 5);
    ctx.strokeRect(doorX - 2.5, doorY - 2.5, 5, 5);
  }
}

/** The second line of a circle's label. */
function circleFigure(circle) {
  if (state.element === null) {
    const tally = tallyOf(circle);
    const judged = tally[0] + tally[1] + tally[2];
    if (judged === 0) return phrase("verdict.not_assessed");
    return phrase("map.label.met", { met: tally[0], judged });
  }
  const row = verdictsOf(circle)[state.element];
  const verdict = phrase(VERDICT_STYLES[row.verdict].key);
  const share = row.verdict === NOT_ASSESSED || row.figures === null ? null : row.figures.share;
  return share === null ? verdict : `${verdict} ${percent(share, row.target)}`;
}

function drawCircleLabels(ctx, view) {
  const order = [...circles.id.keys()].sort((a, b) => (b === state.circle) - (a === state.circle)
    || circles.area_m2[b] - circles.area_m2[a] || a - b);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  for (const circle of order) {
    const name = shortened(circleName(circle), 16);
    const lines = [[name, `600 ${CircleLabel.font}px ${FONT}`],
      [circleFigure(circle), `${CircleLabel.small}px ${FONT}`]];
    const widths = lines.map(([text, font]) => { ctx.font = font; return ctx.measureText(text).width; });
    const x = view.x(circles.at[2 * circle]);
    const y = view.y(circles.at[2 * circle + 1]);
    const box = [x, y, Math.max(...widths) / 2 + 6, CircleLabel.line + 4];
    if (!takeRoom(view, box)) continue;
    lines.forEach(([text, font], line) => {
      ctx.font = font;
      haloText(ctx, text, x, y + (line - 0.5) * CircleLabel.line);
    });
  }
}

function shortened(text, most) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

function haloText(ctx, text, x, y) {
  ctx.strokeStyle = "rgba(255, 255, 255, 0.92)";
  ctx.lineWidth = CircleLabel.halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = INK;
  ctx.fillText(text, x, y);
}

/** Take the room of a label (middle, half width, half height); false where another has it. */
function takeRoom(view, [x, y, halfWidth, halfHeight]) {
  const free = view.taken.every(([otherX, otherY, otherWidth, otherHeight]) => (
    Math.abs(x - otherX) > halfWidth + otherWidth || Math.abs(y - otherY) > halfHeight + otherHeight));
  if (free) view.taken.push([x, y, halfWidth, halfHeight]);
  return free;
}

/** A free place inside a gap for its number, its own label point first; null where none is left. */
function roomFor(view, gap, half) {
  const at = { x: gapAt[2 * gap.number], y: gapAt[2 * gap.number + 1] };
  for (const [right, down] of [[0, 0], [0, 40], [0, -40], [56, 0], [-56, 0], [0, 80], [0, -80]]) {
    const spot = { x: at.x + right / view.scale, y: at.y + down / view.scale };
    const [x, y] = [view.x(spot.x), view.y(spot.y)];
    const isOn = (right === 0 && down === 0) || isInside(gapShape, gap.number, spot);
    if (isOn && takeRoom(view, [x, y, half, 10])) return [x, y];
  }
  return null;
}

/** Each gap's place among those of its element, by people, on a small plate. */
function drawGapRanks(ctx, view) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  gapsDrawn().forEach((gap, place) => {
    const text = String(place + 1);
    ctx.font = `700 11px ${FONT}`;
    const half = ctx.measureText(text).width / 2 + 5;
    const spot = roomFor(view, gap, half + 1);
    if (spot === null) return;
    const [x, y] = spot;
    ctx.beginPath();
    ctx.roundRect(x - half, y - 8.5, 2 * half, 17, 8.5);
    ctx.fillStyle = gap.edge ? GAP_AT_EDGE : GAP;
    ctx.fill();
    ctx.strokeStyle = PAPER;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.fillStyle = PAPER;
    ctx.fillText(text, x, y + 0.5);
  });
}
