// Finds things on the map by name or id.
import type { MapEntity } from '../api/schema';

const resultsMax = 30;

export function findByName(entities: Iterable<MapEntity>, words: string): MapEntity[] {
  const wanted = words.trim().toLowerCase();
  const found: MapEntity[] = [];
  for (const entity of entities) {
    if (found.length >= resultsMax) break;
    if (`${entity.name} ${entity.id}`.toLowerCase().includes(wanted)) found.push(entity);
  }
  return found;
}
