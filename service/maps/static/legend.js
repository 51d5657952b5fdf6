// Legend: what the signs mean, with units and counts; each heading switches its layer.

const legendFold = { open: window.innerWidth > 760 };

function showLegend() {
  const sections = state.element === null
    ? [circleSection(), homeSection(), streetSection()]
    : [circleSection(), homeSection(), gapSection(), facilitySection(), streetSection()];
  const details = el("details", { open: legendFold.open }, el("summary", {}, phrase("map.legend")), sections,
    el("p", { class: "note" }, denominator()));
  details.addEventListener("toggle", () => { legendFold.open = details.open; });
  fill(document.getElementById("legend"), details);
}

/** What the counts of homes and gaps are parts of. */
function denominator() {
  return state.circle === everywhere
    ? phrase("map.denominator", { homes: count(facts.homes), people: count(facts.people) })
    : phrase("map.denominator.circle", {
      homes: count(circles.homes[state.circle]), people: count(circles.people[state.circle]),
    });
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
  const chosen = [...circles.id.keys()];
  if (state.element !== null) {
    return section("circles", VERDICT_STYLES.map((style, verdict) => {
      const n = chosen.filter((circle) => verdictsOf(circle)[state.element].verdict === verdict).length;
      return legendRow(verdictSwatch(verdict), phrase(style.key), phrase("map.count.circles", { count: n }));
    }));
  }
  const shares = chosen.map((circle) => metShare(tallyOf(circle)));
  const rows = OVERVIEW_COLOURS.map((colour, step) => {
    const sign = swatch((ctx, width, height) => {
      ctx.fillStyle = colour;
      ctx.fillRect(0.5, 0.5, width - 1, height - 1);
      ctx.strokeStyle = "#5b6b76";
      ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 16, 12);
    const n = shares.filter((share) => share !== null && overviewStep(share) === step).length;
    return legendRow(sign, phrase("map.overview.step", { from: 20 * step, to: 20 * (step + 1) }),
      phrase("map.count.circles", { count: n }));
  });
  const open = shares.filter((share) => share === null).length;
  if (open > 0) {
    rows.push(legendRow(verdictSwatch(NOT_ASSESSED), phrase("verdict.not_assessed"),
      phrase("map.count.circles", { count: open })));
  }
  return section("circles", el("p", { class: "note" }, phrase("map.overview.share")), rows);
}

function homesInScope() {
  return state.circle === everywhere ? homes.id.length : circles.homes[state.circle];
}

/** What a class of homes means for the chosen element, in metres. */
function classText(kind) {
  const threshold = raw.elements[state.element].threshold_m;
  return phrase(HOME_STYLES[kind].key, {
    half: count(threshold / 2), one: count(threshold), near: count(1.5 * threshold), two: count(2 * threshold),
  });
}

function homeSection() {
  if (state.element === null || reachOf(state.element) === null) {
    const sign = markSwatch({ mark: "dot", colour: "rgba(60, 74, 84, 0.6)" });
    const rows = [legendRow(sign, phrase(raw.homes.buildings ? "map.home" : "map.home.land"), count(homesInScope()))];
    if (state.element !== null) rows.push(el("p", { class: "note" }, phrase("map.not_walked")));
    return section("homes", rows);
  }
  const tally = classTally();
  const rows = HOME_STYLES.map((style, kind) => (tally[kind].homes === 0 && kind > 4 ? null
    : legendRow(markSwatch(style), classText(kind), phrase("map.count.homes", {
      homes: count(tally[kind].homes), people: count(tally[kind].people),
    }))));
  return section("homes", el("p", { class: "note" }, phrase("map.class.heading")), rows);
}

function gapSection() {
  const counted = gapsShown();
  const sign = (colour, dash) => swatch((ctx, width, height) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.7;
    ctx.setLineDash(dash);
    ctx.strokeRect(1.5, 1.5, width - 3, height - 3);
  });
  const people = counted.reduce((sum, gap) => sum + gap.people, 0);
  const atEdge = counted.filter((gap) => gap.edge).length;
  return section("gaps",
    legendRow(sign(GAP, [5, 2]), phrase("map.gap.sign"), phrase("map.count.gaps", { gaps: count(counted.length), people: count(people) })),
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
  return section("facilities", looks.map(([key, look]) => {
    const n = rows.filter((row) => facilityLook(row).counts === look.counts
      && (!look.counts || facilityLook(row).ambiguous === look.ambiguous)).length;
    return n === 0 && key !== "map.facility.open" ? null : legendRow(sign(look), phrase(key), count(n));
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
