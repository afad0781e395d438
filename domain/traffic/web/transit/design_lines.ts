// A design as lines: each part of a route as wide as what it carries, routes that share a street beside one another.
import type { TrafficDesign, TrafficDesignRoute } from '@console/api/schema';

export interface Part {
  route: number;
  from: number; // stop
  to: number;
  load: number; // the larger of the two directions
  lane: number; // among the routes on the same stretch: -1, 0, 1 … around the middle
}

export const maxLoad = ({ loads }: TrafficDesignRoute): number => Math.max(0, ...loads.flat());

export function partsOf({ routes }: TrafficDesign): Part[] {
  const beside = new Map<string, number[]>();
  const key = (a: number, b: number) => `${Math.min(a, b)} ${Math.max(a, b)}`;
  routes.forEach(({ stops }, route) => {
    for (let i = 0; i + 1 < stops.length; i++) {
      const at = key(stops[i] ?? 0, stops[i + 1] ?? 0);
      const all = beside.get(at) ?? [];
      if (!all.includes(route)) beside.set(at, [...all, route]);
    }
  });
  return routes.flatMap(({ stops, loads }, route) =>
    stops.slice(0, -1).map((from, i) => {
      const to = stops[i + 1] ?? from;
      const all = beside.get(key(from, to)) ?? [route];
      const lane = all.indexOf(route) - (all.length - 1) / 2;
      // Seen from the same end whichever way a route goes, so that neighbours do not change sides.
      return { route, from, to, load: Math.max(0, ...(loads[i] ?? [])), lane: from < to ? lane : -lane };
    }),
  );
}

type Point = readonly number[];
const metresPerDegree = 111_320;
const near_m = 15;

// Flat, which is good enough between neighbouring streets.
function apart_m([lon, lat]: Point, [lon2, lat2]: Point): number {
  const shrink = Math.cos(((lat ?? 0) * Math.PI) / 180);
  return metresPerDegree * Math.hypot(((lon2 ?? 0) - (lon ?? 0)) * shrink, (lat2 ?? 0) - (lat ?? 0));
}

// A route's line along the streets, cut at its stops: a piece for each two that follow one another. A stop is where the
// line first comes near it after the stop before, or else comes nearest. Without a line: straight from stop to stop.
export function legsOf(line: readonly Point[] | undefined, stops: readonly Point[]): Point[][] {
  if (!line || line.length < 2) return stops.slice(1).map((to, i) => [stops[i] ?? to, to]);
  let at = 0;
  return stops.slice(1).map((stop, i) => {
    const from = at;
    if (i === stops.length - 2) at = line.length - 1;
    else {
      const ahead = line.slice(from + 1).map((point) => apart_m(point, stop));
      const first = ahead.findIndex((m) => m <= near_m);
      const nearest = first >= 0 ? first : ahead.indexOf(Math.min(...ahead));
      at = Math.min(line.length - 1, from + 1 + Math.max(0, nearest));
    }
    return line.slice(from, at + 1);
  });
}

// A line moved to its right by so many metres, each point across the way that leads through it.
export function besideLine(line: readonly Point[], right_m: number): [number, number][] {
  return line.map(([lon = 0, lat = 0], i) => {
    const [x1 = 0, y1 = 0] = line[Math.max(0, i - 1)] ?? [];
    const [x2 = 0, y2 = 0] = line[Math.min(line.length - 1, i + 1)] ?? [];
    const shrink = Math.cos((lat * Math.PI) / 180);
    const [dx, dy] = [(x2 - x1) * shrink, y2 - y1];
    const long = Math.hypot(dx, dy) || 1;
    const shift = right_m / metresPerDegree / long;
    return [lon + (dy * shift) / shrink, lat - dx * shift];
  });
}

const [thinPx, thickPx] = [1.6, 12];
export const widthOf = (load: number, most: number): number =>
  thinPx + (thickPx - thinPx) * (most > 0 ? load / most : 0);

// Stops fitted into a picture of the given size; a plane's y grows upwards.
export function fitted(positions: readonly (readonly [number, number])[], width: number, height: number, edge: number) {
  const [xs, ys] = [positions.map(([x]) => x), positions.map(([, y]) => y)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((width - 2 * edge) / (east - west || 1), (height - 2 * edge) / (north - south || 1));
  const [left, top] = [(width - (east - west) * scale) / 2, (height - (north - south) * scale) / 2];
  return positions.map(([x, y]): [number, number] => [left + (x - west) * scale, top + (north - y) * scale]);
}
