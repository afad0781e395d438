import { describe, expect, it } from 'vitest';
import type { Case, CaseAction } from '../../src/api/schema';
import { emptyDraft, itemFrom, missingIn } from '../../src/field/draft';
import { isMine, workOf } from '../../src/field/overlay';
import { metres, orderDay, type Stop } from '../../src/field/route_order';
import type { OutboxItem } from '../../src/offline/outbox';

const user = { id: 'user:a', department: 'water' };
const action = (verb: string, fields: CaseAction['fields'] = []): CaseAction => ({ verb, fields });
const someCase = (more: Partial<Case>): Case =>
  ({
    id: 'case-1',
    title: { zh: '', en: '' },
    workflow: 'city',
    state: 'dispatched',
    stage: 'dispatch',
    outcome: 'open',
    department: 'water',
    holder: '',
    tasks: [],
    actions: [action('accept'), action('note'), action('dispatch')],
    ...more,
  }) as unknown as Case;
const queued = (verb: string, more: Partial<OutboxItem> = {}): OutboxItem =>
  ({ id: verb, user: user.id, caseId: 'case-1', verb, madeAt: 1, state: 'waiting', photos: [], ...more }) as OutboxItem;

describe("a worker's case", () => {
  const known = someCase({
    id: 'case-2',
    state: 'working',
    actions: [action('report', [{ name: 'photos', required: true }])],
  });
  it('offers what is done in the street and nothing else', () => {
    expect(workOf(someCase({}), [], [], user).actions.map((each) => each.verb)).toEqual(['accept', 'note']);
  });
  it('goes on from an acceptance that is not sent yet, as other cases of the workflow do', () => {
    const work = workOf(someCase({}), [queued('accept')], [known], user);
    expect(work.stage).toBe('begun');
    expect(work.actions[0]).toEqual(known.actions[0]);
    const unknown = workOf(someCase({ workflow: 'other' }), [queued('accept')], [known], user);
    expect(unknown.actions[0]?.fields.map((field) => [field.name, field.required])).toEqual([
      ['photos', false],
      ['note', false],
    ]);
  });
  it('is done once it is reported, and not when that was refused', () => {
    expect(workOf(someCase({}), [queued('accept'), queued('report', { madeAt: 2 })], [], user).stage).toBe('done');
    expect(workOf(someCase({}), [queued('accept', { state: 'refused' })], [], user).stage).toBe('todo');
    expect(workOf(someCase({}), [queued('accept', { state: 'sent' })], [], user).queued).toEqual([]);
  });
  it('is mine when I hold it, when nobody of my department does, or when we assist', () => {
    expect(isMine(someCase({ holder: 'user:a', department: 'other' }), user)).toBe(true);
    expect(isMine(someCase({}), user)).toBe(true);
    expect(isMine(someCase({ holder: 'user:b' }), user)).toBe(false);
    expect(isMine(someCase({ department: 'traffic' }), user)).toBe(false);
    const tasks = [{ number: 1, department: 'water', turn: 1, state: 'open' }] as Case['tasks'];
    expect(isMine(someCase({ department: 'traffic', tasks }), user)).toBe(true);
    expect(isMine(someCase({ outcome: 'confirmed' }), user)).toBe(false);
  });
});

describe('a draft', () => {
  const report = action('report', [
    { name: 'photos', required: true, type: 'array' },
    { name: 'result', required: true },
    { name: 'note', required: false },
  ]);
  it('says what is missing', () => {
    expect(missingIn(report, emptyDraft)).toEqual(['photos', 'result']);
    const filled = { note: '', fields: { result: 'ok' }, photos: [{ id: 'p', when: 'after' as const }] };
    expect(missingIn(report, filled)).toEqual([]);
  });
  it('becomes an item with a key of its own', () => {
    const draft = { note: ' done ', fields: { result: 'ok', more: '' }, photos: [] };
    const one = itemFrom({ ...user, name: { zh: '', en: '' }, roles: [], areas: [] }, someCase({}), report, draft, 5);
    expect(one).toMatchObject({ note: 'done', fields: { result: 'ok' }, state: 'waiting', madeAt: 5 });
    expect(one.id.length).toBeGreaterThanOrEqual(16);
  });
});

describe("the day's order", () => {
  const hour = 3600_000;
  const stop = (id: string, x: number, due: number | null, holding = false): Stop => ({
    id,
    at: [120 + x / 1000, 30],
    due: due === null ? null : due * hour,
    holding,
  });
  const ids = (stops: Stop[]) => stops.map((each) => each.id).join('');
  it('begins with what is begun, then what presses, then the short way', () => {
    const day = orderDay(
      [stop('d', 9, 9), stop('c', 5, 8), stop('b', 50, 1), stop('a', 0, 6, true), stop('e', 45, 7)],
      0,
      null,
    );
    expect(ids(day)).toBe('abedc');
  });
  it('starts from where one stands', () => {
    const three = [stop('a', 1, 9), stop('b', 5, 8), stop('c', 9, 7)];
    expect(ids(orderDay(three, 0, [120.01, 30]))).toBe('cba');
    expect(ids(orderDay(three, 0, [120, 30]))).toBe('abc');
  });
  it('loses nothing that has no place or no deadline', () => {
    const day = orderDay([stop('a', 1, null), { ...stop('b', 0, 5), at: null }, stop('c', 2, 3)], 0, [120, 30]);
    expect(day).toHaveLength(3);
  });
  it('is never longer than the order of deadlines', () => {
    const stops = Array.from({ length: 14 }, (_, i) => stop(String.fromCharCode(97 + i), (i * 37) % 50, 5 + i));
    const length = (way: Stop[]) =>
      way.reduce((sum, each, i) => sum + (i ? metres(way[i - 1]?.at ?? [0, 0], each.at ?? [0, 0]) : 0), 0);
    expect(length(orderDay(stops, 0, null))).toBeLessThan(length(stops));
  });
  it('measures in metres', () => expect(Math.round(metres([120, 30], [120, 30.001]))).toBe(111));
});
