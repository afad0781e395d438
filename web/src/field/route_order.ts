// The order of a field worker's day: what is due soon comes when it is due, the rest on the shortest way past it.
//
// Distances are as the crow flies: good enough to order a dozen stops in a district, and needs no network.
import type { Lonlat } from '../map/ground_view';

export interface Stop {
  id: string;
  at: Lonlat | null;
  due: number | null; // city milliseconds
  holding: boolean; // the worker has begun it
}

const earthM = 6_371_000;
const rad = Math.PI / 180;

export function metres(a: Lonlat, b: Lonlat): number {
  const x = (b[0] - a[0]) * rad * Math.cos(((a[1] + b[1]) / 2) * rad);
  const y = (b[1] - a[1]) * rad;
  return earthM * Math.hypot(x, y);
}

const pressingMs = 2 * 3600_000;
const dueOf = (stop: Stop) => stop.due ?? Number.MAX_SAFE_INTEGER;

function lengthOf(way: readonly Stop[], from: Lonlat | null): number {
  let sum = 0;
  let last = from;
  for (const { at } of way) {
    if (at && last) sum += metres(last, at);
    if (at) last = at;
  }
  return sum;
}

// The nearest next, then every stretch turned round that makes the way shorter.
function shortWay(stops: readonly Stop[], from: Lonlat | null): Stop[] {
  const left = [...stops].sort((a, b) => dueOf(a) - dueOf(b) || a.id.localeCompare(b.id));
  const way: Stop[] = [];
  let last = from;
  while (left.length) {
    const near = last
      ? left.reduce((best, stop, i) => (gap(last, stop) < gap(last, left[best] as Stop) ? i : best), 0)
      : 0;
    const [stop] = left.splice(near, 1) as [Stop];
    way.push(stop);
    last = stop.at ?? last;
  }
  for (let better = true; better; ) {
    better = false;
    for (let i = 0; i < way.length - 1; i++)
      for (let k = i + 1; k < way.length; k++) {
        const turned = [...way.slice(0, i), ...way.slice(i, k + 1).reverse(), ...way.slice(k + 1)];
        if (lengthOf(turned, from) < lengthOf(way, from) - 1) {
          way.splice(0, way.length, ...turned);
          better = true;
        }
      }
  }
  return way;
}

const gap = (from: Lonlat | null, stop: Stop) => (from && stop.at ? metres(from, stop.at) : Number.MAX_SAFE_INTEGER);

const wayMax = 60; // beyond, the order of deadlines stands

export function orderDay(stops: readonly Stop[], now: number, from: Lonlat | null): Stop[] {
  const byDue = (list: Stop[]) => list.sort((a, b) => dueOf(a) - dueOf(b) || a.id.localeCompare(b.id));
  const begun = byDue(stops.filter((stop) => stop.holding));
  const pressing = byDue(stops.filter((stop) => !stop.holding && dueOf(stop) - now < pressingMs));
  const rest = stops.filter((stop) => !stop.holding && dueOf(stop) - now >= pressingMs);
  const start = [...begun, ...pressing].findLast((stop) => stop.at)?.at ?? from;
  return [...begun, ...pressing, ...(rest.length > wayMax ? byDue(rest) : shortWay(rest, start))];
}
