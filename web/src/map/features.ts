// Entities as features of the map's one source, and the smallest change that brings it up to date.
import type { GeoJSONSourceDiff } from 'maplibre-gl';
import type { EntityState, MapEntity } from '../api/schema';
import { valueText } from '../ui/values';

const rank: Record<EntityState, number> = { unknown: 0, ok: 1, stale: 2, warn: 3, alarm: 4 };

function propertiesOf(entity: MapEntity): Record<string, unknown> {
  const value = entity.main?.value;
  return {
    id: entity.id,
    type: entity.type,
    name: entity.name,
    state: entity.state,
    rank: rank[entity.state],
    ...(value === null || value === undefined ? {} : { value: valueText(value, entity.main?.unitCode) }),
  };
}

export function featureOf(entity: MapEntity): GeoJSON.Feature | null {
  if (!entity.geometry) return null;
  return { type: 'Feature', properties: propertiesOf(entity), geometry: entity.geometry as GeoJSON.Geometry };
}

export function collectionOf(entities: Iterable<MapEntity>): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  for (const entity of entities) {
    const feature = featureOf(entity);
    if (feature) features.push(feature);
  }
  return { type: 'FeatureCollection', features };
}

// `drawn` are the ids that the source already holds; it is brought up to date with the difference.
export function differenceOf(
  changed: Iterable<string>,
  get: (id: string) => MapEntity | undefined,
  drawn: Set<string>,
): GeoJSONSourceDiff {
  const diff = { add: [], update: [], remove: [] } as Required<Pick<GeoJSONSourceDiff, 'add' | 'update' | 'remove'>>;
  for (const id of changed) {
    const entity = get(id);
    const feature = entity ? featureOf(entity) : null;
    if (!entity || !feature) {
      if (drawn.delete(id)) diff.remove.push(id);
    } else if (drawn.has(id)) {
      const properties = Object.entries(propertiesOf(entity)).map(([key, value]) => ({ key, value }));
      diff.update.push({ id, addOrUpdateProperties: properties });
    } else {
      drawn.add(id);
      diff.add.push(feature);
    }
  }
  return diff;
}
