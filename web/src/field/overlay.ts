// A case as the worker sees it: what the server last said, and upon it what they have done that it does not know yet.
import type { Case, CaseAction } from '../api/schema';
import { inOrder, isUnsent, type OutboxItem } from '../offline/outbox';

export interface WorkItem {
  item: Case;
  queued: OutboxItem[]; // of this case, not sent yet, in order
  actions: CaseAction[]; // what may be done now, as far as is known
  stage: 'todo' | 'begun' | 'done';
}

const photosAndNote: CaseAction = {
  verb: 'report',
  fields: [
    { name: 'photos', required: false, type: 'array' },
    { name: 'note', required: false },
  ],
};
const noteOnly: CaseAction = { verb: 'note', fields: [{ name: 'note', required: true }] };

// What follows a step is known from other cases of the same workflow; where none is, a plain report.
function actionsAfter(verb: string, item: Case, all: readonly Case[]): CaseAction[] {
  const known = (wanted: string) =>
    all
      .filter((other) => other.workflow === item.workflow)
      .flatMap((other) => other.actions)
      .find((action) => action.verb === wanted);
  if (verb === 'accept') return [known('report') ?? photosAndNote, known('note') ?? noteOnly];
  return [known('note') ?? noteOnly];
}

const begins = new Set(['accept', 'task_accept']);
const ends = new Set(['report', 'task_report']);
const fieldVerbs = [
  'accept',
  'task_accept',
  'report',
  'task_report',
  'note',
  'check',
  'extend',
  'return',
  'transfer',
  'suspend',
];

function stageOf(item: Case, user: { id: string; department: string }, last: string | undefined): WorkItem['stage'] {
  if (last && ends.has(last)) return 'done';
  if (last && begins.has(last)) return 'begun';
  const task = (item.tasks ?? []).find((each) => each.department === user.department && each.state !== 'dropped');
  if (item.department !== user.department && task)
    return task.state === 'reported' ? 'done' : task.state === 'working' ? 'begun' : 'todo';
  if (item.holder === user.id && item.stage === 'work') return 'begun';
  return item.actions.some((action) => begins.has(action.verb) || ends.has(action.verb)) ? 'todo' : 'done';
}

export function workOf(
  item: Case,
  outbox: readonly OutboxItem[],
  all: readonly Case[],
  user: { id: string; department: string },
): WorkItem {
  const queued = inOrder(outbox).filter((each) => each.caseId === item.id && each.user === user.id && isUnsent(each));
  const last = queued.filter((each) => each.state !== 'refused' && each.verb !== 'note').at(-1)?.verb;
  const offered = item.actions.filter((action) => fieldVerbs.includes(action.verb));
  const actions = last && (begins.has(last) || ends.has(last)) ? actionsAfter(last, item, all) : offered;
  return { item, queued, actions, stage: stageOf(item, user, last) };
}

// What is this person's to do: what they hold, what their crew is to do and nobody has begun, what waits for somebody of their department and
// was given to no other crew, where that assists.
export function isMine(item: Case, user: { id: string; department: string }, crew?: string): boolean {
  if (item.outcome !== 'open') return false;
  if (item.holder === user.id) return true;
  if (item.crew && (item.stage === 'dispatch' || item.stage === 'work') && item.department === user.department)
    return item.crew === crew && item.holder === '';
  if (item.department === user.department && user.department !== '')
    return item.holder === '' && (item.stage === 'dispatch' || item.stage === 'work');
  return (item.tasks ?? []).some(
    (task) => task.department === user.department && (task.state === 'open' || task.state === 'working'),
  );
}
