// One step for many cases: which of them may take it, and what became of each.
import { api, newKey, Problem } from '../api/client';
import type { Case, CaseAction } from '../api/schema';

export const bulkMax = 200;
const atOnce = 6;

// Runs `work` for all, a few at a time, in order of asking.
export async function inParallel<T>(
  list: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < list.length) {
      const at = next;
      next += 1;
      await work(list[at] as T, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, lane));
}

export interface Offer {
  action: CaseAction;
  ids: string[]; // the cases that may take it
}

// Fields that every case asks for alike; choices that differ from case to case are left out, for they cannot be one.
function common(a: CaseAction, b: CaseAction): CaseAction {
  const fields = a.fields.flatMap((field) => {
    const other = b.fields.find((each) => each.name === field.name);
    if (!other) return [field];
    const options = field.options?.filter((option) => other.options?.some((each) => each.value === option.value));
    return [{ ...field, required: field.required || other.required, ...(field.options ? { options } : {}) }];
  });
  const more = b.fields.filter((field) => !a.fields.some((each) => each.name === field.name));
  return { ...a, fields: [...fields, ...more] };
}

// Steps about one case's own matters cannot be taken for many.
const single = new Set([
  'check',
  'merge',
  'unmerge',
  'task_accept',
  'task_report',
  'task_drop',
  'withdraw',
  'plan_command',
]);

// What moves a case on comes first.
const forward = ['take_up', 'dispatch', 'accept', 'report', 'verify', 'close', 'note'];
const rank = (verb: string) => (forward.includes(verb) ? forward.indexOf(verb) : forward.length);

export function offersOf(cases: readonly Case[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const item of cases)
    for (const action of item.actions) {
      if (single.has(action.verb)) continue;
      const known = offers.get(action.verb);
      if (known) known.action = common(known.action, action);
      else offers.set(action.verb, { action, ids: [] });
      offers.get(action.verb)?.ids.push(item.id);
    }
  return [...offers.values()]
    .filter(({ action }) =>
      action.fields.every((field) => !field.required || !field.options || field.options.length > 0),
    )
    .sort((a, b) => b.ids.length - a.ids.length || rank(a.action.verb) - rank(b.action.verb));
}

export interface Outcome {
  id: string;
  state: 'waiting' | 'done' | 'refused' | 'unreached';
  reason?: string;
  after?: Case;
}

export async function readCases(ids: readonly string[], tell: (read: number) => void): Promise<Case[]> {
  const found: (Case | undefined)[] = [];
  let read = 0;
  await inParallel(ids, async (id, at) => {
    found[at] = await api.case(id).catch(() => undefined);
    read += 1;
    tell(read);
  });
  return found.filter((item): item is Case => item !== undefined);
}

// Keys are kept by the caller: what is tried again after an answer was lost is the same wish.
export async function runBulk(
  ids: readonly string[],
  wish: { verb: string; note?: string; fields?: Record<string, unknown> },
  keyOf: (id: string) => string,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  await inParallel(ids, async (id) => {
    try {
      tell({ id, state: 'done', after: await api.actOnCase(id, wish, keyOf(id)) });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, String(error));
      tell({ id, state: problem.status === 0 ? 'unreached' : 'refused', reason: problem.message });
    }
  });
}

export function keeper(): (id: string) => string {
  const known = new Map<string, string>();
  return (id) => {
    const key = known.get(id) ?? newKey();
    known.set(id, key);
    return key;
  };
}
