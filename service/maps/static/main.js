// Main: puts the parts together and keeps them in step with what is chosen.

const LOW_PX = 450; // a map less high than this cannot show a card above what it is about

const page = { map: window.map_study, canvas: null, before: null };

/** Choose an element, a circle, or both, and show the answer everywhere. */
function choose(change, { zoom = false } = {}) {
  Object.assign(state, change);
  page.map.closePopup();
  show();
  if (zoom) {
    foldPanel();
    fitCircle();
  }
  if ("element" in change || "circle" in change) document.getElementById("panel-body").scrollTop = 0;
}

function show() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = phrase("map.title", { title: facts.title });
  const focused = document.activeElement?.id;
  showHead();
  showChoosers();
  showPanel();
  showLegend();
  showBanner();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  // The head and the banner grow with what they say, and the map gives way.
  page.map.invalidateSize({ animate: false, pan: false });
  page.canvas.redraw();
}

function showHead() {
  const put = (id, ...text) => fill(document.getElementById(id), ...text);
  put("title", given(facts.title), el("span", {}, phrase("map.page")));
  const element = state.element === null ? phrase("map.overview") : said(raw.elements[state.element].name);
  put("subtitle", element, " · ", given(circleName(state.circle)), " · ", phrase("map.data_date.of"), given(facts.data_date));
  put("statement", facts.official ? given(said(facts.standard)) : phrase("map.not_official"));
  put("language", phrase("map.language"));
  put("attribution", el("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener noreferrer", target: "_blank" },
    phrase("map.attribution")), ` · ${phrase("map.drawn")}`);
  put("fold", phrase("map.fold"));
  page.map.zoomControl.setPosition("topright");
  document.querySelector(".leaflet-control-zoom-in").title = phrase("map.zoom_in");
  document.querySelector(".leaflet-control-zoom-out").title = phrase("map.zoom_out");
}

function showBanner() {
  const banner = document.getElementById("banner");
  const touched = edgeCircles();
  banner.hidden = touched.length === 0;
  fill(banner, touched.length === 0 ? null : phrase("map.edge.banner", { count: touched.length }));
}

/** Bounds of a shape, or of all circles. */
function boundsOf(shape, number) {
  const bounds = L.latLngBounds([]);
  for (let ring = shape.from[number]; ring < shape.from[number + 1]; ring += 1) {
    const [west, north, east, south] = shape.box.subarray(4 * ring, 4 * ring + 4);
    bounds.extend(page.map.unproject([west, north], 0)).extend(page.map.unproject([east, south], 0));
  }
  return bounds;
}

/** Bounds of the chosen circle, or of all of them. */
function choiceBounds() {
  const chosen = state.circle === everywhere ? [...circles.id.keys()] : [state.circle];
  const bounds = L.latLngBounds([]);
  chosen.forEach((circle) => bounds.extend(boundsOf(circles.shape, circle)));
  return bounds;
}

function fitCircle() {
  const bounds = choiceBounds();
  if (bounds.isValid()) {
    page.map.fitBounds(bounds, { paddingTopLeft: [24 + legendRoom(), 24], paddingBottomRight: [24, 40], animate: false });
  }
}

/** Pixels on the left that an open legend needs for itself. */
function legendRoom() {
  const legend = document.getElementById("legend");
  const beside = legendFold.open || state.printing;
  return beside && !isNarrow() ? legend.offsetLeft + legend.offsetWidth : 0;
}

/** Pixels at the foot that the folded legend of a narrow map takes. */
function footRoom() {
  return isNarrow() ? document.getElementById("map-box").clientHeight - document.getElementById("legend").offsetTop : 40;
}

function cardHeight() {
  return Math.max(120, Math.min(340, page.map.getSize().y - 150));
}

function openCard(latlng, content) {
  if (isNarrow()) foldLegend();
  const room = Math.max(200, Math.min(320, page.map.getSize().x - 90));
  L.popup({ maxWidth: room, minWidth: Math.min(240, room), maxHeight: cardHeight(),
    autoPanPaddingTopLeft: [14 + legendRoom(), 14], autoPanPaddingBottomRight: [54, footRoom() + 8] })
    .setLatLng(latlng).setContent(content).openOn(page.map);
}

