// The grid cells and their flaws as the server draws them, in a form that pages can rely on: whatever lacks a name or a
// shape still has a row in the list.
import type { DutyCoverage, DutyFlawKind, Text } from '../api/schema';
import type { Lonlat } from '../map/ground_view';
import { placeInside } from './inside';

export interface Holder {
  id: string;
  name?: Text;
}

export interface Cell {
  id: string;
  code: string;
  name?: Text;
  holders: Holder[];
  area: string;
  geometry: GeoJSON.Geometry | null;
  at: Lonlat | null;
}

export interface Flaw {
  id: string;
  kind: DutyFlawKind;
  text?: Text;
  cells: string[];
  rules: number[];
  area: string;
  category: string;
  departments: string[];
  geometry: GeoJSON.Geometry | null;
  at: Lonlat | null;
}

interface Feature {
  geometry?: GeoJSON.Geometry | null;
  properties?: Record<string, unknown> | null;
}

const featuresOf = (collection: unknown): Feature[] =>
  (collection as { features?: Feature[] } | undefined)?.features ?? [];

const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

export const cellsOf = (coverage: DutyCoverage): Cell[] =>
  featuresOf(coverage.cells).map(({ geometry = null, properties }) => ({
    id: `cell ${word(properties?.code)}`,
    code: word(properties?.code),
    name: properties?.name as Text | undefined,
    holders: list<Holder>(properties?.holders),
    area: word(properties?.area),
    geometry,
    at: placeInside(geometry as Parameters<typeof placeInside>[0]),
  }));

export const flawsOf = (coverage: DutyCoverage): Flaw[] =>
  featuresOf(coverage.flaws).map(({ geometry = null, properties }, i) => ({
    id: `flaw ${i}`,
    kind: (properties?.kind ?? 'no_rule') as DutyFlawKind,
    text: properties?.text as Text | undefined,
    cells: list<string>(properties?.cells),
    rules: list<number>(properties?.rules),
    area: word(properties?.area),
    category: word(properties?.category),
    departments: list<string>(properties?.departments),
    geometry,
    at: placeInside(geometry as Parameters<typeof placeInside>[0]),
  }));

// Nobody is responsible, or two are: the first is worse.
export const isGap = (kind: DutyFlawKind): boolean => kind === 'cells_hole' || kind === 'no_rule';
