import { describe, expect, it } from 'vitest';
import { EntityTable } from '../../src/api/entity_table';
import type { CityMap, EntityState } from '../../src/api/schema';

const picture = (seq: number, states: Record<string, EntityState>): CityMap => ({
  seq,
  at: '2026-01-01T00:00:00Z',
  entities: Object.entries(states).map(([id, state]) => ({ id, type: 'Streetlight', name: id, state, main: null })),
});

describe('EntityTable', () => {
  it('lays changes upon the picture', () => {
    const table = new EntityTable();
    table.load(picture(5, { a: 'ok', b: 'ok' }));
    table.apply(6, [{ id: 'a', state: 'alarm' }]);
    expect(table.get('a')?.state).toBe('alarm');
    expect(table.get('b')?.state).toBe('ok');
  });

  it('keeps what came while the picture was on its way, and drops what the picture already shows', () => {
    const table = new EntityTable();
    table.apply(4, [{ id: 'a', state: 'warn' }]);
    table.apply(9, [{ id: 'b', state: 'alarm' }]);
    table.load(picture(7, { a: 'ok', b: 'ok' }));
    expect(table.get('a')?.state).toBe('ok');
    expect(table.get('b')?.state).toBe('alarm');
  });

  it('stays current while a new picture is fetched after a reconnect', () => {
    const table = new EntityTable();
    table.load(picture(7, { a: 'ok' }));
    table.expectLoad();
    table.apply(8, [{ id: 'a', state: 'warn' }]);
    expect(table.get('a')?.state).toBe('warn');
    table.load(picture(8, { a: 'warn' }));
    expect(table.get('a')?.state).toBe('warn');
  });

  it('takes a stale mark that came without a new record', () => {
    const table = new EntityTable();
    table.load(picture(7, { a: 'ok' }));
    table.apply(7, [{ id: 'a', state: 'stale' }]);
    expect(table.get('a')?.state).toBe('stale');
  });

  it('adds what is new, takes away what is deleted, passes over what it cannot know', () => {
    const table = new EntityTable();
    table.load(picture(1, { a: 'ok' }));
    table.apply(2, [
      { id: 'a', removed: true },
      { id: 'n', type: 'Device', name: 'pump', state: 'ok' },
      { id: 'x', state: 'ok' },
    ]);
    expect(table.get('a')).toBeUndefined();
    expect(table.get('n')?.name).toBe('pump');
    expect(table.size).toBe(1);
  });

  it('tells listeners which ones changed', () => {
    const table = new EntityTable();
    const heard: unknown[] = [];
    table.subscribe((changed) => heard.push(changed === 'all' ? 'all' : [...changed]));
    table.load(picture(1, { a: 'ok' }));
    table.apply(2, [{ id: 'a', state: 'warn' }]);
    expect(heard).toEqual(['all', ['a']]);
  });
});
