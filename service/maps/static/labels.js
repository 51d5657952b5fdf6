// Labels: circles by name and by number, gaps by number, each in a place of its own.

const LABEL = { font: 13, small: 11.5, line: 16, halo: 3.5, width: 20, lines: 3, gap: 6 };
const FURNITURE = "#legend, #north, #attribution, .leaflet-control-scale, .leaflet-control-zoom";

/** Rooms (middle, half width, half height) that stand on the map; no label runs under them. */
function furnitureOf(map) {
  const frame = map.getContainer().getBoundingClientRect();
  return [...document.querySelectorAll(FURNITURE)].map((one) => one.getBoundingClientRect())
    .filter((box) => box.width > 0)
    .map((box) => {
      const at = map.containerPointToLayerPoint([
        box.left - frame.left + box.width / 2, box.top - frame.top + box.height / 2,
      ]);
      return [at.x, at.y, box.width / 2 + 3, box.height / 2 + 3];
    });
}

/** The part of the layer that is on the screen: left, top, right, bottom. */
function seenOf(map) {
  const corner = map.containerPointToLayerPoint([0, 0]);
  const size = map.getSize();
  return [corner.x, corner.y, corner.x + size.x, corner.y + size.y];
}

/** Take the room of a label; false where another has it or where it would leave the screen. */
function takeRoom(view, [x, y, halfWidth, halfHeight]) {
  const [left, top, right, bottom] = view.seen;
  const free = x - halfWidth >= left && x + halfWidth <= right && y - halfHeight >= top && y + halfHeight <= bottom
    && view.taken.every(([otherX, otherY, otherWidth, otherHeight]) => (
      Math.abs(x - otherX) > halfWidth + otherWidth || Math.abs(y - otherY) > halfHeight + otherHeight));
  if (free) view.taken.push([x, y, halfWidth, halfHeight]);
  return free;
}

/** The last line of a circle's label. */
function circleFigure(circle) {
  if (state.element === null) {
    const tally = tallyOf(circle);
    const judged = tally[0] + tally[1] + tally[2];
    if (judged === 0) return phrase("verdict.not_assessed");
    return mostlyOpen(tally) ? phrase("map.label.open", { met: tally[0], open: tally[NOT_ASSESSED] })
      : phrase("map.label.met", { met: tally[0], judged });
  }
  const row = verdictsOf(circle)[state.element];
  const verdict = phrase(VERDICT_STYLES[row.verdict].key);
  return row.verdict === NOT_ASSESSED || row.figures === null ? verdict : `${verdict} ${shareOf(row.figures)}`;
}

/** How wide a letter is written, in Latin letters. */
function widthOf(letter) {
  return letter.codePointAt(0) >= 0x2e80 ? 2 : 1;
}

/** A name in lines of at most LABEL.width; only what is left after LABEL.lines of them is cut. */
function wrapped(text) {
  const lines = [""];
  let width = 0;
  for (const word of text.trim().split(/\s+/)) {
    const needed = [...word].reduce((sum, letter) => sum + widthOf(letter), 0);
    if (width > 0 && width + 1 + needed > LABEL.width) { lines.push(""); width = 0; }
    if (width > 0) { lines[lines.length - 1] += " "; width += 1; }
    for (const letter of word) {
      if (width + widthOf(letter) > LABEL.width) { lines.push(""); width = 0; }
      lines[lines.length - 1] += letter;
      width += widthOf(letter);
    }
  }
  const kept = lines.slice(0, LABEL.lines);
  if (lines.length > LABEL.lines) kept[LABEL.lines - 1] += "…";
  return kept;
}

