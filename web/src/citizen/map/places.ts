// Naming places by what lies around them, and bounds: what makes a place tellable without a map.
import type { PublicGround, Text } from '../../api/schema';
import type { Place } from '../kept/draft';

const metresPerDegree = 111_195;

type Ring = [number, number][];
type Shape = PublicGround['features'][number];

// Good to a percent within a city, away from the poles.
export function distanceM(a: Place, b: Place): number {
  const x = (b.lon - a.lon) * Math.cos(((a.lat + b.lat) * Math.PI) / 360);
  return Math.hypot(x, b.lat - a.lat) * metresPerDegree;
}

export function movedBy(from: Place, eastM: number, northM: number): Place {
  const lat = from.lat + northM / metresPerDegree;
  const lon = from.lon + eastM / (metresPerDegree * Math.cos((from.lat * Math.PI) / 180));
  return { lon: round(lon), lat: round(lat) };
}

// A tenth of a metre: what a finger cannot mean more precisely.
const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
export const rounded = ({ lon, lat }: Place): Place => ({ lon: round(lon), lat: round(lat) });

export const isInside = ({ lon, lat }: Place, [west = 0, south = 0, east = 0, north = 0]: readonly number[]): boolean =>
  lon >= west && lon <= east && lat >= south && lat <= north;

function linesOf({ geometry }: Shape): Ring[] {
  if (geometry.type === 'LineString') return [geometry.coordinates as Ring];
  if (geometry.type === 'MultiLineString') return geometry.coordinates as Ring[];
  return [];
}

function toSegmentM(at: Place, a: [number, number], b: [number, number]): number {
  const shrink = Math.cos((at.lat * Math.PI) / 180);
  const [px, py] = [(at.lon - a[0]) * shrink, at.lat - a[1]];
  const [dx, dy] = [(b[0] - a[0]) * shrink, b[1] - a[1]];
  const along = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - along * dx, py - along * dy) * metresPerDegree;
}

function toLineM(at: Place, line: Ring): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < line.length; i++) {
    const [a, b] = [line[i], line[i + 1]];
    if (a && b) least = Math.min(least, toSegmentM(at, a, b));
  }
  return least;
}

function isIn({ lon, lat }: Place, ring: Ring): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi = 0, yi = 0] = ring[i] ?? [];
    const [xj = 0, yj = 0] = ring[j] ?? [];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export interface Described {
  street?: Text;
  streetM: number;
  area?: Text; // a park or a lake before the quarter that it lies in
}

const streetNearM = 250;

export function describe(at: Place, ground: PublicGround | undefined): Described {
  const out: Described = { streetM: Number.POSITIVE_INFINITY };
  let quarter: Text | undefined;
  for (const shape of ground?.features ?? []) {
    const { kind, name } = shape.properties;
    if (kind === 'street') {
      for (const line of linesOf(shape)) {
        const away = toLineM(at, line);
        if (away < out.streetM && away <= streetNearM) Object.assign(out, { street: name, streetM: away });
      }
    } else if (shape.geometry.type === 'Polygon' && isIn(at, (shape.geometry.coordinates as Ring[])[0] ?? [])) {
      if (kind === 'policy') quarter ??= name;
      else out.area ??= name;
    }
  }
  out.area ??= quarter;
  return out;
}

export interface Street {
  name: Text;
  at: Place; // its middle
}

// Each name once, in the language's order; parts of one street are one.
export function streetsOf(ground: PublicGround | undefined, language: 'zh' | 'en'): Street[] {
  const out = new Map<string, Street>();
  for (const shape of ground?.features ?? []) {
    if (shape.properties.kind !== 'street') continue;
    const { name } = shape.properties;
    const line = linesOf(shape)[0] ?? [];
    const [lon, lat] = line[Math.floor(line.length / 2)] ?? [];
    if (lon !== undefined && lat !== undefined && !out.has(name[language]))
      out.set(name[language], { name, at: { lon, lat } });
  }
  const order = new Intl.Collator(language === 'zh' ? 'zh-CN' : 'en');
  return [...out.values()].sort((a, b) => order.compare(a.name[language], b.name[language]));
}
