import { describe, expect, it } from 'vitest';
import type { CaseQuery } from '../../src/api/client';
import { belongs, type InboxData, layOnInbox } from '../../src/api/inbox_cache';
import type { Case, CaseAction, CaseSummary } from '../../src/api/schema';
import { actionFor } from '../../src/cases/CaseActions';
import { caseHotkeys } from '../../src/cases/hotkey_names';
import { offersOf } from '../../src/inbox/bulk';
import { filtersOf, queryOf, viewOf, viewsFor, withFilters } from '../../src/inbox/filters';
import { between } from '../../src/inbox/use_picks';
import { shortCount } from '../../src/map/case_map_view';
import { pointsOf, urgencyOf } from '../../src/map/case_points';
import { rowsInSight } from '../../src/ui/rows_in_sight';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const summary = (id: string, more: Partial<CaseSummary> = {}): CaseSummary =>
  ({
    id,
    severity: 'moderate',
    state: 'filed',
    outcome: 'open',
    overdue: false,
    openedAt: at(0),
    dueAt: at(60),
    ...more,
  }) as CaseSummary;
const pages = (...lists: CaseSummary[][]): InboxData => ({
  pages: lists.map((cases, i) => ({ cases, total: lists.flat().length, next: i + 1 < lists.length ? 'more' : null })),
  pageParams: lists.map(() => ''),
});
const ids = (data: InboxData) => data.pages.map((page) => page.cases.map((item) => item.id).join('')).join('|');

describe('a live event upon the inbox', () => {
  it('changes a row where it stands', () => {
    const after = layOnInbox(pages([summary('a'), summary('b')]), summary('b', { state: 'working' }), {});
    expect(after.pages[0]?.cases[1]?.state).toBe('working');
    expect(ids(after)).toBe('ab');
  });
  it('brings a new case in at its place, and counts it', () => {
    const data = pages([summary('a', { overdue: true }), summary('c', { dueAt: at(90) })]);
    const after = layOnInbox(data, summary('b'), {});
    expect(ids(after)).toBe('abc');
    expect(after.pages[0]?.total).toBe(3);
  });
  it('leaves what comes behind the loaded rows to the next page', () => {
    const data: InboxData = { pages: [{ cases: [summary('a')], total: 9, next: 'more' }], pageParams: [''] };
    expect(ids(layOnInbox(data, summary('z', { severity: 'minor' }), {}))).toBe('a');
    expect(ids(layOnInbox(pages([summary('a')]), summary('z', { severity: 'minor' }), {}))).toBe('az');
  });
  it('takes away what no longer belongs', () => {
    const after = layOnInbox(pages([summary('a')], [summary('b')]), summary('b', { outcome: 'confirmed' }), {});
    expect(ids(after)).toBe('a|');
    expect(after.pages[0]?.total).toBe(1);
  });
  it('does not bring in what only the server can judge', () => {
    expect(ids(layOnInbox(pages([summary('a')]), summary('b'), { q: 'water' }))).toBe('a');
  });
});

describe('belonging to a list', () => {
  const check = (filters: CaseQuery, more: Partial<CaseSummary> = {}) => belongs(summary('a', more), filters);
  it('follows every filter', () => {
    expect(check({})).toBe(true);
    expect(check({ state: 'closed' })).toBe(false);
    expect(check({ state: 'closed' }, { outcome: 'confirmed' })).toBe(true);
    expect(check({ state: 'filed' })).toBe(true);
    expect(check({ department: 'water' }, { department: 'water' })).toBe(true);
    expect(check({ severity: 'severe' })).toBe(false);
    expect(check({ overdue: 'true' })).toBe(false);
    expect(check({ overdue: 'false' })).toBe(true);
    expect(check({ supervised: 'true' }, { supervised: true })).toBe(true);
    expect(check({ q: 'x' })).toBeUndefined();
    expect(check({ q: 'x', overdue: 'true' })).toBe(false);
  });
});

describe('filters in the address', () => {
  it('come back as they went in, beside what else stands there', () => {
    const params = withFilters(new URLSearchParams('view=trace&rule=old'), { department: 'water', q: '积水' });
    expect(params.get('view')).toBe('trace');
    expect(params.get('rule')).toBeNull();
    expect(filtersOf(params)).toEqual({ department: 'water', q: '积水' });
    expect(queryOf({})).toEqual({ state: 'open' });
  });
  it('are recognised as a view', () => {
    const views = viewsFor({ id: 'user:a', department: 'water' });
    expect(viewOf(views, {})).toBe('open');
    expect(viewOf(views, { department: 'water' })).toBe('department');
    expect(viewOf(views, { department: 'traffic' })).toBeUndefined();
    expect(views.length).toBeLessThanOrEqual(9);
    expect(viewsFor({ id: 'user:a', department: '' }).some((view) => view.id === 'department')).toBe(false);
  });
});

