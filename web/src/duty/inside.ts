// A place that surely lies inside of a shape: the middle of its widest stretch at half its height. The centre of a bent
// shape may lie outside of it.
import type { Lonlat } from '../map/ground_view';

type Ring = readonly (readonly number[])[];

function crossings(rings: readonly Ring[], lat: number): number[] {
  const found: number[] = [];
  for (const ring of rings)
    ring.forEach(([x = 0, y = 0], i) => {
      const [px = 0, py = 0] = ring[(i + ring.length - 1) % ring.length] ?? [];
      if (y > lat !== py > lat) found.push(px + ((lat - py) / (y - py)) * (x - px));
    });
  return found.sort((a, b) => a - b);
}

function widest(rings: readonly Ring[]): { at: Lonlat; width: number } | null {
  const lats = (rings[0] ?? []).map(([, y = 0]) => y);
  if (lats.length < 3) return null;
  // A little off the middle, so that no corner lies upon the line.
  const lat = Math.min(...lats) + (Math.max(...lats) - Math.min(...lats)) * 0.497;
  const cuts = crossings(rings, lat);
  let best: { at: Lonlat; width: number } | null = null;
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    const [west = 0, east = 0] = [cuts[i], cuts[i + 1]];
    if (!best || east - west > best.width) best = { at: [(west + east) / 2, lat], width: east - west };
  }
  return best;
}

export function placeInside(geometry: { type: string; coordinates?: unknown } | null | undefined): Lonlat | null {
  if (!geometry) return null;
  if (geometry.type === 'Point') {
    const [lon, lat] = geometry.coordinates as number[];
    return lon === undefined || lat === undefined ? null : [lon, lat];
  }
  const parts =
    geometry.type === 'Polygon'
      ? [geometry.coordinates as Ring[]]
      : geometry.type === 'MultiPolygon'
        ? (geometry.coordinates as Ring[][])
        : [];
  const found = parts.flatMap((rings) => widest(rings) ?? []);
  return found.length ? found.reduce((a, b) => (b.width > a.width ? b : a)).at : null;
}
