// The seven steps of a case as a person counts them: 发现 立案 派遣 处置 反馈 核查 结案.
import type { Case, CaseState } from '../api/schema';

export type StepName = 'found' | 'filed' | 'dispatched' | 'working' | 'reported' | 'verifying' | 'closed';
export const stepNames: StepName[] = ['found', 'filed', 'dispatched', 'working', 'reported', 'verifying', 'closed'];

export interface Step {
  name: StepName;
  state: 'done' | 'now' | 'ahead' | 'skipped';
  at: string | null;
}

// States beside the main way, by the step that they belong to.
const beside: Record<string, CaseState> = {
  suspended: 'working',
  forwarded: 'working',
  refused: 'cancelled',
  merged: 'cancelled',
};

const order: CaseState[] = ['filed', 'dispatched', 'working', 'reported', 'verifying', 'closed'];

// When each step was last entered, from the timeline. A case that was sent back has passed a step twice.
export function stepsOf(item: Pick<Case, 'state' | 'timeline' | 'openedAt'>, foundAt: string | null): Step[] {
  const entered = new Map<CaseState, string>();
  for (const line of item.timeline) if (line.verb !== 'note') entered.set(line.to, line.at);
  const standing = beside[item.state] ?? item.state;
  const cancelled = standing === 'cancelled';
  const last = cancelled
    ? Math.max(0, ...order.map((state, i) => (entered.has(state) ? i : 0)))
    : order.indexOf(standing);
  const steps: Step[] = [{ name: 'found', state: 'done', at: foundAt ?? item.openedAt }];
  order.forEach((state, i) => {
    const at = entered.get(state) ?? (state === 'filed' ? item.openedAt : null);
    const here = i === last && !cancelled && state !== 'closed';
    const passed = at !== null && i <= last;
    const now = here ? 'now' : passed ? 'done' : i < last ? 'skipped' : 'ahead';
    steps.push({ name: state as StepName, state: now, at: i <= last ? at : null });
  });
  return steps;
}
