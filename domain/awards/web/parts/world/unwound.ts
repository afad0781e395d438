// Land as it lies on a plane. On the globe a coast goes on over 180°; on a flat map it would run back across all of it. Each
// ring is unwound to go on beyond 180° (the map shows that part on its other side), and one that goes round a pole is
// closed along the map's edge.
type Ring = GeoJSON.Position[];

// A ring begun beyond 180° lies a whole turn from its lakes: each is brought to where most of it is.
function home(ring: Ring): Ring {
  const middle = ring.reduce((sum, [lon = 0]) => sum + lon, 0) / ring.length;
  const turn = 360 * Math.round(middle / 360);
  return turn === 0 ? ring : ring.map(([lon = 0, lat = 0]) => [lon - turn, lat]);
}

export function unwound(ring: Ring): Ring {
  const out: Ring = [];
  let turns = 0;
  let before = ring[0]?.[0] ?? 0;
  for (const [lon = 0, lat = 0] of ring) {
    if (lon - before > 180) turns -= 1;
    else if (before - lon > 180) turns += 1;
    before = lon;
    out.push([lon + 360 * turns, lat]);
  }
  const [first, last] = [out[0], out.at(-1)];
  if (!first || !last || turns === 0) return home(out);
  const pole = (first[1] ?? 0) < 0 ? -85 : 85; // as far as a Mercator map goes
  return [...out, [last[0] ?? 0, pole], [first[0] ?? 0, pole], first];
}

const polygon = (rings: Ring[]): Ring[] => rings.map(unwound);

export function onAPlane(land: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  const features = land.features.map((one) => {
    const shape = one.geometry;
    if (shape.type === 'Polygon') return { ...one, geometry: { ...shape, coordinates: polygon(shape.coordinates) } };
    if (shape.type === 'MultiPolygon')
      return { ...one, geometry: { ...shape, coordinates: shape.coordinates.map(polygon) } };
    return one;
  });
  return { ...land, features };
}
