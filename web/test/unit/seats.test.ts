import { describe, expect, it } from 'vitest';
import type { Case, CaseClock, CaseSummary } from '../../src/api/schema';
import { clockWords } from '../../src/cases/clock_words';
import { isMediaId, photosOf } from '../../src/cases/photos';
import { wishFrom } from '../../src/cases/step_values';
import { lastWord, partsOf } from '../../src/handover/sheet_rows';
import { en } from '../../src/i18n/en';
import { zh } from '../../src/i18n/zh';
import { queryOf, share, wishOf } from '../../src/supervise/period';

const at = (minute: number) => new Date(minute * 60_000).toISOString();

describe('a clock in words', () => {
  const clock = (more: Partial<CaseClock>): CaseClock => ({
    id: 'close',
    calendar: 'office',
    light: 'green',
    limitS: 14_400,
    usedS: 3600,
    extendedS: 0,
    stoodS: 0,
    startedAt: at(0),
    ...more,
  });
  const say = (key: string, values: Record<string, string>) => [key, ...Object.values(values)].join(' ');
  const words = (more: Partial<CaseClock>) => clockWords(clock(more), 'office', 0, (ms) => `${ms / 60_000}'`, say);
  const heads = (more: Partial<CaseClock>) => words(more).head.split(' ')[0];
  it('says how long there is, or that it is over, stands, or has ended', () => {
    expect(heads({ dueAt: at(200) })).toBe('clockDue');
    expect(heads({ dueAt: at(-5) })).toBe('clockOver');
    expect(heads({ standsSince: at(-5) })).toBe('clockStands');
    expect(heads({ endedAt: at(-5) })).toBe('clockEnded');
  });
  it('says why, and only what is so', () => {
    const keys = (more: Partial<CaseClock>) => words({ dueAt: at(9), ...more }).why.map((each) => each.split(' ')[0]);
    expect(keys({ usedS: 0 })).toEqual(['clockLimit', 'clockFrom']);
    expect(keys({ extendedS: 60, stoodS: 60 })).toEqual([
      'clockLimit',
      'clockExtended',
      'clockFrom',
      'clockUsed',
      'clockStood',
    ]);
  });
});

describe('photos of a case', () => {
  const id = (letter: string) => letter.repeat(64);
  it('stand before or after the work', () => {
    const line = (verb: string, given: object) => ({ at: at(1), by: 'user:a', verb, to: 'working', given });
    const item = {
      openedAt: at(0),
      media: [id('a')],
      timeline: [
        line('accept', { photos: [id('b')], before: [id('b')] }),
        line('note', { photos: [id('c'), 7] }),
        line('report', { photos: [id('d'), id('e')], before: [id('d')] }),
        line('report', { photos: 'none' }),
      ],
    } as unknown as Case;
    expect(photosOf(item).map((photo) => `${photo.id[0]} ${photo.when}`)).toEqual([
      'a report',
      'b before',
      'c step',
      'd before',
      'e after',
    ]);
  });
  it('are shown only from this server', () => {
    expect(isMediaId(id('a'))).toBe(true);
    expect(isMediaId('https://elsewhere/x.jpg')).toBe(false);
    expect(isMediaId('javascript:alert(1)')).toBe(false);
  });
});

describe('what a form gives', () => {
  it('leaves out what was left empty and names photos by id', () => {
    expect(wishFrom({ note: '  ', fields: { a: '', b: undefined, c: [], d: false, e: 0 } })).toEqual({
      fields: { d: false, e: 0 },
    });
    expect(wishFrom({ note: ' x ', fields: { photos: ['p#before', 'q#after'] } })).toEqual({
      note: 'x',
      fields: { photos: ['p', 'q'], before: ['p'] },
    });
  });
});

describe('the handover sheet', () => {
  it('names each case once, under the first heading that calls for attention', () => {
    const item = (id: string, more: Partial<CaseSummary>) =>
      ({ id, overdue: false, stage: 'work', dueAt: at(900), ...more }) as CaseSummary;
    const parts = partsOf(
      [
        item('a', { overdue: true, supervised: true }),
        item('b', { supervised: true }),
        item('c', {}),
        item('d', { dueAt: at(60) }),
        item('e', { stage: 'intake' }),
        item('f', {}),
      ],
      new Set(['c', 'a']),
      0,
    );
    expect(parts.map((part) => `${part.id} ${part.cases.map((each) => each.id).join('')}`)).toEqual([
      'overdue a',
      'supervised b',
      'waiting c',
      'soon d',
      'intake e',
      'rest f',
    ]);
  });
  it("tells the last thing that somebody said, not the city's own notes", () => {
    const timeline = [
      { note: 'first', verb: 'note' },
      { note: 'by the loop', code: 'verifying', verb: 'verify' },
    ];
    expect(lastWord({ timeline } as unknown as Case)).toBe('first');
  });
});

describe('the wish for statistics', () => {
  it('reads the address and falls back where it makes no sense', () => {
    expect(wishOf(new URLSearchParams('period=30d&by=area'))).toMatchObject({ period: '30d', by: 'area' });
    expect(wishOf(new URLSearchParams('period=1y&by=colour'))).toMatchObject({ period: '7d', by: 'department' });
  });
  it('asks for the same period twice in one minute', () => {
    const wish = wishOf(new URLSearchParams());
    expect(queryOf(wish, 90_000)).toEqual(queryOf(wish, 119_000));
    expect(queryOf(wish, 60_000).to).toBe(at(1));
  });
  it('tells a share of nothing as nothing', () => expect([share(1, 4), share(0, 0)]).toEqual(['25 %', '—']));
});

describe('texts', () => {
  const gaps = (text: string) =>
    [...text.matchAll(/\{\{(\w+)\}\}/g)]
      .map((found) => found[1])
      .sort()
      .join();
  const walk = (a: object, b: object, path: string, wrong: string[]) => {
    for (const [key, value] of Object.entries(a)) {
      const other = (b as Record<string, unknown>)[key];
      if (typeof value === 'string') {
        if (typeof other !== 'string' || other === '' || gaps(value) !== gaps(other)) wrong.push(`${path}.${key}`);
      } else walk(value as object, (other ?? {}) as object, `${path}.${key}`, wrong);
    }
    return wrong;
  };
  it('are there in both languages, with the same gaps to fill', () => {
    expect(walk(zh, en, '', [])).toEqual([]);
    expect(walk(en, zh, '', [])).toEqual([]);
  });
});
