// Legend: what the signs mean, with units and counts; each heading switches its layer.

const NARROW_PX = 700; // a map up to this wide has no room for an open legend beside a card
const legendFold = { open: document.getElementById("map-box").clientWidth > NARROW_PX };

function showLegend() {
  const sections = state.element === null
    ? [scenarioSection(), circleSection(), homeSection(), streetSection()]
    : [scenarioSection(), circleSection(), homeSection(), gapSection(), facilitySection(), streetSection()];
  const details = el("details", { open: legendFold.open || state.printing }, el("summary", {}, phrase("map.legend")), sections,
    el("p", { class: "note" }, denominator()));
  details.addEventListener("toggle", () => legendToggled(details.open));
  fill(document.getElementById("legend"), details);
}

function isNarrow() {
  return page.map.getSize().x <= NARROW_PX;
}

/** On a narrow map the legend and a card take turns; labels move out of the legend's way. */
function legendToggled(open) {
  if (state.printing || open === legendFold.open) return;
  legendFold.open = open;
  if (open && isNarrow()) page.map.closePopup();
  page.canvas.redraw();
}

function foldLegend() {
  if (!legendFold.open) return;
  legendFold.open = false;
  showLegend();
  page.canvas.redraw();
}

/** What the counts of homes and gaps are parts of. */
function denominator() {
  const all = state.circle === everywhere;
  const [n, people] = all ? [facts.homes, facts.people] : [circles.homes[state.circle], circles.people[state.circle]];
  return phrase(all ? "map.denominator" : "map.denominator.circle", { homes: homesText(n), people: peopleText(people, false) });
}

function section(layer, ...rows) {
  const box = el("input", { type: "checkbox", id: `show-${layer}`, checked: state.show[layer] });
  box.addEventListener("change", () => {
    state.show[layer] = box.checked;
    page.canvas.redraw();
  });
  return el("div", { class: "legend-part" },
    el("label", { for: `show-${layer}` }, box, phrase(`map.layer.${layer}`)), rows);
}

function legendRow(sign, text, figure = null) {
  return el("p", { class: "legend-row" }, sign, el("span", {}, text),
    figure === null ? null : el("span", { class: "figure" }, figure));
}

