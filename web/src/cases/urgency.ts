// The order of the inbox: overdue first, then the graver, then the nearer deadline, then the older.
import type { CaseSummary, Severity } from '../api/schema';

const grave: Record<Severity, number> = { extreme: 0, severe: 1, moderate: 2, minor: 3 };

const due = (item: CaseSummary) => (item.dueAt ? Date.parse(item.dueAt) : Number.MAX_SAFE_INTEGER);

export const compareUrgency = (a: CaseSummary, b: CaseSummary): number =>
  Number(b.overdue) - Number(a.overdue) ||
  grave[a.severity] - grave[b.severity] ||
  due(a) - due(b) ||
  a.openedAt.localeCompare(b.openedAt) ||
  a.id.localeCompare(b.id);

export const byUrgency = (cases: readonly CaseSummary[]): CaseSummary[] => [...cases].sort(compareUrgency);
