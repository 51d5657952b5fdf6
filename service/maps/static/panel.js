// Panel: the choosers, the summary, what is missing, the table of elements, gaps and notices.

const MOST_GAPS = { screen: 50, paper: 200 };
const MOST_SUBJECTS_ON_PAPER = 20;
const SHORT_TABLE = 15; // rows that a sheet of paper holds together

function showChoosers() {
  const groups = raw.categories.map((name, category) => {
    const rows = [...raw.elements.keys()].filter((row) => raw.elements[row].category === category);
    return el("optgroup", { label: said(name) }, rows.map((row) => option(row, said(raw.elements[row].name), state.element)));
  });
  const element = el("select", { id: "element" }, option("", phrase("map.overview"), state.element === null ? "" : null), groups);
  element.addEventListener("change", () => choose({ element: element.value === "" ? null : Number(element.value) }));
  const circle = el("select", { id: "circle" }, option(everywhere, phrase("map.circle.all"), state.circle),
    [...circles.id.keys()].map((row) => option(row, circleName(row), state.circle)));
  circle.addEventListener("change", () => choose({ circle: Number(circle.value) }, { zoom: true }));
  fill(document.getElementById("choosers"),
    el("label", {}, el("span", {}, phrase("map.element")), element),
    el("label", {}, el("span", {}, phrase("map.circle")), circle));
}

function option(value, text, chosen) {
  return el("option", { value: String(value), selected: value === chosen }, text);
}

function showPanel() {
  fill(document.getElementById("panel-body"), scenarioPart(), summaryPart(),
    state.element === null ? null : elementPart(), missingPart(), circlesPart(), tablePart(), gapsPart(), noticesPart(), aboutPart());
}

function part(heading, ...children) {
  return el("section", { class: "part" }, el("h2", {}, heading), children);
}

function summaryPart() {
  const all = state.circle === everywhere;
  const [n, people] = all ? [facts.homes, facts.people] : [circles.homes[state.circle], circles.people[state.circle]];
  const tally = tallyOf(state.circle);
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  tally.forEach((value, verdict) => {
    if (value === 0) return;
    const piece = el("span", {}, String(value));
    piece.style.flexGrow = value;
    piece.style.background = VERDICT_STYLES[verdict].colour;
    bar.append(piece);
  });
  return el("section", { class: "part" }, el("h2", {}, given(circleName(state.circle))),
    el("p", { class: "note" }, phrase("map.summary", {
      homes: raw.homes.buildings ? counted("map.buildings", count(n)) : homesText(n), people: peopleText(people, facts.estimated > 0),
    })),
    bar, el("p", { id: "tally" }, tallyText(tally)));
}

function missingPart() {
  const missing = missingOf(state.circle);
  const text = state.circle === everywhere ? "map.missing.all" : "map.missing";
  return part(phrase(text, { count: missing.length }), missing.length === 0
    ? el("p", { class: "note" }, phrase("map.missing.none"))
    : el("ul", { class: "chips", id: "missing" }, missing.map((row) => el("li", {}, elementButton(row)))));
}

function elementPart() {
  const element = raw.elements[state.element];
  const row = verdictsOf(state.circle)[state.element];
  const rows = row.dimensions.map(([dimension, verdict, reason]) => el("li", {},
    el("b", {}, phrase(`dimension.${["scale", "coverage", "efficiency", "quality"][dimension]}`)),
    verdictBadge(verdict), el("p", {}, said(raw.texts[reason]))));
  return el("section", { class: "part chosen", id: "chosen" },
    el("h2", {}, said(element.name), verdictBadge(row.verdict)),
    el("p", { class: "note" }, phrase("map.rests", { assessed: row.assessed })), figureList(element, row.figures),
    el("ul", { class: "dimensions" }, rows),
    el("button", { type: "button", class: "link screen-only", onclick: () => choose({ element: null }) }, phrase("map.back")));
}

