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
