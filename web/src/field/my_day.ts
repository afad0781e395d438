// The day as it was planned for the worker's crew: the order of its stops, the way over the streets, the times. Kept on the
// phone with the rest; who belongs to no crew, or whose crew has nothing appointed, has none.
import { useQuery } from '@tanstack/react-query';
import { planningApi } from '../api/duty_api';
import { Problem } from '../api/http';
import { keys } from '../api/keys';
import type { MyDay, User } from '../api/schema';
import type { Lonlat } from '../map/ground_view';
import { orKept } from '../offline/snapshot';

export type DayStop = MyDay['stops'][number];

// Not to be in a crew is an answer, and kept as one.
export const readMyDay = (user: User): Promise<MyDay | null> =>
  orKept(`my-day ${user.id}`, async () => {
    try {
      return await planningApi.myDay();
    } catch (error) {
      if (error instanceof Problem && (error.status === 404 || error.status === 403)) return null;
      throw error;
    }
  });

export const useMyDay = (user: User) =>
  useQuery<MyDay | null>({
    queryKey: keys.myDay,
    queryFn: () => readMyDay(user),
    refetchInterval: 60_000,
    staleTime: 15_000,
  }).data ?? null;

// The work in the order of the plan; what it does not name comes after, as it was. A stop that is not among the work (done
// meanwhile, or given to others) is passed over.
export function inOrderOfDay<T extends { item: { id: string } }>(work: readonly T[], day: MyDay | null): T[] {
  if (!day || day.stops.length === 0) return [...work];
  const turn = new Map([...day.stops].sort((a, b) => a.turn - b.turn).map((stop, i) => [stop.case, i]));
  const planned = work.filter((each) => turn.has(each.item.id));
  planned.sort((a, b) => (turn.get(a.item.id) ?? 0) - (turn.get(b.item.id) ?? 0));
  return [...planned, ...work.filter((each) => !turn.has(each.item.id))];
}

// The way as the planner found it over the streets; null where there is none, and then straight lines join the stops.
export function wayOfDay(day: MyDay | null): Lonlat[] | null {
  const line = day?.line;
  if (!line) return null;
  const parts =
    line.type === 'LineString'
      ? (line.coordinates as number[][])
      : line.type === 'MultiLineString'
        ? (line.coordinates as number[][][]).flat()
        : [];
  const way = parts.flatMap(([lon, lat]): Lonlat[] => (lon === undefined || lat === undefined ? [] : [[lon, lat]]));
  return way.length > 1 ? way : null;
}