/** The figures behind a verdict; without any that mean something, the limit alone. */
function figureList(element, figures) {
  if (element.threshold === null) return null;
  const limit = [phrase("map.threshold"), phrase(element.rules > 1 ? "map.threshold.upto" : "map.threshold.value", { walk: allowed(element.threshold) })];
  const walker = [phrase("map.walker"), facts.by_group ? walkerText(element.walker, element.speed_m_s) : null];
  if (figures === null) return factList([limit, walker, [phrase("map.share"), phrase("map.nothing")]]);
  const covered = phrase("map.covered.of", { covered: count(figures.covered), people: count(figures.people) });
  const byResidents = figures.basis === "population"; // or a group of them, homes or land decide
  const least = (value) => (figures.least === 1 ? phrase("map.at_least", { value }) : value);
  const walks = (values, shown) => (values === null ? null : phrase("map.walks.of", Object.fromEntries(
    ["median", "p95", "farthest"].map((name, place) => [name, shown(values[place])]))));
  // The search went to a multiple of the limit, which only the measure that decides can name.
  const farther = (measure) => (facts.criterion === measure ? phrase("map.walk.over", { walk: allowed(element.limit) }) : phrase("map.nothing"));
  const measures = [
    [phrase("map.walks"), walks(figures.walks_m, (metres) => (metres === null ? farther("metres") : walk(metres)))],
    [phrase("map.walks.minutes"), walks(figures.walks_min, (minutes) => (minutes === null ? farther("minutes") : time(minutes)))],
  ];
  if (facts.criterion === "minutes") measures.reverse();
  return factList([limit, walker,
    [phrase("map.share"), phrase("map.share.of", { share: shareOf(figures), target: targetOf(raw.elements.indexOf(element)) })],
    ...(byResidents ? [] : [[phrase(`map.covered.${figures.basis}`), least(phrase("map.covered.plain", { covered: count(figures.basis_covered), amount: count(figures.basis_amount) }))]]),
    [phrase(byResidents ? "map.covered" : "map.covered.all"), least(covered)],
    [phrase(byResidents ? "map.far" : "map.far.all"), figures.beyond === 0 ? null
      : phrase("map.far.of", { people: peopleText(figures.beyond, false), walk: allowed(element.limit) })],
    ...measures,
    [phrase("map.inside"), figures.ambiguous === 0 ? count(figures.inside)
      : phrase("map.inside.of", { inside: count(figures.inside), ambiguous: count(figures.ambiguous) })],
  ]);
}

/** Every circle with the number that it has on the map. */
function circlesPart() {
  const rows = [...circles.id.keys()].map((circle) => {
    const name = el("button", { type: "button", class: "link", onclick: () => choose({ circle }, { zoom: true }) }, given(circleName(circle)));
    const row = state.element === null ? null : verdictsOf(circle)[state.element];
    return el("tr", { class: circle === state.circle ? "chosen" : null },
      el("td", { class: "number" }, String(circle + 1)), el("th", { scope: "row" }, name),
      row === null ? tallyOf(circle).map((n) => el("td", { class: "number" }, String(n)))
        : [el("td", {}, verdictBadge(row.verdict)), el("td", { class: "number" }, shareText(row, state.element))]);
  });
  const heads = state.element === null
    ? VERDICT_STYLES.map((style, verdict) => el("th", { scope: "col", class: "number" }, verdictSwatch(verdict), el("br"), phrase(style.key)))
    : [el("th", { scope: "col" }, phrase("map.verdict")), el("th", { scope: "col", class: "number" }, phrase("map.share.target"))];
  return part(phrase("map.circles"), el("table", { id: "circles", class: tableClass(rows) },
    el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "number" }, phrase("map.gap.number")), el("th", { scope: "col" }, phrase("map.circle")), heads)),
    el("tbody", {}, rows)));
}

/** Short tables stay on one sheet of paper. */
function tableClass(rows) {
  return rows.length <= SHORT_TABLE ? "short" : null;
}

function shareText(row, element) {
  return row.figures === null ? phrase("map.nothing") : `${shareOf(row.figures)} / ${targetOf(element)}`;
}

function tablePart() {
  // One body for each element: its two rows, and the heading before the first, stay together on paper.
  const bodies = raw.categories.flatMap((name, category) => [...raw.elements.keys()]
    .filter((row) => raw.elements[row].category === category)
    .map((row, place) => el("tbody", {},
      place > 0 ? null : el("tr", { class: "group" }, el("th", { colspan: 3, scope: "colgroup" }, said(name))), tableRow(row))));
  return part(counted("map.elements", count(raw.elements.length)), el("table", { id: "elements" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, phrase("map.element")), el("th", { scope: "col" }, phrase("map.verdict")),
      el("th", { scope: "col", class: "number" }, phrase("map.share.target")))), bodies));
}

function tableRow(element) {
  const row = verdictsOf(state.circle)[element];
  const chosen = element === state.element ? "chosen" : "";
  const name = el("button", { type: "button", class: "link", id: `row-${element}`, onclick: () => choose({ element }) },
    said(raw.elements[element].name));
  return [
    el("tr", { class: `head ${chosen}` }, el("th", { scope: "row" }, name), el("td", {}, verdictBadge(row.verdict)),
      el("td", { class: "number" }, shareText(row, element))),
    el("tr", { class: chosen }, el("td", { colspan: 3, class: "reason" }, said(raw.texts[row.sentence]))),
  ];
}

