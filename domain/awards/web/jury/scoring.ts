// Scores of one sheet: what may be given, what is missing, what it comes to, and what a number means.
import type { AwardCycle, AwardDimension, AwardSheetHead } from '@console/api/schema';

export type Scores = Record<string, number>;

// All scores that a dimension knows, from none up to the most.
export function stepsOf({ max, step }: Pick<AwardDimension, 'max' | 'step'>): number[] {
  const count = Math.floor(max / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toFixed(6)));
}

export const missing = (dimensions: readonly AwardDimension[], scores: Scores): AwardDimension[] =>
  dimensions.filter(({ id }) => typeof scores[id] !== 'number');

// The weighted sum of what has been given, and the most there is.
export function total(dimensions: readonly AwardDimension[], scores: Scores): { sum: number; max: number } {
  const sum = dimensions.reduce((all, { id, weight }) => all + weight * (scores[id] ?? 0), 0);
  return {
    sum: Number(sum.toFixed(3)),
    max: Number(dimensions.reduce((all, d) => all + d.weight * d.max, 0).toFixed(3)),
  };
}

type Band = NonNullable<AwardCycle['bands']>[number];

export function bandOf(bands: readonly Band[], score: number | undefined): Band | undefined {
  if (score === undefined) return undefined;
  return [...bands].sort((a, b) => b.from - a.from).find(({ from }) => score >= from);
}

// From the band's first score up to the next band's: "7 – 8.5".
export function rangeOf(bands: readonly Band[], band: Band, dimension: Pick<AwardDimension, 'max' | 'step'>): string {
  const next = bands.map(({ from }) => from).filter((from) => from > band.from);
  const to = next.length ? Math.min(...next) - dimension.step : dimension.max;
  return to > band.from ? `${band.from} – ${Number(to.toFixed(6))}` : `${band.from}`;
}

// What is typed for the focused dimension: digits and a point make a number that is taken when it is one of its steps.
export function typed(dimension: AwardDimension, text: string): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  const on = Math.abs(value / dimension.step - Math.round(value / dimension.step)) < 1e-9;
  return value <= dimension.max && on ? value : undefined;
}

export type SheetPlace = 'todo' | 'begun' | 'again' | 'done' | 'waiting' | 'conflict';

// Where a sheet stands for its juror. One that was handed in and is being changed counts as it was handed in.
export function placeOf(sheet: AwardSheetHead): SheetPlace {
  if (sheet.state === 'conflict') return 'conflict';
  if (sheet.state === 'submitted') return 'done';
  if (sheet.ready === false) return 'waiting';
  return sheet.version > 0 ? 'again' : 'todo';
}

export function progress(sheets: readonly AwardSheetHead[]): { done: number; of: number } {
  const own = sheets.filter((one) => one.state !== 'conflict');
  return { done: own.filter((one) => one.version > 0).length, of: own.length };
}
