// Cards: what a popup says of a home, a facility, a gap or a circle.

const DOOR_KINDS = ["point", "gate", "crossing", "ring", "table"];
const LISTED = 12;

function card(heading, kind, ...children) {
  return el("div", { class: "card" }, el("p", { class: "card-kind" }, kind), el("h3", {}, heading), children);
}

/** A home's walk to the nearest facility of the chosen element: what decides, the other in brackets. */
function walkAndMinutes(home) {
  const metres = walkOf(state.element, home);
  if (metres === null) {
    return reachOf(state.element).class[home] === UNLINKED ? phrase("map.class.unlinked")
      : deciding(null, null, raw.elements[state.element].limit);
  }
  const minutes = minutesOf(state.element, home);
  // A decimal stands only where a whole number would be on the wrong side of a limit.
  return bothMeasures(phrase("map.metres", { value: count(metres, metres % 1 ? 1 : 0) }), time(minutes));
}

function homeCard(home) {
  const about = [
    [phrase("map.home.people"), peopleText(homes.people[home], homes.estimated[home] === 1)],
    [phrase("map.source"), given(homes.id[home])],
  ];
  const kind = phrase(raw.homes.buildings ? "map.home" : "map.home.land");
  if (state.element === null || reachOf(state.element) === null) {
    return card(phrase("map.home.has"), kind, homeOverview(home), factList(about));
  }
  const element = raw.elements[state.element];
  const reach = reachOf(state.element);
  const value = (facts.criterion === "minutes" ? minutesOf : walkOf)(state.element, home);
  const kindOf = reach.class[home];
  const nearest = reach.nearest[home];
  const tooSmall = kindOf >= UNCOVERED && value !== null && value <= element.threshold;
  return card(said(element.name), kind, factList([
    [phrase("map.home.nearest"), nearest > 0 ? given(facilityName(nearest - 1))
      : phrase(kindOf === UNLINKED ? "map.nothing" : "map.home.none", { walk: allowed(element.limit) })],
    [phrase("map.home.walk"), nearest === 0 ? null : walkAndMinutes(home)],
    [phrase("map.threshold"), allowed(element.threshold)],
    [phrase("map.home.class"), el("span", { class: "badge" }, markSwatch(HOME_STYLES[kindOf]), classText(kindOf))],
    ...about,
  ]), tooSmall ? el("p", { class: "note" }, phrase("map.home.other_rule")) : null);
}

/** How many of the judged elements a home has within the walk, and which it lacks. */
function homeOverview(home) {
  const circle = homes.circle[home] - 1;
  const judged = raw.elements.filter((_, element) => reachOf(element) !== null && circle >= 0
    && reachOf(element).class[home] !== UNTOLD
    && verdictsOf(circle)[element].verdict !== NOT_ASSESSED);
  const lacking = judged.filter((one) => reachOf(raw.elements.indexOf(one)).class[home] >= UNCOVERED);
  const has = counted("map.home.count", count(judged.length), { has: judged.length - lacking.length });
  return [el("p", {}, has), lacking.length === 0 ? null : el("div", {},
    el("p", { class: "note" }, phrase("map.home.lacks")),
    el("ul", { class: "chips" }, lacking.map((one) => el("li", {}, elementButton(raw.elements.indexOf(one))))))];
}

function facilityName(row) {
  if (facilities.name[row] !== "") return facilities.name[row];
  const element = elementNamed(facilities.kinds[facilities.kind[row]]);
  return phrase("map.facility.unnamed", { element: element ? said(element.name) : "" });
}