function gapsPart() {
  const shown = gapsShown();
  const overview = state.element === null;
  const most = state.printing ? MOST_GAPS.paper : MOST_GAPS.screen;
  const rows = shown.slice(0, most).map((gap) => el("tr", {},
    el("td", { class: "number" }, String(overview ? gap.rank : placeOf(gap))),
    el("th", { scope: "row" }, el("button", { type: "button", class: "link", onclick: () => showGap(gap.number) },
      overview ? said(raw.elements[gap.element].name) : homesText(gap.buildings)),
    el("p", { class: "reason" }, given(circleName(gap.circle)), gap.kind === "missing" ? null : ` · ${phrase(`map.gap.short.${gap.kind}`)}`, gap.edge ? ` · ${phrase("map.edge.short")}` : null)),
    el("td", { class: "number" }, count(gap.people)),
    el("td", { class: "number" }, gapMedian(gap))));
  const left = shown.length - rows.length;
  return part(phrase("map.gaps", { count: count(shown.length) }),
    el("p", { class: "note" }, phrase("map.gaps.note", { people: peopleText(facts.min_gap_people, false) })),
    rows.length === 0 ? null : el("table", { id: "gaps", class: tableClass(rows) }, el("thead", {}, el("tr", {},
      el("th", { scope: "col", class: "number" }, phrase(overview ? "map.gap.rank" : "map.gap.number")), el("th", { scope: "col" }, phrase("map.gap.where")),
      el("th", { scope: "col", class: "number" }, phrase("map.gap.people")), el("th", { scope: "col", class: "number" }, phrase(facts.criterion === "minutes" ? "map.gap.median_min" : "map.gap.median_m")))),
    el("tbody", {}, rows)),
    left > 0 ? el("p", { class: "note" }, phrase("map.gaps.more", { count: count(left) })) : null);
}

/** A gap's median walk as the criterion counts it, without its unit. */
function gapMedian(gap) {
  const median = facts.criterion === "minutes" ? gap.medianMinutes : gap.median;
  if (median === null) return phrase("map.over", { value: count(limitOf(gap)) });
  return facts.criterion === "minutes" ? oneDecimal(median) : count(median);
}

function noticesPart() {
  const rows = raw.notices.map((one) => {
    const heading = counted("map.notice.subjects", count(one.count));
    const subjects = state.printing ? el("div", { class: "note" }, heading, subjectList(one, MOST_SUBJECTS_ON_PAPER))
      : el("details", {}, el("summary", {}, heading));
    if (!state.printing) subjects.addEventListener("toggle", () => subjects.append(...subjectList(one)), { once: true });
    return el("li", { class: one.severity }, el("p", {}, el("b", {}, phrase(`map.severity.${one.severity}`)), given(said(raw.texts[one.text]))),
      one.count === 0 ? null : subjects);
  });
  const part = el("details", { class: "part", id: "notices", open: noticesFold.open || state.printing },
    el("summary", {}, el("h2", {}, phrase("map.notices", { count: rows.length }))), el("ul", {}, rows));
  part.addEventListener("toggle", () => { if (!state.printing) noticesFold.open = part.open; });
  return part;
}

const noticesFold = { open: false };

/** What a notice is about, the first ones by name and the rest by number. */
function subjectList(one, most = Infinity) {
  const named = one.subjects.slice(0, most);
  const left = one.count - named.length;
  const list = el("p", { class: "subjects" }, named.flatMap((subject, row) => [row > 0 ? phrase("map.comma") : null, given(subject)]));
  return left > 0 ? [list, el("p", { class: "note" }, phrase("map.notice.more", { count: count(left) }))] : [list];
}

/** Who walks, and how fast on the level. */
function walkerText(walker, speed) {
  return phrase("map.walker.of", { walker: phrase(`map.walker.${walker}`), speed: count(speed, 2) });
}

function aboutPart() {
  return part(phrase("map.about"), factList([
    [phrase("map.standard"), given(said(facts.standard))],
    [phrase("map.criterion"), phrase(`map.criterion.${facts.criterion}`)],
    [phrase("map.walker"), walkerText(facts.walker, facts.speed_m_s)],
    [phrase("map.walkers"), facts.by_group ? phrase("map.walkers.by_group") : null],
    [phrase("map.data_date"), given(facts.data_date)],
    [phrase("map.people.about"), facts.estimated > 0
      ? phrase("map.people.share", { estimated: count(facts.estimated), people: count(facts.people) }) : count(facts.people)],
  ]), el("p", { class: "note" }, given(said(facts.statement))), el("p", { class: "note" }, phrase(facts.slopes ? "map.limits.slopes" : "map.limits")));
}
