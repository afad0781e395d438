// Today's work in its order, and where the worker stands when they have said so.
import { useMemo, useState } from 'react';
import { createStore, useStore } from '../api/store';
import { whereIAm } from '../cases/LocationField';
import type { Lonlat } from '../map/case_map_view';
import { placeOfCase } from '../map/case_points';
import { useCityNow } from '../ui/ticker';
import { toMs } from '../ui/time';
import type { WorkItem } from './overlay';
import { metres, orderDay } from './route_order';

export const myPlace = createStore<Lonlat | null>(null);

export function useLocate(): { locate: () => void; failed: boolean } {
  const [failed, fail] = useState(false);
  const locate = () =>
    void whereIAm().then(
      (at) => {
        fail(false);
        myPlace.set([Number(at.coordinates[0]), Number(at.coordinates[1])]);
      },
      () => fail(true),
    );
  return { locate, failed };
}

export function awayText(from: Lonlat | null, to: Lonlat | null): string | undefined {
  if (!from || !to) return undefined;
  const m = metres(from, to);
  return m < 1000 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`;
}

export function useDay(work: readonly WorkItem[]): WorkItem[] {
  const from = useStore(myPlace);
  // The order may change with the minutes, not with the seconds: what one is about to touch stays where it is.
  const now = Math.floor(useCityNow() / 300_000) * 300_000;
  return useMemo(() => {
    const open = work.filter((each) => each.stage !== 'done');
    const stops = open.map(({ item, stage }) => ({
      id: item.id,
      at: placeOfCase(item),
      due: toMs(item.dueAt),
      holding: stage === 'begun',
    }));
    const byId = new Map(open.map((each) => [each.item.id, each]));
    return orderDay(stops, now, from).flatMap((stop) => byId.get(stop.id) ?? []);
  }, [work, now, from]);
}
