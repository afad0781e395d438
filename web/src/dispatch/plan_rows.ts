// A plan as its pictures show it: the crews in their order with letter and colour, the window of time that holds it all,
// which case stands where, and what an order would be after one step.
import type { Proposal, ProposalRoute, ProposalStop } from '../api/schema';
import type { Window } from '../ui/time_rows';

export const letterOf = (at: number): string => {
  const letter = String.fromCharCode(65 + (at % 26));
  return at < 26 ? letter : `${letter}${Math.floor(at / 26) + 1}`;
};

export const colourOf = (at: number, colours: readonly string[]): string => colours[at % colours.length] ?? '';

const hourMs = 3600_000;
const ms = (text: string) => Date.parse(text);

// From the first departure or duty near the present to the last return; whole hours, and never less than four.
export function windowOf(plan: Pick<Proposal, 'routes' | 'idle'>, now: number): Window {
  const starts = plan.routes.flatMap((route) => [ms(route.departAt), ...route.stops.map((stop) => ms(stop.arriveAt))]);
  const ends = plan.routes.flatMap((route) => [ms(route.endAt), ms(route.until)]);
  const from = Math.floor(Math.min(now, ...starts) / hourMs) * hourMs;
  const to =
    Math.ceil(
      Math.max(now, ...ends, ...plan.idle.map((crew) => ms(crew.until ?? '')).filter(Number.isFinite)) / hourMs,
    ) * hourMs;
  return { from, to: Math.max(to, from + 4 * hourMs) };
}

export interface FoundStop {
  route: ProposalRoute;
  stop: ProposalStop;
  row: number; // of the crew
}

export function findStop(plan: Pick<Proposal, 'routes'>, id: string): FoundStop | null {
  for (const [row, route] of plan.routes.entries()) {
    const stop = route.stops.find((each) => each.case === id);
    if (stop) return { route, stop, row };
  }
  return null;
}

// What the keys walk through: every stop in the crews' order, then what is undone.
export const walkOf = (plan: Pick<Proposal, 'routes' | 'undone'>): string[] => [
  ...plan.routes.flatMap((route) => route.stops.map((stop) => stop.case)),
  ...plan.undone.map((each) => each.case),
];

// What a crew has begun stays where it is: only the rest has an order to be changed.
const movable = (route: Pick<ProposalRoute, 'stops'>) => route.stops.filter((stop) => !stop.begun);

// The order of the crew's cases with one of them moved by so many places; null where that changes nothing.
export function movedBy(route: Pick<ProposalRoute, 'stops'>, id: string, steps: number): string[] | null {
  const order = movable(route).map((stop) => stop.case);
  const at = order.indexOf(id);
  const to = Math.max(0, Math.min(order.length - 1, at + steps));
  if (at < 0 || to === at) return null;
  order.splice(at, 1);
  order.splice(to, 0, id);
  return order;
}

// The same with the case put where the mouse let it go.
export function movedTo(route: Pick<ProposalRoute, 'stops'>, id: string, at: number): string[] | null {
  const stops = movable(route);
  const before = stops.map((stop) => stop.case);
  if (!before.includes(id)) return null;
  const others = stops.filter((stop) => stop.case !== id);
  const place = others.filter((stop) => ms(stop.beginAt) + (ms(stop.departAt) - ms(stop.beginAt)) / 2 < at).length;
  const order = others.map((stop) => stop.case);
  order.splice(place, 0, id);
  return order.join() === before.join() ? null : order;
}

export const refusedIn = (plan: Pick<Proposal, 'routes'>): FoundStop[] =>
  plan.routes.flatMap((route, row) =>
    route.stops.filter((stop) => stop.appointed === 'refused').map((stop) => ({ route, stop, row })),
  );

export const waitsForAppointment = (plan: Pick<Proposal, 'routes'>): boolean =>
  plan.routes.some((route) => route.stops.some((stop) => stop.appointed === 'waiting'));

// So many cases would be appointed by accepting: all that is open, or one crew's part.
export const toAppoint = (plan: Pick<Proposal, 'routes'>, crew?: string): number =>
  plan.routes
    .filter((route) => route.status === 'open' && (!crew || route.crew === crew))
    .reduce((sum, route) => sum + route.stops.filter((stop) => !stop.begun).length, 0);
