import { describe, expect, it } from 'vitest';
import { upsert } from '../../src/api/live';
import type { MapEntity } from '../../src/api/schema';
import { countOf } from '../../src/map/counts';
import { collectionOf, differenceOf } from '../../src/map/features';
import { findByName } from '../../src/map/find';
import { inOrder, readEntity } from '../../src/map/ngsi';

const entity = (id: string, more: Partial<MapEntity> = {}): MapEntity => ({
  id,
  type: 'Streetlight',
  name: `light ${id}`,
  state: 'ok',
  geometry: { type: 'Point', coordinates: [1, 2] },
  main: null,
  ...more,
});

describe('map features', () => {
  it('leaves out what has no place', () => {
    expect(collectionOf([entity('a'), entity('b', { geometry: undefined })]).features).toHaveLength(1);
  });
  it('brings the source up to date with the difference', () => {
    const table = new Map([entity('a', { state: 'alarm' }), entity('new')].map((each) => [each.id, each]));
    const drawn = new Set(['a', 'gone']);
    const diff = differenceOf(['a', 'new', 'gone', 'never'], (id) => table.get(id), drawn);
    expect(diff.update?.map((each) => each.id)).toEqual(['a']);
    expect(diff.update?.[0]?.addOrUpdateProperties).toContainEqual({ key: 'state', value: 'alarm' });
    expect(diff.add).toHaveLength(1);
    expect(diff.remove).toEqual(['gone']);
    expect([...drawn].sort()).toEqual(['a', 'new']);
  });
  it('counts by type and state without what is hidden', () => {
    const all = [entity('a'), entity('b', { state: 'warn' }), entity('p', { type: 'Device', state: 'alarm' })];
    const counts = countOf({ all: () => all.values() as IterableIterator<MapEntity> }, ['Device']);
    expect(counts.types).toEqual([
      ['Device', 1, 1],
      ['Streetlight', 2, 1],
    ]);
    expect(counts.total).toBe(2);
    expect(counts.states.alarm).toBe(0);
  });
  it('finds by name or id', () => {
    expect(findByName([entity('a'), entity('b')], 'LIGHT B').map((each) => each.id)).toEqual(['b']);
  });
});

describe('an NGSI-LD entity', () => {
  const read = readEntity({
    id: 'urn:x',
    type: 'WaterObserved',
    '@context': 'c',
    createdAt: '2026-01-01T00:00:00Z',
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [0, 0] } },
    waterLevel: { type: 'Property', value: 0.4, unitCode: 'MTR', observedAt: '2026-01-01T00:00:00Z' },
    depth: { type: 'Property', value: 3 },
    seen: { type: 'Property', value: { '@type': 'DateTime', '@value': '2026' } },
    pumpedBy: { type: 'Relationship', object: 'urn:p' },
    many: { type: 'Relationship', object: ['urn:a', 'urn:b'] },
    odd: 'text',
  });
  it('gives values and relations, and passes over the rest', () => {
    expect(read.attributes.map((row) => row.name)).toEqual(['waterLevel', 'depth', 'seen']);
    expect(read.attributes[2]?.value).toBe('2026');
    expect(read.relations).toEqual([
      { name: 'pumpedBy', objects: ['urn:p'] },
      { name: 'many', objects: ['urn:a', 'urn:b'] },
    ]);
  });
  it('puts the main value first, fixed values last', () => {
    const rows = inOrder(read.attributes, 'depth');
    expect(rows.map((row) => row.name)).toEqual(['depth', 'waterLevel', 'seen']);
  });
});

describe('upsert', () => {
  const list = [{ id: 'a', n: 1 }];
  it('replaces, adds in front, drops', () => {
    expect(upsert(list, { id: 'a', n: 2 }, true)).toEqual([{ id: 'a', n: 2 }]);
    expect(upsert(list, { id: 'b', n: 3 }, true).map((each) => each.id)).toEqual(['b', 'a']);
    expect(upsert(list, { id: 'a', n: 1 }, false)).toEqual([]);
    expect(upsert(list, { id: 'c', n: 1 }, false)).toBe(list);
  });
});
