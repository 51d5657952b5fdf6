// Layers: one canvas that draws the study from bottom to top.

const OVERVIEW_HOMES_ZOOM = 13.5; // below it the homes of a city would hide its circles

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
  const view = { zoom, scale, taken: furnitureOf(map), seen: seenOf(map) };
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
  if (scenario !== null && state.show.scenario) drawScenario(ctx, view);
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
  const tally = tallyOf(circle);
  if (mostlyOpen(tally)) return patternFill(ctx, VERDICT_STYLES[NOT_ASSESSED], 0.1);
  const share = metShare(tally);
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
  // Under a whole city's streets the colours of its circles would turn grey.
  const pale = state.element === null && view.zoom < OVERVIEW_HOMES_ZOOM;
  ctx.globalAlpha = pale ? 0.4 : 1;
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
  ctx.globalAlpha = 1;
}

function homeRadius(zoom) {
  return Math.min(6, Math.max(1.3, 1.5 + (zoom - 13) * 0.75));
}

function drawHomes(ctx, view) {
  const reach = state.element === null ? null : reachOf(state.element);
  const r = homeRadius(view.zoom);
  if (reach === null) {
    if (view.zoom >= OVERVIEW_HOMES_ZOOM) drawHomesWhere(ctx, view, PLAIN_HOME, r * 0.6, () => true);
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
  const r = Math.min(6, Math.max(3, 3 + 1.5 * (view.zoom - 12.5))); // hundreds in a whole city
  for (const row of facilitiesOf(state.element)) {
    const x = view.x(facilities.at[2 * row]);
    const y = view.y(facilities.at[2 * row + 1]);
    if (view.zoom >= 16) drawDoors(ctx, view, row, x, y);
    paintFacility(ctx, x, y, facilityLook(row), r);
  }
}

function facilityLook(row) {
  return { counts: facilities.counts[row] === 1, ambiguous: facilities.ambiguous[row] === 1 };
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