/** Show a gap whole, with its card above it; on a low map the card has to lie over it. */
function showGap(number) {
  const gap = gaps[number];
  if (state.element !== gap.element) choose({ element: gap.element });
  foldPanel();
  if (isNarrow()) foldLegend();
  const bounds = boundsOf(gapShape, number);
  const height = page.map.getSize().y;
  page.map.fitBounds(bounds, {
    paddingTopLeft: [40 + legendRoom(), height < LOW_PX ? 20 : Math.min(cardHeight(), 0.6 * height)],
    paddingBottomRight: [60, footRoom() + 20], maxZoom: 16, animate: false,
  });
  openCard([bounds.getNorth(), bounds.getCenter().lng], gapCard(number));
}

/** On a phone the panel lies over the map: fold it so that the map can be seen. */
function foldPanel() {
  const panel = document.getElementById("panel");
  if (!panel.classList.contains("open")) return;
  panel.classList.remove("open");
  document.getElementById("fold").setAttribute("aria-expanded", "false");
  page.map.invalidateSize({ animate: false, pan: false });
}

function clicked(event) {
  const thing = thingAt(page.map, event.latlng);
  if (thing === null) return;
  if (thing.kind === "home") openCard(latLngOf(page.map, homes.xy, thing.row), homeCard(thing.row));
  else if (thing.kind === "facility") openCard(latLngOf(page.map, facilities.at, thing.row), facilityCard(thing.row));
  else if (thing.kind === "gap") openCard(event.latlng, gapCard(thing.row));
  else {
    choose({ circle: thing.row });
    openCard(event.latlng, circleCard(thing.row));
  }
}

function watchPointer() {
  const tooltip = L.tooltip({ direction: "top", offset: [0, -8], opacity: 0.95 });
  page.map.on("mousemove", (event) => {
    const thing = thingAt(page.map, event.latlng, { pointsOnly: true });
    page.map.getContainer().classList.toggle("over", thing !== null);
    if (thing === null) page.map.closeTooltip(tooltip);
    else tooltip.setLatLng(event.latlng).setContent(hint(thing)).openOn(page.map);
  });
  page.map.on("mouseout movestart", () => page.map.closeTooltip(tooltip));
}

/** The paper has its own fixed layout, so that the map is drawn for it before it is printed. */
function printAs(printing) {
  state.printing = printing;
  document.documentElement.classList.toggle("printing", printing);
  const seen = page.map.getBounds();
  if (printing) page.before = [page.map.getCenter(), page.map.getZoom()];
  show();
  page.map.invalidateSize({ animate: false, pan: false });
  if (!printing) page.map.setView(...page.before, { animate: false });
  else if (seen.contains(choiceBounds())) fitCircle();
  else page.map.fitBounds(seen, { animate: false });
  page.canvas.redraw();
}

function start() {
  page.map.zoomControl = L.control.zoom().addTo(page.map);
  L.control.scale({ imperial: false, maxWidth: 140, position: "bottomright" }).addTo(page.map);
  page.map.options.zoomSnap = 0.1;
  page.canvas = new StudyCanvas({ padding: 0.2 }).addTo(page.map);
  show();
  fitCircle();
  page.map.on("click", clicked);
  watchPointer();
  document.getElementById("language").addEventListener("click", () => {
    choose({ language: state.language === "zh" ? "en" : "zh" });
  });
  const panel = document.getElementById("panel");
  const fold = document.getElementById("fold");
  fold.setAttribute("aria-expanded", "false");
  fold.addEventListener("click", () => {
    fold.setAttribute("aria-expanded", String(panel.classList.toggle("open")));
    page.map.invalidateSize({ animate: false });
  });
  window.addEventListener("resize", () => {
    page.map.invalidateSize({ animate: false });
    if (isNarrow() && !state.printing) foldLegend();
  });
  window.addEventListener("beforeprint", () => printAs(true));
  window.addEventListener("afterprint", () => printAs(false));
}

start();
