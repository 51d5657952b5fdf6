// Find: what lies under the pointer. Distances are in world pixels at zoom 0.

const TOUCH_PX = 9;

/** The thing at a place: { kind: "facility" | "home" | "gap" | "circle", row } or null. */
function thingAt(map, latlng, { pointsOnly = false } = {}) {
  const at = map.project(latlng, 0);
  const unit = 1 / map.getZoomScale(map.getZoom(), 0);
  if (state.show.facilities && state.element !== null) {
    const row = nearestOf(facilities.at, facilitiesOf(state.element), at, TOUCH_PX * unit);
    if (row !== null) return { kind: "facility", row };
  }
  if (state.show.homes && map.getZoom() >= 14) {
    const within = (homeRadius(map.getZoom()) + 3) * unit;
    const row = nearestOf(homes.xy, homes.id.keys(), at, within);
    if (row !== null) return { kind: "home", row };
  }
  if (pointsOnly) return null;
  if (state.show.gaps) {
    const gap = gapsDrawn().find((one) => isInside(gapShape, one.number, at));
    if (gap !== undefined) return { kind: "gap", row: gap.number };
  }
  const around = [...circles.id.keys()].filter((row) => isInside(circles.shape, row, at));
  around.sort((a, b) => circles.area_m2[a] - circles.area_m2[b]);
  return around.length > 0 ? { kind: "circle", row: around[0] } : null;
}

function nearestOf(xy, rows, at, within) {
  let best = null;
  let least = within * within;
  for (const row of rows) {
    const [dx, dy] = [xy[2 * row] - at.x, xy[2 * row + 1] - at.y];
    const square = dx * dx + dy * dy;
    if (square <= least) {
      least = square;
      best = row;
    }
  }
  return best;
}

/** Whether a point lies inside a shape, by the even-odd rule over all its rings. */
function isInside(shape, number, { x, y }) {
  let inside = false;
  for (let ring = shape.from[number]; ring < shape.from[number + 1]; ring += 1) {
    const [start, end] = [shape.first[ring], shape.first[ring + 1]];
    for (let i = start, j = end - 1; i < end; j = i, i += 1) {
      const [xi, yi, xj, yj] = [shape.xy[2 * i], shape.xy[2 * i + 1], shape.xy[2 * j], shape.xy[2 * j + 1]];
      if ((yi > y) !== (yj > y) && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

function latLngOf(map, xy, row) {
  return map.unproject([xy[2 * row], xy[2 * row + 1]], 0);
}
