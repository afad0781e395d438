// What two runs of one trial are compared by.
import type { TrafficTrialRun } from '@console/api/schema';
import type { Point } from '../chart/LinesChart';

export const drawable = ['delay', 'standing', 'running', 'waiting'] as const;
export type Drawable = (typeof drawable)[number];
const column: Record<Drawable, number> = { running: 1, standing: 2, waiting: 3, delay: 4 };

export const seriesOf = (run: TrafficTrialRun, what: Drawable): Point[] =>
  run.series.map((row) => [(row[0] ?? 0) / 60, row[column[what]] ?? null]);

const standing = (run: TrafficTrialRun) => run.series.map((row) => row[2] ?? 0);
export const queueMean = (run: TrafficTrialRun): number | null => {
  if (run.queueMean != null) return run.queueMean;
  const all = standing(run);
  return all.length ? all.reduce((sum, each) => sum + each, 0) / all.length : null;
};
export const queueMax = (run: TrafficTrialRun): number | null =>
  run.queueMax ?? (run.series.length ? Math.max(...standing(run)) : null);

// Before is what a city has, the fixed plan; after is what did best against it.
export function usualPair(runs: readonly TrafficTrialRun[]): { before: string; after: string } {
  const before = runs.find(({ controller }) => controller === 'fixed') ?? runs[0];
  const others = runs.filter((run) => run !== before).sort((a, b) => a.delayS - b.delayS);
  return { before: before?.controller ?? '', after: (others[0] ?? before)?.controller ?? '' };
}

// Of a measure, relative to before; null where there is nothing to compare with.
export const changeOf = (before: number | null, after: number | null): number | null =>
  before === null || after === null || before === 0 ? null : (after - before) / before;