describe('picking', () => {
  it('takes the rows between two', () => {
    expect(between(['a', 'b', 'c', 'd'], 'd', 'b')).toEqual(['b', 'c', 'd']);
    expect(between(['a', 'b'], 'gone', 'b')).toEqual(['b']);
  });
});

describe('one step for many', () => {
  const field = (name: string, values: string[], required = true) => ({
    name,
    required,
    options: values.map((value) => ({ value, label: { zh: value, en: value } })),
  });
  const withActions = (id: string, actions: CaseAction[]) => ({ id, actions }) as Case;
  it('offers what some may take, most first, and what moves a case on before the rest', () => {
    const offers = offersOf([
      withActions('a', [
        { verb: 'note', fields: [] },
        { verb: 'dispatch', fields: [] },
      ]),
      withActions('b', [
        { verb: 'dispatch', fields: [] },
        { verb: 'note', fields: [] },
        { verb: 'close', fields: [] },
      ]),
    ]);
    expect(offers.map((offer) => [offer.action.verb, offer.ids.join('')])).toEqual([
      ['dispatch', 'ab'],
      ['note', 'ab'],
      ['close', 'b'],
    ]);
  });
  it('asks for what any of them asks for, and offers only choices that all have', () => {
    const [offer] = offersOf([
      withActions('a', [{ verb: 'dispatch', fields: [field('department', ['x', 'y'])] }]),
      withActions('b', [
        { verb: 'dispatch', fields: [field('department', ['y', 'z']), { name: 'note', required: true }] },
      ]),
    ]);
    expect(offer?.action.fields.map((each) => [each.name, each.options?.map((one) => one.value)])).toEqual([
      ['department', ['y']],
      ['note', undefined],
    ]);
  });
  it("leaves out steps about one case's own matters, and those without a common choice", () => {
    const offers = offersOf([
      withActions('a', [
        { verb: 'check', fields: [] },
        { verb: 'grant', fields: [field('request', ['1'])] },
      ]),
      withActions('b', [{ verb: 'grant', fields: [field('request', ['2'])] }]),
    ]);
    expect(offers).toEqual([]);
  });
});

describe('keys of a case', () => {
  it('take the first of their steps that may be taken', () => {
    const item = { actions: [{ verb: 'cancel', fields: [] }] } as unknown as Case;
    expect(actionFor(item, caseHotkeys.x ?? [])?.verb).toBe('cancel');
    expect(actionFor(item, caseHotkeys.f ?? [])).toBeUndefined();
  });
  it('do not collide with those of the list', () => {
    const list = ['j', 'k', 'o', 'p', 'g', 'N', 'F', 'L', ' ', '.', '*', '/', '?'];
    expect(Object.keys(caseHotkeys).filter((key) => list.includes(key))).toEqual([]);
  });
});

describe('a long list', () => {
  it('draws only what is in sight and a little more', () => {
    expect(rowsInSight({ top: 0, height: 740 }, 74, 100_000)).toEqual({ first: 0, last: 18 });
    const middle = rowsInSight({ top: 3_700_000, height: 740 }, 74, 100_000);
    expect(middle.last - middle.first).toBeLessThan(30);
    expect(middle.first).toBeLessThanOrEqual(50_000);
    expect(rowsInSight({ top: 9000, height: 740 }, 74, 3)).toEqual({ first: 0, last: 3 });
    expect(rowsInSight({ top: 0, height: 740 }, 74, 0)).toEqual({ first: 0, last: 0 });
  });
});

describe('points of the map', () => {
  it('tell urgency by deadline, and leave out what has no place', () => {
    const now = Date.parse(at(0));
    expect(urgencyOf(summary('a', { overdue: true }), now)).toBe('alarm');
    expect(urgencyOf(summary('a', { dueAt: at(30) }), now)).toBe('warn');
    expect(urgencyOf(summary('a', { dueAt: at(300) }), now)).toBe('ok');
    expect(urgencyOf(summary('a', { dueAt: at(-9), outcome: 'confirmed' }), now)).toBe('ok');
    const line = {
      type: 'LineString' as const,
      coordinates: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    };
    const points = pointsOf([summary('a'), summary('b', { location: line })], () => 'x', now);
    expect(points.map((point) => [point.id, point.at])).toEqual([['b', [3, 4]]]);
  });
  it('write large counts shortly', () =>
    expect([7, 999, 1200, 98_400].map(shortCount)).toEqual(['7', '999', '1.2k', '98k']));
});