function facilityCard(row) {
  const element = elementNamed(facilities.kinds[facilities.kind[row]]);
  const kind = element ? said(element.name) : facilities.kinds[facilities.kind[row]];
  const attributes = facilities.attributes[row];
  return card(given(facilityName(row)), kind, factList([
    [phrase("map.facility.origin"), phrase(`map.origin.${facilities.origin[row]}`)],
    [phrase("map.source"), given(facilities.source[row])],
    [phrase("map.facility.status"), phrase(`map.status.${facilities.status[row]}`)],
    [phrase("map.facility.counts"), phrase(facilityLook(row).counts ? "map.yes" : "map.no")],
    [phrase("map.facility.ambiguous"), facilities.ambiguous[row] === 1 ? phrase("map.facility.unclear") : null],
    [phrase("map.facility.area"), facilities.area_m2[row] === null ? null
      : phrase("map.square_metres", { value: count(facilities.area_m2[row]) })],
    [phrase("map.facility.entrances"), doorsText(row)],
  ]), attributes.length === 0 ? null : el("details", {},
    el("summary", {}, phrase("map.facility.attributes", { count: attributes.length })),
    factList(attributes.map(([name, value]) => [given(name), given(value)]))));
}

function doorsText(row) {
  const kinds = facilities.doorKind.slice(facilities.doors.first[row], facilities.doors.first[row + 1]);
  const parts = DOOR_KINDS.map((name, kind) => [name, kinds.filter((one) => one === kind).length])
    .filter(([, n]) => n > 0)
    .map(([name, n]) => phrase(`map.door.${name}`, { count: n }));
  return parts.join(phrase("map.comma"));
}

/** A gap's median or worst walk in both measures; beyond the search only the limit is known. */
function walkOfGap(gap, which) {
  const [metres, minutes] = [gap[which], gap[`${which}Minutes`]];
  return metres === null || minutes === null ? deciding(metres, minutes, limitOf(gap)) : bothMeasures(walk(metres), time(minutes));
}

function gapCard(number) {
  const gap = gaps[number];
  return card(phrase("map.gap.heading", { place: placeOf(gap), rank: gap.rank, all: gaps.length }), phrase(`map.gap.kind.${gap.kind}`),
    factList([
      [phrase("map.element"), said(raw.elements[gap.element].name)],
      [phrase("map.circle"), given(circleName(gap.circle))],
      [phrase("map.gap.people"), peopleText(rounded(gap.people), facts.estimated > 0)],
      [phrase("map.gap.buildings"), count(gap.buildings)],
      [phrase("map.gap.median"), walkOfGap(gap, "median")],
      [phrase("map.gap.worst"), walkOfGap(gap, "worst")],
      [phrase("map.threshold"), allowed(gap.threshold)],
      [phrase("map.gap.verdict"), phrase(`verdict.${gap.verdict}`)],
      gap.kind === "missing" ? null : [phrase("map.gap.reason"), said(gap.reason)],
    ].filter((fact) => fact !== null)), gap.tolerated === 1 ? el("p", { class: "note" }, phrase("map.gap.tolerated")) : null,
    gap.edge ? el("p", { class: "note" }, phrase("map.edge.gap")) : null);
}

function circleCard(circle) {
  const level = phrase(`map.level.${circles.level[circle]}`);
  return card(given(circleName(circle)), everywhere > 1 ? phrase("map.circle.key", { level, key: circle + 1 }) : level, factList([
    [phrase("map.home.people"), peopleText(circles.people[circle], facts.estimated > 0)],
    [phrase("map.homes"), count(circles.homes[circle])],
    [phrase("map.verdicts"), tallyText(tallyOf(circle))],
    [phrase("map.circle.missing"), el("ul", { class: "chips" },
      missingOf(circle).slice(0, LISTED).map((element) => el("li", {}, elementButton(element))),
      missingOf(circle).length > LISTED ? el("li", {}, phrase("map.more", { count: missingOf(circle).length - LISTED })) : null)],
  ]));
}

function missingOf(circle) {
  return [...raw.elements.keys()].filter((element) => verdictsOf(circle)[element].verdict === SHORT);
}

function tallyText([met, weak, short, open]) {
  return phrase("map.tally", { met, weak, short, open });
}

function elementButton(element) {
  return el("button", { type: "button", class: "chip", onclick: () => choose({ element }) },
    said(raw.elements[element].name));
}

/** One line for the pointer to carry. */
function hint({ kind, row }) {
  if (kind === "facility") return given(facilityName(row));
  if (state.element === null || reachOf(state.element) === null) {
    return el("span", {}, peopleText(homes.people[row], homes.estimated[row] === 1));
  }
  return el("span", {}, walkAndMinutes(row));
}
