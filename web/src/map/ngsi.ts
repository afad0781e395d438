// Reads an NGSI-LD normalized entity into rows for people.
import type { Entity, Value } from '../api/schema';

export interface AttributeRow {
  name: string;
  value: Value | object;
  unitCode?: string;
  observedAt?: string;
}
export interface RelationRow {
  name: string;
  objects: string[];
}

const passedOver = new Set(['id', 'type', '@context', 'createdAt', 'modifiedAt', 'scope']);

type Raw = Record<string, unknown>;
const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null;
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function plain(value: unknown): Value | object {
  if (isObject(value) && '@value' in value) return value['@value'] as Value;
  return (value ?? null) as Value | object;
}

export function readEntity(entity: Entity): { attributes: AttributeRow[]; relations: RelationRow[] } {
  const attributes: AttributeRow[] = [];
  const relations: RelationRow[] = [];
  for (const [name, given] of Object.entries(entity)) {
    if (passedOver.has(name)) continue;
    for (const item of Array.isArray(given) ? given : [given]) {
      if (!isObject(item)) continue;
      if (item.type === 'Relationship') {
        const objects = (Array.isArray(item.object) ? item.object : [item.object]).map(String);
        relations.push({ name, objects });
      } else if (item.type === 'LanguageProperty') {
        attributes.push({ name, value: plain(item.languageMap) });
      } else if (item.type !== 'GeoProperty' && 'value' in item) {
        attributes.push({
          name,
          value: plain(item.value),
          unitCode: text(item.unitCode),
          observedAt: text(item.observedAt),
        });
      }
    }
  }
  return { attributes, relations };
}

// Measured values first, newest first; then what is fixed.
export function inOrder(rows: AttributeRow[], main: string | undefined): AttributeRow[] {
  const rank = (row: AttributeRow) => (row.name === main ? 0 : row.observedAt ? 1 : 2);
  return [...rows].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
