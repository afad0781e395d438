// Cases as points of the map.
import type { CaseSummary } from '../api/schema';
import type { CasePoint, Urgency } from './case_map_view';
import type { Lonlat } from './ground_view';

const soonMs = 3600_000;

// Somewhere on the case's place: a point itself, the middle corner of anything longer.
export function placeOfCase(item: Pick<CaseSummary, 'location'>): Lonlat | null {
  let at: unknown = item.location?.coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[Math.floor(at.length / 2)] ?? at[0];
  return Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number' ? [at[0], at[1]] : null;
}

export function urgencyOf(item: Pick<CaseSummary, 'overdue' | 'dueAt' | 'outcome'>, now: number): Urgency {
  if (item.outcome !== 'open') return 'ok';
  const due = item.dueAt ? Date.parse(item.dueAt) : Number.POSITIVE_INFINITY;
  if (item.overdue || due < now) return 'alarm';
  return due - now < soonMs ? 'warn' : 'ok';
}

export function pointsOf(
  cases: readonly CaseSummary[],
  nameOf: (item: CaseSummary) => string,
  now: number,
): CasePoint[] {
  return cases.flatMap((item) => {
    const at = placeOfCase(item);
    return at ? [{ id: item.id, at, name: nameOf(item), urgency: urgencyOf(item, now) }] : [];
  });
}

export function streetsOf(entities: Iterable<{ geometry?: { type: string } | null }>): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  for (const { geometry } of entities)
    if (geometry?.type === 'LineString' || geometry?.type === 'MultiLineString')
      features.push({ type: 'Feature', properties: {}, geometry: geometry as GeoJSON.Geometry });
  return { type: 'FeatureCollection', features };
}
