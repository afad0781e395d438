// What a shift hands on: each case once, under the first heading that calls for attention.
import type { Case, CaseSummary } from '../api/schema';

export interface SheetPart {
  id: 'overdue' | 'supervised' | 'waiting' | 'soon' | 'intake' | 'rest';
  cases: CaseSummary[];
}

const soonMs = 2 * 3600_000;

export function partsOf(open: readonly CaseSummary[], waiting: ReadonlySet<string>, now: number): SheetPart[] {
  const left = new Map(open.map((item) => [item.id, item]));
  const take = (id: SheetPart['id'], such: (item: CaseSummary) => boolean): SheetPart => {
    const cases = [...left.values()].filter(such);
    for (const item of cases) left.delete(item.id);
    return { id, cases };
  };
  return [
    take('overdue', (item) => item.overdue),
    take('supervised', (item) => item.supervised ?? false),
    take('waiting', (item) => waiting.has(item.id)),
    take('soon', (item) => !!item.dueAt && Date.parse(item.dueAt) - now < soonMs),
    take('intake', (item) => item.stage === 'intake' || item.stage === 'filing'),
    take('rest', () => true),
  ];
}

// The last thing that somebody said about a case, for whoever takes it over.
export function lastWord(item: Pick<Case, 'timeline'>): string {
  return item.timeline.findLast((line) => line.note && !line.code)?.note ?? '';
}
