// Drawings of indices and the form of a self-assessment, without a browser.
import { describe, expect, it } from 'vitest';
import type { MaturityReport } from '../../src/api/schema';
import { answersOf } from '../../src/evaluation/index/MaturityView';
import { rankText, signed } from '../../src/evaluation/index/names';
import { cornersOf } from '../../src/evaluation/index/Radar';
import { rowsFor } from '../../src/evaluation/index/TierMap';
import { rangeOf, scaleOf } from '../../src/ui/plots';

describe('a scale', () => {
  it('has round steps and ends on them, so that no number lies outside', () => {
    const scale = scaleOf(3.2, 47, 0, 100);
    expect(scale.ticks).toEqual([0, 10, 20, 30, 40, 50]);
    expect(scale(0)).toBe(0);
    expect(scale(50)).toBe(100);
  });
  it('stands numbers that are all alike', () => {
    const scale = scaleOf(0, 0, 0, 10);
    expect(Number.isFinite(scale(0))).toBe(true);
    expect(scale.ticks.length).toBeGreaterThan(1);
  });
  it('runs the other way for what grows upwards', () => {
    const scale = scaleOf(0, 10, 100, 0);
    expect([scale(0), scale(10)]).toEqual([100, 0]);
  });
  it('passes over what is missing', () => expect(rangeOf([null, 4, undefined, -1], 0)).toEqual([-1, 4]));
});

describe('drawings', () => {
  it('of a radar begin at the top, and what is missing lies in the middle', () => {
    const [top, , [x, y] = [0, 0], left] = cornersOf([1, 1, null, 1], (value) => value * 100);
    expect(top?.map(Math.round)).toEqual([x, y - 100]);
    expect(left?.map(Math.round)).toEqual([x - 100, y]);
  });
  it('of tiers put names that would cover one another into rows', () => {
    expect(
      rowsFor([
        { x: 0, space: 50 },
        { x: 10, space: 50 },
        { x: 55, space: 5 },
        { x: 58, space: 5 },
      ]),
    ).toEqual([0, 1, 0, 2]);
  });
});

describe('numbers', () => {
  it('say their sign, and shared ranks their half', () => {
    expect([signed(1.234), signed(-0.5), signed(0), signed(null)]).toEqual(['+1.23', '−0.50', '0.00', '—']);
    expect([rankText(3), rankText(2.5), rankText(null)]).toEqual(['3', '2.5', '—']);
  });
});

describe('a form that is saved', () => {
  const criterion = (id: string, met: '' | 'yes', evidence = '') => ({ id, met, evidence, note: '' });
  const report = {
    capabilities: [{ criteria: [criterion('a', 'yes', 'said, "so"'), criterion('b', ''), criterion('c', 'yes')] }],
  } as unknown as MaturityReport;
  it('holds what was answered before and what was changed, and leaves out what is open', () => {
    expect(answersOf(report, { c: { met: 'partly', evidence: '=1+1' } })).toBe(
      'criterion,met,evidence,note\r\na,yes,"said, ""so""",\r\nc,partly,=1+1,\r\n',
    );
  });
  it('can take an answer back', () => {
    expect(answersOf(report, { a: { met: '', evidence: '' } })).not.toContain('a,');
  });
});
