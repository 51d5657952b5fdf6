// Panel: the choosers, the summary, what is missing, the table of elements, gaps and notices.

const MOST_GAPS = 50;

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
  fill(document.getElementById("panel-body"), summaryPart(),
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
    el("p", { class: "note" }, phrase("map.summary", { homes: count(n), people: peopleText(people, facts.estimated > 0) })),
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
  const figures = row.figures === null ? null : factList([
    [phrase("map.threshold"), phrase(element.rules > 1 ? "map.threshold.upto" : "map.threshold.value", { walk: walk(element.threshold_m) })],
    [phrase("map.share"), row.figures.share === null ? null
      : phrase("map.share.of", { share: percent(row.figures.share, row.target), target: percent(row.target) })],
    [phrase("map.covered"), phrase("map.covered.of", { covered: count(row.figures.covered), people: count(row.figures.people) })],
    [phrase("map.walks"), phrase("map.walks.of", { median: walk(row.figures.median_m), p95: walk(row.figures.p95_m) })],
    [phrase("map.inside"), phrase("map.inside.of", { inside: count(row.figures.inside), ambiguous: count(row.figures.ambiguous) })],
  ]);
  return el("section", { class: "part chosen", id: "chosen" },
    el("h2", {}, said(element.name), verdictBadge(row.verdict)),
    el("p", { class: "note" }, phrase("map.rests", { assessed: row.assessed })), figures,
    el("ul", { class: "dimensions" }, rows),
    el("button", { type: "button", class: "link", onclick: () => choose({ element: null }) }, phrase("map.back")));
}

function circlesPart() {
  if (state.circle !== everywhere) return null;
  const rows = [...circles.id.keys()].map((circle) => {
    const name = el("button", { type: "button", class: "link", onclick: () => choose({ circle }, { zoom: true }) }, given(circleName(circle)));
    if (state.element === null) {
      return el("tr", {}, el("th", { scope: "row" }, name), tallyOf(circle).map((n) => el("td", { class: "number" }, String(n))));
    }
    const row = verdictsOf(circle)[state.element];
    return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, verdictBadge(row.verdict)), el("td", { class: "number" }, shareText(row)));
  });
  const heads = state.element === null
    ? VERDICT_STYLES.map((style, verdict) => el("th", { scope: "col", class: "number" }, verdictSwatch(verdict), el("br"), phrase(style.key)))
    : [el("th", { scope: "col" }, phrase("map.verdict")), el("th", { scope: "col", class: "number" }, phrase("map.share.target"))];
  return part(phrase("map.circles"), el("table", { id: "circles" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, phrase("map.circle")), heads)), el("tbody", {}, rows)));
}

function shareText(row) {
  if (row.figures === null || row.figures.share === null) return phrase("map.nothing");
  return `${percent(row.figures.share, row.target)} / ${percent(row.target)}`;
}

function tablePart() {
  const rows = raw.categories.flatMap((name, category) => [
    el("tr", { class: "group" }, el("th", { colspan: 3, scope: "colgroup" }, said(name))),
    ...[...raw.elements.keys()].filter((row) => raw.elements[row].category === category).flatMap(tableRow),
  ]);
  return part(phrase("map.elements", { count: raw.elements.length }), el("table", { id: "elements" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, phrase("map.element")), el("th", { scope: "col" }, phrase("map.verdict")),
      el("th", { scope: "col", class: "number" }, phrase("map.share.target")))), el("tbody", {}, rows)));
}

function tableRow(element) {
  const row = verdictsOf(state.circle)[element];
  const [, , reason] = row.dimensions[1];
  const chosen = element === state.element ? "chosen" : "";
  const name = el("button", { type: "button", class: "link", id: `row-${element}`, onclick: () => choose({ element }) },
    said(raw.elements[element].name));
  return [
    el("tr", { class: `head ${chosen}` }, el("th", { scope: "row" }, name), el("td", {}, verdictBadge(row.verdict)),
      el("td", { class: "number" }, shareText(row))),
    el("tr", { class: chosen }, el("td", { colspan: 3, class: "reason" }, said(raw.texts[reason]))),
  ];
}

function gapsPart() {
  const shown = gapsShown();
  const overview = state.element === null;
  const rows = shown.slice(0, MOST_GAPS).map((gap) => el("tr", {},
    el("td", { class: "number" }, String(overview ? gap.rank : placeOf(gap))),
    el("th", { scope: "row" }, el("button", { type: "button", class: "link", onclick: () => showGap(gap.number) },
      overview ? said(raw.elements[gap.element].name) : phrase("map.gap.group", { buildings: count(gap.buildings) })),
    el("p", { class: "reason" }, given(circleName(gap.circle)), gap.edge ? ` · ${phrase("map.edge.short")}` : null)),
    el("td", { class: "number" }, count(gap.people)),
    el("td", { class: "number" }, gap.median === null ? phrase("map.beyond") : count(gap.median))));
  const left = shown.length - rows.length;
  return part(phrase("map.gaps", { count: count(shown.length) }),
    el("p", { class: "note" }, phrase("map.gaps.note", { people: count(facts.min_gap_people) })),
    rows.length === 0 ? null : el("table", { id: "gaps" }, el("thead", {}, el("tr", {},
      el("th", { scope: "col", class: "number" }, phrase(overview ? "map.gap.rank" : "map.gap.number")), el("th", { scope: "col" }, phrase("map.gap.where")),
      el("th", { scope: "col", class: "number" }, phrase("map.gap.people")), el("th", { scope: "col", class: "number" }, phrase("map.gap.median_m")))),
    el("tbody", {}, rows)),
    left > 0 ? el("p", { class: "note" }, phrase("map.gaps.more", { count: count(left) })) : null);
}

function noticesPart() {
  const rows = raw.notices.map((one) => {
    const subjects = el("details", {}, el("summary", {}, phrase("map.notice.subjects", { count: count(one.count) })));
    subjects.addEventListener("toggle", () => {
      const left = one.count - one.subjects.length;
      const list = el("p", { class: "subjects" }, one.subjects.flatMap((subject, row) => [row > 0 ? phrase("map.comma") : null, given(subject)]));
      subjects.append(list, left > 0 ? el("p", { class: "note" }, phrase("map.notice.more", { count: count(left) })) : "");
    }, { once: true });
    return el("li", { class: one.severity }, el("p", {}, el("b", {}, phrase(`map.severity.${one.severity}`)), given(said(raw.texts[one.text]))),
      one.count === 0 ? null : subjects);
  });
  return el("details", { class: "part", id: "notices" },
    el("summary", {}, el("h2", {}, phrase("map.notices", { count: rows.length }))), el("ul", {}, rows));
}

function aboutPart() {
  return part(phrase("map.about"), factList([
    [phrase("map.standard"), given(said(facts.standard))],
    [phrase("map.criterion"), phrase(`map.criterion.${facts.criterion}`)],
    [phrase("map.walker"), phrase("map.walker.of", { walker: phrase(`map.walker.${facts.walker}`), speed: count(facts.speed_m_s, 2) })],
    [phrase("map.data_date"), given(facts.data_date)],
    [phrase("map.people.about"), facts.estimated > 0
      ? phrase("map.people.share", { estimated: count(facts.estimated), people: count(facts.people) }) : count(facts.people)],
  ]), el("p", { class: "note" }, given(said(facts.statement))), el("p", { class: "note" }, phrase("map.limits")));
}