function circleSection() {
  const every = [...circles.id.keys()];
  if (state.element !== null) {
    return section("circles", VERDICT_STYLES.map((style, verdict) => {
      const n = every.filter((circle) => verdictsOf(circle)[state.element].verdict === verdict).length;
      return legendRow(verdictSwatch(verdict), phrase(style.key), phrase("map.count.circles", { count: n }));
    }), keyRow());
  }
  const tallies = every.map((circle) => tallyOf(circle));
  const shares = tallies.filter((tally) => !mostlyOpen(tally)).map(metShare);
  const rows = OVERVIEW_COLOURS.map((colour, step) => {
    const sign = swatch((ctx, width, height) => {
      ctx.fillStyle = colour;
      ctx.fillRect(0.5, 0.5, width - 1, height - 1);
      ctx.strokeStyle = "#5b6b76";
      ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 16, 12);
    const n = shares.filter((share) => overviewStep(share) === step).length;
    return legendRow(sign, phrase("map.overview.step", { from: 20 * step, to: 20 * (step + 1) }),
      phrase("map.count.circles", { count: n }));
  });
  rows.push(legendRow(verdictSwatch(NOT_ASSESSED), phrase("map.overview.open"),
    phrase("map.count.circles", { count: every.length - shares.length })));
  return section("circles", el("p", { class: "note" }, phrase("map.overview.share")), rows, keyRow());
}

/** What the numbers of circles are, where there is more than one circle. */
function keyRow() {
  if (everywhere < 2) return null;
  return legendRow(swatch((ctx, width, height) => paintKey(ctx, "1", width / 2, height / 2, 8, false), 18, 18), phrase("map.circle.keys"));
}

function homesInScope() {
  return state.circle === everywhere ? homes.id.length : circles.homes[state.circle];
}

/** What a class of homes means for the chosen element, in metres or, where they decide, minutes. */
function classText(kind) {
  const { threshold } = raw.elements[state.element];
  return phrase(HOME_STYLES[kind].key, {
    half: allowed(threshold / 2), one: allowed(threshold), near: allowed(1.5 * threshold), two: allowed(2 * threshold),
  });
}

function homeSection() {
  if (state.element === null || reachOf(state.element) === null) {
    const sign = markSwatch(PLAIN_HOME);
    const rows = [legendRow(sign, phrase(raw.homes.buildings ? "map.home" : "map.home.land"), count(homesInScope()))];
    rows.push(el("p", { class: "note" }, phrase(state.element === null ? "map.homes.from_close" : "map.not_walked")));
    return section("homes", rows);
  }
  const tally = classTally();
  const rows = HOME_STYLES.map((style, kind) => (tally[kind].homes === 0 && kind > 4 ? null
    : legendRow(markSwatch(style), classText(kind), phrase("map.count.homes", {
      homes: count(tally[kind].homes), people: count(tally[kind].people),
    }))));
  return section("homes", el("p", { class: "note" }, phrase(facts.criterion === "minutes" ? "map.class.heading.minutes" : "map.class.heading")), rows);
}

function gapSection() {
  const shown = gapsShown();
  const sign = (colour, dash) => swatch((ctx, width, height) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.7;
    ctx.setLineDash(dash);
    ctx.strokeRect(1.5, 1.5, width - 3, height - 3);
  });
  const missing = shown.filter((gap) => gap.kind === "missing");
  const people = missing.reduce((sum, gap) => sum + gap.people, 0);
  const others = ["insufficient", "inconvenient", "poor"]
    .map((kind) => [kind, shown.filter((gap) => gap.kind === kind).length])
    .filter(([, number]) => number > 0);
  const atEdge = shown.filter((gap) => gap.edge).length;
  return section("gaps",
    legendRow(sign(GAP, [5, 2]), phrase("map.gap.sign"), phrase("map.count.gaps", { gaps: count(missing.length), people: peopleText(rounded(people), false) })),
    el("p", { class: "note" }, phrase("map.gap.outline", { walk: walk(facts.outline_m) })),
    others.map(([kind, number]) => legendRow(sign(GAP, [5, 2]), phrase(`map.gap.kind.${kind}`), count(number))),
    atEdge === 0 ? null : legendRow(sign(GAP_AT_EDGE, [3, 3]), phrase("map.gap.edge_sign"), count(atEdge)));
}

function facilitySection() {
  const rows = facilitiesOf(state.element);
  const sign = (look) => swatch((ctx, width, height) => paintFacility(ctx, width / 2, height / 2, look, 5.5));
  const looks = [
    ["map.facility.open", { counts: true, ambiguous: false }],
    ["map.facility.unclear", { counts: true, ambiguous: true }],
    ["map.facility.hollow", { counts: false, ambiguous: false }],
  ];
  const isHere = (row) => (state.circle === everywhere ? facilities.circle[row] >= 0 : facilities.circle[row] === state.circle);
  const where = phrase(state.circle === everywhere ? "map.facility.where" : "map.facility.where.circle");
  return section("facilities", el("p", { class: "note" }, where), looks.map(([key, look]) => {
    const alike = rows.filter((row) => facilityLook(row).counts === look.counts
      && (!look.counts || facilityLook(row).ambiguous === look.ambiguous));
    const here = alike.filter(isHere).length;
    return alike.length === 0 && key !== "map.facility.open" ? null
      : legendRow(sign(look), phrase(key), phrase("map.count.facilities", { here: count(here), elsewhere: count(alike.length - here) }));
  }));
}

function streetSection() {
  const sign = swatch((ctx, width, height) => {
    [...STREET_STYLES].reverse().forEach((style, row) => {
      ctx.strokeStyle = style.colour;
      ctx.lineWidth = style.width * 1.2;
      ctx.beginPath();
      ctx.moveTo(0, 3 + row * 4);
      ctx.lineTo(width, 3 + row * 4);
      ctx.stroke();
    });
  });
  return section("streets", legendRow(sign, phrase("map.streets.sign")));
}
