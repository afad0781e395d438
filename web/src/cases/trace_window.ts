// Which stretch of time and which readings a trace is about.
import type { TraceStep, Why } from '../api/schema';
import type { ChartMark } from '../ui/HistoryChart';

export const ms = (text: string) => Date.parse(text);

export function windowOf(steps: readonly TraceStep[]): { first: number; last: number } | null {
  const times = steps.map((step) => ms(step.at)).filter(Number.isFinite);
  if (times.length === 0) return null;
  return { first: Math.min(...times), last: Math.max(...times) };
}

// The attribute that tells the story: that of the first reading, or of the finding's reasons.
export function subjectOf(steps: readonly TraceStep[], about: string): { entity: string; attribute: string } | null {
  for (const step of steps) {
    const detail = step.detail ?? {};
    if (step.stage === 'reading' && typeof detail.attribute === 'string' && typeof detail.value === 'number')
      return { entity: step.entity ?? about, attribute: detail.attribute };
    const value = (detail as Why).values?.find((each) => typeof each.value === 'number');
    if (step.stage === 'finding' && value) return { entity: value.entity ?? about, attribute: value.attribute };
  }
  return null;
}

// Moments too near one another to be told apart on a chart become one with all their names.
export function mergeNear(marks: readonly ChartMark[], near: number): ChartMark[] {
  const merged: ChartMark[] = [];
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const last = merged.at(-1);
    if (last && mark.at - last.at < near) last.label = `${last.label} · ${mark.label}`;
    else merged.push({ ...mark });
  }
  return merged;
}
