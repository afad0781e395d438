// Standings as the chair reads them: the best first, how sure a place is, and who lies so near the cut that the scores do not
// decide.
import type { AwardStanding } from '@console/api/schema';
import { rangeOf, type Scale, scaleOf } from '@console/ui/plots';

// Of a normal distribution: 90 % of it, as the intervals of ranks are.
export const ninety = 1.645;

export const interval = ({ adjusted, error, bonus }: AwardStanding): [number, number] | null =>
  adjusted === null || error === null ? null : [adjusted + bonus - ninety * error, adjusted + bonus + ninety * error];

export const inOrder = (standings: readonly AwardStanding[]): AwardStanding[] =>
  [...standings].sort(
    (a, b) =>
      (a.rank ?? Infinity) - (b.rank ?? Infinity) || b.topShare - a.topShare || a.number.localeCompare(b.number),
  );

// The interval of its rank reaches over the last place that is given: a person has to look.
export const isClose = ({ rank, rankLow, rankHigh }: AwardStanding, places: number): boolean =>
  places > 0 && rank !== null && rankLow > 0 && rankLow <= places && rankHigh > places;

// Adjusting for harsh and mild jurors has brought it in or out.
export function movedBy(standings: readonly AwardStanding[]): Map<string, number> {
  const scored = standings.filter(({ raw, rank }) => raw !== null && rank !== null);
  const byRaw = [...scored].sort((a, b) => (b.raw ?? 0) + b.bonus - (a.raw ?? 0) - a.bonus);
  const rawRank = new Map(byRaw.map(({ id }, i) => [id, i + 1]));
  return new Map(scored.map(({ id, rank }) => [id, (rawRank.get(id) ?? 0) - (rank ?? 0)]));
}

export function scaleFor(standings: readonly AwardStanding[], width: number): Scale {
  const values = standings.flatMap((one) => [one.raw, one.final, ...(interval(one) ?? [])]);
  const [low, high] = rangeOf(values);
  return scaleOf(low, high, 8, width - 8, 5);
}
