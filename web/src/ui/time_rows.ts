// The geometry of rows over time: where a bar stands in its window, which hours are named, which bar lies beside which.
export interface Window {
  from: number;
  to: number;
}

// In percent of the width; what lies outside is cut off. Null when nothing of it is inside.
export function placeIn(window: Window, from: number, until: number): { left: number; width: number } | null {
  const [a, b] = [Math.max(from, window.from), Math.min(until, window.to)];
  const whole = window.to - window.from;
  if (b <= a || whole <= 0) return null;
  return { left: (100 * (a - window.from)) / whole, width: (100 * (b - a)) / whole };
}

export const timeAt = (window: Window, share: number): number => window.from + share * (window.to - window.from);

const steps = [5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440].map((minutes) => minutes * 60_000);

// Round moments of the city's clock, at most so many; `midnight` is one of the city's.
export function ticksOf(window: Window, midnight: number, most: number): number[] {
  const whole = window.to - window.from;
  const step = steps.find((each) => whole / each <= most) ?? 86_400_000;
  const ticks: number[] = [];
  for (let at = midnight + Math.ceil((window.from - midnight) / step) * step; at <= window.to; at += step)
    ticks.push(at);
  return ticks;
}

// Bars of one row that overlap stand under one another: the lane of each, in the order given.
export function lanesOf(bars: readonly { from: number; until: number }[]): number[] {
  const ends: number[] = [];
  const order = bars.map((_, i) => i).sort((a, b) => (bars[a]?.from ?? 0) - (bars[b]?.from ?? 0) || a - b);
  const lanes: number[] = [];
  for (const i of order) {
    const { from = 0, until = 0 } = bars[i] ?? {};
    const free = ends.findIndex((end) => end <= from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = until;
    lanes[i] = lane;
  }
  return lanes;
}

// Which bar the arrow keys reach from one: in its row the next before or after; above and below the nearest in time.
export function neighbour<B extends { id: string; from: number; until: number }>(
  rows: readonly { bars: readonly B[] }[],
  id: string,
  key: string,
): B | undefined {
  const at = rows.findIndex((row) => row.bars.some((bar) => bar.id === id));
  const here = rows[at]?.bars.find((bar) => bar.id === id);
  if (!here) return rows.find((row) => row.bars.length > 0)?.bars[0];
  const inTime = [...(rows[at]?.bars ?? [])].sort((a, b) => a.from - b.from);
  const place = inTime.indexOf(here);
  if (key === 'ArrowRight') return inTime[place + 1];
  if (key === 'ArrowLeft') return inTime[place - 1];
  if (key === 'Home') return inTime[0];
  if (key === 'End') return inTime.at(-1);
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return undefined;
  const middle = (here.from + here.until) / 2;
  const away = (bar: B) => Math.abs((bar.from + bar.until) / 2 - middle);
  for (let row = at + step; row >= 0 && row < rows.length; row += step) {
    const [first, ...others] = rows[row]?.bars ?? [];
    if (first) return others.reduce((best, bar) => (away(bar) < away(best) ? bar : best), first);
  }
  return undefined;
}
