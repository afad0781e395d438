import { describe, expect, it } from 'vitest';
import type { CaseStep, CaseSummary, TraceStep } from '../../src/api/schema';
import { stepsOf } from '../../src/cases/steps';
import { mergeNear, subjectOf, windowOf } from '../../src/cases/trace_window';
import { byUrgency } from '../../src/cases/urgency';
import { sparkPoints } from '../../src/ui/Sparkline';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const line = (minute: number, verb: string, to: CaseStep['to']): CaseStep => ({ at: at(minute), by: 'x', verb, to });

describe('the seven steps', () => {
  it('shows where an open case stands', () => {
    const timeline = [line(1, 'file', 'filed'), line(2, 'dispatch', 'dispatched')];
    const steps = stepsOf({ state: 'dispatched', timeline, openedAt: at(1) }, at(0));
    expect(steps.map((step) => step.state)).toEqual(['done', 'done', 'now', 'ahead', 'ahead', 'ahead', 'ahead']);
    expect(steps[0]?.at).toBe(at(0));
  });
  it('marks what was skipped on the way to the end', () => {
    const timeline = [line(1, 'file', 'filed'), line(2, 'dispatch', 'dispatched'), line(9, 'close', 'closed')];
    const states = stepsOf({ state: 'closed', timeline, openedAt: at(1) }, null).map((step) => step.state);
    expect(states).toEqual(['done', 'done', 'done', 'skipped', 'skipped', 'skipped', 'done']);
  });
  it('goes back with a case that was returned', () => {
    const timeline = [line(1, 'file', 'filed'), line(2, 'dispatch', 'dispatched'), line(3, 'return', 'filed')];
    const steps = stepsOf({ state: 'filed', timeline, openedAt: at(1) }, null);
    expect(steps[1]).toMatchObject({ state: 'now', at: at(3) });
    expect(steps[2]?.state).toBe('ahead');
  });
  it('is not moved by a note', () => {
    const timeline = [line(1, 'file', 'filed'), line(5, 'note', 'filed')];
    expect(stepsOf({ state: 'filed', timeline, openedAt: at(1) }, null)[1]?.at).toBe(at(1));
  });
});

describe('the inbox', () => {
  const item = (id: string, more: Partial<CaseSummary>) =>
    ({ id, severity: 'moderate', overdue: false, openedAt: at(0), dueAt: at(60), ...more }) as CaseSummary;
  it('puts overdue first, then the graver, then the nearer deadline', () => {
    const order = byUrgency([
      item('late', { dueAt: at(90) }),
      item('soon', { dueAt: at(30) }),
      item('grave', { severity: 'extreme', dueAt: at(99) }),
      item('over', { severity: 'minor', overdue: true }),
      item('never', { dueAt: null }),
    ]).map((each) => each.id);
    expect(order).toEqual(['over', 'grave', 'soon', 'late', 'never']);
  });
});

describe('a trace', () => {
  const step = (stage: TraceStep['stage'], minute: number, detail: object = {}): TraceStep => ({
    stage,
    at: at(minute),
    title: { zh: '', en: '' },
    detail: detail as TraceStep['detail'],
  });
  it('finds its window and its subject', () => {
    const steps = [
      step('finding', 3, { values: [{ attribute: 'waterLevel', value: 0.4, entity: 'w' }] }),
      step('closed', 9),
    ];
    expect(windowOf(steps)).toEqual({ first: 180_000, last: 540_000 });
    expect(subjectOf(steps, 'about')).toEqual({ entity: 'w', attribute: 'waterLevel' });
    expect(windowOf([])).toBeNull();
    expect(subjectOf([step('case', 1)], 'about')).toBeNull();
  });
  it('tells near moments as one', () => {
    const marks = [
      { at: 100, label: 'b' },
      { at: 0, label: 'a' },
      { at: 105, label: 'c' },
    ];
    expect(mergeNear(marks, 10).map((mark) => mark.label)).toEqual(['a', 'b · c']);
    expect(marks[0]?.label).toBe('b');
  });
});

describe('a sparkline', () => {
  it('shows only what is near, with the dot at the moment', () => {
    const samples = [
      [0, 9],
      [1000, 1],
      [2000, 3],
      [3000, 2],
      [9000, 9],
    ];
    const drawn = sparkPoints(samples, 2000, 1500);
    expect(drawn?.line.split(' ')).toHaveLength(3);
    expect(drawn?.dot[0]).toBe(75);
    expect(drawn?.dot[1]).toBe(4);
  });
  it('draws nothing from nothing', () => expect(sparkPoints([[5, 1]], 5, 10)).toBeNull());
});
