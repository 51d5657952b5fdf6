// The study: everything decoded once, and the questions the page asks of it.

const facts = raw.facts;
const everywhere = raw.circles.id.length;
const circles = {
  ...raw.circles,
  shape: shapesOf(raw.circles.outline, raw.circles.rings, raw.grid),
  at: positionsOf(raw.circles.label, raw.grid),
};
const homes = {
  id: raw.homes.id,
  xy: positionsOf(raw.homes.xy, raw.grid),
  people: integersOf(raw.homes.people).map((tenths) => tenths / 10),
  estimated: columnOf(raw.homes.estimated),
  circle: columnOf(raw.homes.circle),
};
const streets = raw.streets.map((packed) => linesOf(packed, raw.grid));
const facilities = {
  ...raw.facilities,
  at: positionsOf(raw.facilities.xy, raw.grid),
  doors: linesOf(raw.facilities.entrances, raw.grid),
  doorKind: columnOf(raw.facilities.entrance_kind),
};
const gaps = raw.gaps.rows.map((row, number) => {
  const [rank, circle, people, buildings, median, worst, threshold, edge, kind, verdict, medianMinutes, worstMinutes, tolerated] = row;
  return {
    number, rank, circle, people, buildings, median, worst, threshold, edge, kind, verdict, medianMinutes, worstMinutes, tolerated,
    reason: raw.gaps.reason[number],
    element: raw.elements.findIndex((one) => one.id === raw.gaps.element[number]),
  };
});
/** Metres, or minutes where they decide, beyond which nothing was looked for. */
function limitOf(gap) {
  return raw.elements[gap.element].limit;
}

const gapShape = shapesOf(raw.gaps.outline, raw.gaps.rings, raw.grid);
const gapAt = positionsOf(raw.gaps.label, raw.grid);

const UNCOVERED = 2; // classes from here on have no facility within the threshold
const UNLINKED = 6;
const UNTOLD = 7;
const NOT_ASSESSED = 3;
const SHORT = 2;
const columns = new Map();

/** Classes, walks and nearest facilities of all homes for an element; null where not walked. */
function reachOf(element) {
  const packed = raw.homes.elements[raw.elements[element].id];
  if (packed === undefined) return null;
  if (!columns.has(element)) {
    columns.set(element, {
      class: columnOf(packed.class),
      walk: columnOf(packed.walk),
      minutes: columnOf(packed.minutes),
      nearest: columnOf(packed.nearest),
      tally: packed.tally,
    });
  }
  return columns.get(element);
}

/** Metres from a home to the nearest facility of an element, null beyond the search. */
function walkOf(element, home) {
  const tenths = reachOf(element).walk[home];
  return tenths === 0 ? null : (tenths - 1) / 10;
}

/** Minutes of the fastest walk, null beyond the search. */
function minutesOf(element, home) {
  const tenths = reachOf(element).minutes[home];
  return tenths === 0 ? null : (tenths - 1) / 10;
}

function facilitiesOf(element) {
  const served = new Set(raw.elements[element].served_by);
  const rows = [];
  facilities.kind.forEach((kind, row) => {
    if (served.has(facilities.kinds[kind])) rows.push(row);
  });
  return rows;
}

function elementNamed(id) {
  return raw.elements.find((one) => one.id === id);
}

/** Verdicts of a circle (or of all together), in the order of the elements. */
function verdictsOf(circle) {
  return raw.verdicts[circle];
}

/** How many elements have each verdict in a circle. */
function tallyOf(circle) {
  const tally = [0, 0, 0, 0];
  for (const row of verdictsOf(circle)) tally[row.verdict] += 1;
  return tally;
}

/** Share of the judged elements that are met; null where none is judged. */
function metShare(tally) {
  const judged = tally[0] + tally[1] + tally[2];
  return judged === 0 ? null : tally[0] / judged;
}

/** Whether so few elements are judged that the share of those met would mislead. */
function mostlyOpen(tally) {
  return 2 * tally[NOT_ASSESSED] > raw.elements.length;
}

function gapsShown() {
  return gaps.filter((gap) => (state.element === null || gap.element === state.element)
    && (state.circle === everywhere || gap.circle === state.circle));
}

/** A gap's place among those of its element, which is its number on the map. */
function placeOf(gap) {
  return gaps.filter((one) => one.element === gap.element && one.rank <= gap.rank).length;
}

/** Gaps on the map: those of the chosen element, in every circle, by rank. */
function gapsDrawn() {
  return state.element === null ? [] : gaps.filter((gap) => gap.element === state.element);
}

/** Homes and people by class of the chosen element, in the chosen circle. */
function classTally() {
  const [n, people] = reachOf(state.element).tally[state.circle];
  return n.map((one, kind) => ({ homes: one, people: people[kind] }));
}

function circleName(circle) {
  return circle === everywhere ? phrase("map.circle.all") : circles.name[circle] || circles.id[circle];
}

/** Circles whose answer for the choice rests on data that ends too soon. */
function edgeCircles() {
  const rows = [...circles.id.keys()];
  const chosen = state.circle === everywhere ? rows : [state.circle];
  return chosen.filter((circle) => verdictsOf(circle).some((row, element) => row.edge
    && (state.element === null || state.element === element)));
}
