// A backtest's findings as rows of a timeline: a row for each entity, those that fired most first.
import type { BacktestFinding } from '../api/schema';

export interface Bar {
  row: number;
  from: number;
  to: number;
  open: boolean; // still active when the period ended
}

export interface Rows {
  names: string[];
  bars: Bar[];
  leftOut: number; // entities beyond rowsMax
}

const rowsMax = 40;

export function backtestRows(findings: readonly BacktestFinding[], periodEnd: number): Rows {
  const byEntity = new Map<string, BacktestFinding[]>();
  for (const finding of findings) byEntity.set(finding.about, [...(byEntity.get(finding.about) ?? []), finding]);
  const ranked = [...byEntity].sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
  const names: string[] = [];
  const bars: Bar[] = [];
  for (const [about, each] of ranked.slice(0, rowsMax)) {
    const row = names.push(each[0]?.aboutName || about) - 1;
    for (const finding of each) {
      const to = finding.clearedAt ? Date.parse(finding.clearedAt) : periodEnd;
      bars.push({ row, from: Date.parse(finding.openedAt), to, open: !finding.clearedAt });
    }
  }
  return { names, bars, leftOut: Math.max(0, ranked.length - rowsMax) };
}
