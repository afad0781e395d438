// Today's work in its order, and where the worker stands when they have said so.
import { useMemo, useState } from 'react';
import type { MyDay } from '../api/schema';
import { createStore, useStore } from '../api/store';
import { whereIAm } from '../cases/LocationField';
import { placeOfCase } from '../map/case_points';
import type { Lonlat } from '../map/ground_view';
import { useCityNow } from '../ui/ticker';
import { toMs } from '../ui/time';
import { inOrderOfDay } from './my_day';
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

// As the crew's plan says; where there is none, by deadline and on the shortest way.
export function useDay(work: readonly WorkItem[], day: MyDay | null): WorkItem[] {
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
    const byWay = orderDay(stops, now, from).flatMap((stop) => byId.get(stop.id) ?? []);
    return inOrderOfDay(byWay, day);
  }, [work, now, from, day]);
}
