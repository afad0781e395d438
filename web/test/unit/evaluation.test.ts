// What the evaluation pages make of what the server says, without a browser.
import { describe, expect, it } from 'vitest';
import type { IndicatorAreas, IndicatorRow, Text } from '../../src/api/schema';
import { curvePoints } from '../../src/evaluation/Curve';
import { ranked } from '../../src/evaluation/IndicatorAreas';
import { homeOf } from '../../src/evaluation/IndicatorBehind';
import { byDomain, formulaParts, missingOf, standingOf } from '../../src/evaluation/words';
import { csvOf, csvText } from '../../src/ui/files';

describe('how an indicator stands', () => {
  it('is its level where one is declared, else what its target says', () => {
    expect(standingOf({ value: 3, level: 'watch', miss: 0 })).toBe('watch');
    expect(standingOf({ value: 3, level: null, miss: 0.2 })).toBe('missed');
    expect(standingOf({ value: 3, level: null, miss: 0 })).toBe('met');
    expect(standingOf({ value: 3, level: null, miss: null })).toBe('plain');
  });
  it('is missing before all else, and zero is a value', () => {
    expect(standingOf({ value: null, level: null, miss: null })).toBe('missing');
    expect(standingOf({ value: 0, level: null, miss: 0 })).toBe('met');
  });
  it('counts what is neither there nor out of date as missing', () => {
    expect(missingOf({ expected: 14, present: 11, stale: 2 })).toBe(1);
    expect(missingOf({ expected: 0, present: 0, stale: 0 })).toBe(0);
  });
});

describe('a formula in words', () => {
  const titles = new Map<string, Text>([
    ['open', { zh: '在办', en: 'Open' }],
    ['open_late', { zh: '超期', en: 'Late' }],
  ]);
  it('has names in place of ids and everything else as it is written', () => {
    const parts = formulaParts('100 * open_late / open@city + per_1000(other)', titles);
    expect(parts.map((part) => part.text).join('')).toBe('100 * open_late / open@city + per_1000(other)');
    expect(parts.filter((part) => part.id)).toEqual([
      { text: 'open_late', id: 'open_late', ofCity: false },
      { text: 'open@city', id: 'open', ofCity: true },
    ]);
  });
});

describe('lists', () => {
  it('of domains follow the declared order, and those that are not declared come last', () => {
    const row = (id: string, domain: string) =>
      ({ id, domain, domainName: { zh: domain, en: domain } }) as IndicatorRow;
    const groups = byDomain(
      [row('a', 'stray'), row('b', 'water'), row('c', 'air')],
      [
        { id: 'air', name: { zh: '', en: '' } },
        { id: 'empty', name: { zh: '', en: '' } },
        { id: 'water', name: { zh: '', en: '' } },
      ],
    );
    expect(groups.map(({ id, rows }) => `${id} ${rows.map((each) => each.id)}`)).toEqual([
      'air c',
      'water b',
      'stray a',
    ]);
  });
  it('of areas give those alike one rank, and none to what is missing', () => {
    const row = (value: number | null) => ({ now: { value }, rank: 9 }) as IndicatorAreas['areas'][number];
    expect(ranked([row(1), row(1), row(4), row(null)]).map((each) => each.rank)).toEqual([1, 1, 3, null]);
  });
  it('lead to where a thing is at home', () => {
    expect(homeOf('urn:ngsi-ld:Case:1', 'Case')).toBe('/cases/urn%3Angsi-ld%3ACase%3A1');
    expect(homeOf('urn:x', 'Streetlight')).toBe('/live?entity=urn%3Ax');
    expect(homeOf('urn:x', 'Command')).toBe('/commands');
  });
});

describe('a curve', () => {
  it('holds each value until the next, and the last one to the end', () => {
    const drawn = curvePoints(
      [
        [0, 0],
        [50, 10],
      ],
      0,
      100,
      null,
    );
    expect(drawn?.line).toBe('3.0,33.0 58.0,33.0 58.0,3.0 113.0,3.0');
  });
  it('shows a target that no value reaches', () => {
    const drawn = curvePoints([[0, 10]], 0, 100, 20);
    expect(drawn?.target).toBe(3);
  });
  it('is none without a value', () => expect(curvePoints([], 0, 100, 1)).toBeNull());
});

describe('a table as a file', () => {
  it('quotes what must be, keeps numbers, leaves what is missing empty, and disarms formulas', () => {
    const rows = [['a,b', -1.5, null, '=1+1', 'say "x"']];
    expect(csvText(rows)).toBe('"a,b",-1.5,,\'=1+1,"say ""x"""\r\n');
    expect(csvOf(rows).size).toBe(csvText(rows).length + 3); // the mark that says UTF-8
  });
});
