// The order of the inbox: overdue first, then the graver, then the nearer deadline, then the older.
import type { CaseSummary, Severity } from '../api/schema';

const grave: Record<Severity, number> = { extreme: 0, severe: 1, moderate: 2, minor: 3 };

export function byUrgency(cases: readonly CaseSummary[]): CaseSummary[] {
  const due = (item: CaseSummary) => (item.dueAt ? Date.parse(item.dueAt) : Number.MAX_SAFE_INTEGER);
  return [...cases].sort(
    (a, b) =>
      Number(b.overdue) - Number(a.overdue) ||
      grave[a.severity] - grave[b.severity] ||
      due(a) - due(b) ||
      a.openedAt.localeCompare(b.openedAt) ||
      a.id.localeCompare(b.id),
  );
}

export const newestFirst = (cases: readonly CaseSummary[]): CaseSummary[] =>
  [...cases].sort((a, b) => b.openedAt.localeCompare(a.openedAt));
