// How many of each type and state are on the map; counted at most once a second.
import { useEffect, useState } from 'react';
import type { EntityTable } from '../api/entity_table';
import { entityTable } from '../api/live';
import type { EntityState } from '../api/schema';

export interface Counts {
  total: number;
  types: [type: string, count: number, troubled: number][];
  states: Record<EntityState, number>;
}

export function countOf(table: Pick<EntityTable, 'all'>, hidden: readonly string[] = []): Counts {
  const types = new Map<string, { count: number; troubled: number }>();
  const states: Counts['states'] = { ok: 0, warn: 0, alarm: 0, stale: 0, unknown: 0 };
  let total = 0;
  for (const entity of table.all()) {
    if (!entity.geometry) continue;
    const entry = types.get(entity.type) ?? { count: 0, troubled: 0 };
    entry.count += 1;
    if (entity.state === 'alarm' || entity.state === 'warn') entry.troubled += 1;
    types.set(entity.type, entry);
    if (hidden.includes(entity.type)) continue;
    total += 1;
    states[entity.state] += 1;
  }
  const rows = [...types].map(([type, { count, troubled }]): [string, number, number] => [type, count, troubled]);
  return { total, types: rows.sort((a, b) => a[0].localeCompare(b[0])), states };
}

export function useCounts(hidden: readonly string[]): Counts {
  const key = hidden.join();
  const [counts, setCounts] = useState(() => countOf(entityTable, hidden));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the joined names stand for the array
  useEffect(() => {
    let seen = -1;
    const look = () => {
      if (seen === entityTable.version) return;
      seen = entityTable.version;
      setCounts(countOf(entityTable, hidden));
    };
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [key]);
  return counts;
}