/** What is written of a circle, where it belongs, and how much room it needs. */
function labelOf(ctx, view, circle) {
  const lines = [...wrapped(circleName(circle)).map((text) => [text, `600 ${LABEL.font}px ${FONT}`]),
    [circleFigure(circle), `${LABEL.small}px ${FONT}`]];
  const widths = lines.map(([text, font]) => { ctx.font = font; return ctx.measureText(text).width; });
  ctx.font = `700 11px ${FONT}`;
  const key = String(circle + 1);
  return {
    circle, lines, key,
    keyHalf: Math.max(8, ctx.measureText(key).width / 2 + 4),
    x: view.x(circles.at[2 * circle]),
    y: view.y(circles.at[2 * circle + 1]),
    half: Math.max(...widths) / 2 + LABEL.gap,
    halfHeight: (lines.length * LABEL.line) / 2 + 2,
  };
}

/** Names where there is room for all of them; else a number for every circle, and names where they fit. */
function drawCircleLabels(ctx, view) {
  const order = [...circles.id.keys()].sort((a, b) => (b === state.circle) - (a === state.circle)
    || circles.area_m2[b] - circles.area_m2[a] || a - b);
  const [left, top, right, bottom] = view.seen;
  const labels = order.map((circle) => labelOf(ctx, view, circle))
    .filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom);
  ctx.lineJoin = "round";
  const before = view.taken.length;
  if (labels.every((one) => takeRoom(view, [one.x, one.y, one.half, one.halfHeight]))) {
    labels.forEach((one) => writeLines(ctx, one, one.y));
    return;
  }
  view.taken.length = before;
  const placed = labels.map((one) => ({ one, spot: keyRoom(view, one) })).filter(({ spot }) => spot !== null);
  placed.forEach(({ one, spot }) => drawLeader(ctx, one, spot));
  placed.forEach(({ one, spot: [x, y] }) => {
    paintKey(ctx, one.key, x, y, one.keyHalf, one.circle === state.circle);
    // Below or above its number, and only on its own circle: elsewhere it would seem another's.
    const middle = [1, -1].map((side) => y + side * (10 + one.halfHeight))
      .find((at) => isOnCircle(view, one, x, at) && takeRoom(view, [x, at, one.half, one.halfHeight]));
    if (middle !== undefined) writeLines(ctx, { ...one, x }, middle);
  });
}

function isOnCircle(view, { circle, x, y }, toX, toY) {
  return isInside(circles.shape, circle, {
    x: circles.at[2 * circle] + (toX - x) / view.scale, y: circles.at[2 * circle + 1] + (toY - y) / view.scale,
  });
}

/** A place for a circle's number: at its middle, elsewhere in it, beside it; null deep under the legend. */
function keyRoom(view, label) {
  const { x, y, keyHalf } = label;
  const tries = [[x, y]];
  for (const far of [11, 18, 26, 36, 48, 62, 80, 100]) {
    for (let turn = 0; turn < 12; turn += 1) {
      tries.push([x + far * Math.cos((turn * Math.PI) / 6), y + far * Math.sin((turn * Math.PI) / 6)]);
    }
  }
  const inside = tries.filter(([toX, toY]) => isOnCircle(view, label, toX, toY));
  return [...inside, ...tries].find(([toX, toY]) => takeRoom(view, [toX, toY, keyHalf + 1, 9])) ?? null;
}

/** A thin line from a number that had to move back to the middle of its circle. */
function drawLeader(ctx, { x, y }, [toX, toY]) {
  if (Math.hypot(toX - x, toY - y) < 8) return;
  for (const [colour, width] of [[PAPER, 3], [INK, 1]]) {
    ctx.beginPath();
    ctx.moveTo(toX, toY);
    ctx.lineTo(x, y);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }
  ctx.beginPath();
  ctx.arc(x, y, 2, 0, 2 * Math.PI);
  ctx.fillStyle = INK;
  ctx.fill();
}

function writeLines(ctx, { lines, x }, middle) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  lines.forEach(([text, font], line) => {
    ctx.font = font;
    haloText(ctx, text, x, middle + (line - (lines.length - 1) / 2) * LABEL.line);
  });
}

function haloText(ctx, text, x, y) {
  ctx.strokeStyle = "rgba(255, 255, 255, 0.92)";
  ctx.lineWidth = LABEL.halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = INK;
  ctx.fillText(text, x, y);
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
