// Packed text → arrays: the counterpart of service/maps/encoding.py.

/** Bytes of a base64 text. */
function bytesOf(text) {
  const plain = atob(text);
  const bytes = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i += 1) bytes[i] = plain.charCodeAt(i);
  return bytes;
}

/** Integers ≥ 0 written in groups of seven bits, the lowest first. */
function integersOf(text) {
  const bytes = bytesOf(text);
  const values = [];
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 127) * unit;
    if (byte & 128) {
      unit *= 128;
    } else {
      values.push(value);
      value = 0;
      unit = 1;
    }
  }
  return values;
}

/** A column of fixed-width integers ≥ 0, the lowest byte first. */
function columnOf(packed) {
  const bytes = bytesOf(packed.data);
  if (packed.bits === 8) return bytes;
  const width = packed.bits / 8;
  const view = new DataView(bytes.buffer);
  const read = width === 2 ? (at) => view.getUint16(at, true) : (at) => view.getUint32(at, true);
  const values = width === 2
    ? new Uint16Array(bytes.length / 2)
    : new Uint32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i += 1) values[i] = read(i * width);
  return values;
}

/** Positions as Web Mercator pixels at zoom 0, x and y in turn. */
function positionsOf(text, grid) {
  const moved = integersOf(text);
  const world = new Float64Array(moved.length);
  let lon = grid.lon;
  let lat = grid.lat;
  for (let i = 0; i < moved.length; i += 2) {
    lon += unzigzag(moved[i]);
    lat += unzigzag(moved[i + 1]);
    const sine = Math.sin((lat / grid.per_degree) * Math.PI / 180);
    world[i] = 256 * (lon / grid.per_degree / 360 + 0.5);
    world[i + 1] = 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
  }
  return world;
}

function unzigzag(value) {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Lines or rings: all positions, where each line begins and ends, and its bounding box. */
function linesOf(packed, grid) {
  const xy = positionsOf(packed.xy, grid);
  const counts = integersOf(packed.counts);
  const first = new Uint32Array(counts.length + 1);
  const box = new Float64Array(4 * counts.length);
  for (let line = 0; line < counts.length; line += 1) {
    first[line + 1] = first[line] + counts[line];
    let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = first[line]; i < first[line + 1]; i += 1) {
      west = Math.min(west, xy[2 * i]);
      east = Math.max(east, xy[2 * i]);
      north = Math.min(north, xy[2 * i + 1]);
      south = Math.max(south, xy[2 * i + 1]);
    }
    box.set([west, north, east, south], 4 * line);
  }
  return { xy, first, box };
}

/** Shapes of several rings each: where the rings of each shape begin and end. */
function shapesOf(packed, ringsPerShape, grid) {
  const lines = linesOf(packed, grid);
  const from = new Uint32Array(ringsPerShape.length + 1);
  ringsPerShape.forEach((n, shape) => { from[shape + 1] = from[shape] + n; });
  return { ...lines, from };
}
