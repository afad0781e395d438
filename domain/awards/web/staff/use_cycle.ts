// Which cycle the staff's pages are about: as the address says, else as chosen last on this machine, else the latest
// that has opened.
import type { AwardCycle } from '@console/api/schema';
import { createStore, useStore } from '@console/api/store';
import { setTimeZone } from '@console/ui/time';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { useCycles } from './api';

const storageKey = 'cityloop.awards.cycle';
const chosen = createStore(localStorage.getItem(storageKey) ?? '');

export function chooseCycle(id: string): void {
  localStorage.setItem(storageKey, id);
  chosen.set(id);
}

const opened = ({ entry, now }: AwardCycle) => !entry.opens || !now || Date.parse(entry.opens) <= Date.parse(now);

export function latest(cycles: readonly AwardCycle[]): AwardCycle | undefined {
  const newest = [...cycles].sort(
    (a, b) => b.year - a.year || (b.entry.opens ?? '').localeCompare(a.entry.opens ?? ''),
  );
  return newest.find(opened) ?? newest[0];
}

export function useCycle() {
  const query = useCycles();
  const stored = useStore(chosen);
  const [params] = useSearchParams();
  const wanted = params.get('cycle') || stored;
  const cycles = query.data?.cycles;
  const cycle = cycles?.find(({ id }) => id === wanted) ?? (cycles && latest(cycles));
  // Times are civil times of the cycle, wherever its people sit; before anything of it is drawn.
  if (cycle) setTimeZone(cycle.timeZone);
  useEffect(() => {
    if (cycle && params.get('cycle') === cycle.id) chooseCycle(cycle.id);
  }, [cycle, params]);
  return { query, cycles: cycles ?? [], cycle, now: Date.parse(cycle?.now ?? '') || Date.now() };
}
