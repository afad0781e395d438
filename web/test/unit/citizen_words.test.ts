// Both languages have the same words with the same gaps in them; and the seven steps.
import { describe, expect, it } from 'vitest';
import { loopTone, reachedStep, stepOf, wentBack } from '../../src/citizen/follow/status';

const parts = import.meta.glob(['../../src/citizen/**/words.ts', '!**/participation/**'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

// `zh` and `en` as they stand in the source: key → text.
function tableOf(source: string, name: string): Map<string, string> {
  const body = source.slice(source.indexOf(`const ${name}`));
  const end = body.indexOf('\n};');
  return new Map(
    [...body.slice(0, end).matchAll(/^ {2}(\w+):\s*'((?:[^'\\]|\\.)*)',$/gm)].map(([, key = '', text = '']) => [
      key,
      text,
    ]),
  );
}
const stem = (key: string) => key.replace(/_(one|other)$/, '');
const gaps = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, gap]) => gap).sort();

describe.each(Object.entries(parts))('%s', (_, raw) => {
  const [zh, en] = [tableOf(String(raw), 'zh'), tableOf(String(raw), 'en')];
  it('says all of it in both languages', () => {
    expect(zh.size).toBeGreaterThan(5);
    expect(new Set([...en.keys()].map(stem))).toEqual(new Set([...zh.keys()].map(stem)));
    for (const key of [...zh.keys()].filter((each) => each.endsWith('_other')))
      expect([...en.keys()]).toContain(key.replace('_other', '_one'));
  });
  it('with the same gaps, and in its own letters', () => {
    for (const [key, text] of en)
      expect([key, gaps(text)]).toEqual([key, gaps(zh.get(key) ?? zh.get(`${stem(key)}_other`) ?? '')]);
    for (const [key, text] of en) if (key !== 'language') expect(`${key} ${text}`).not.toMatch(/\p{Script=Han}/u);
  });
});

describe('the seven steps', () => {
  it('go on from received to rated', () => {
    const way = ['received', 'taken_up', 'sent', 'in_work', 'checking', 'fixed'] as const;
    const steps = way.map(stepOf);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(7);
  });
  it('close the ring only when it is fixed', () => {
    expect(loopTone('fixed')).toBe('ok');
    expect(loopTone('not_fixed')).toBe('bad');
    expect(loopTone('checking')).toBe('go');
  });
  it('claim nothing that was not done', () => {
    const way = (...all: ('received' | 'taken_up' | 'in_work' | 'not_fixed' | 'fixed')[]) => ({
      status: all.at(-1) ?? 'received',
      steps: all.map((status) => ({ status })),
    });
    expect(reachedStep(way('received', 'taken_up', 'not_fixed'))).toBe(2);
    expect(reachedStep(way('received', 'taken_up', 'in_work', 'not_fixed'))).toBe(4);
    expect(reachedStep(way('received', 'in_work', 'fixed'))).toBe(7);
  });
  it('tell when something was sent back', () => {
    const step = (status: 'in_work' | 'checking' | 'fixed' | 'sent') => ({ at: '', status, text: { zh: '', en: '' } });
    expect(wentBack(step('in_work'), step('checking'))).toBe(true);
    expect(wentBack(step('in_work'), step('fixed'))).toBe(true);
    expect(wentBack(step('checking'), step('in_work'))).toBe(false);
    expect(wentBack(step('fixed'), step('checking'))).toBe(false);
    expect(wentBack(step('sent'), undefined)).toBe(false);
  });
});
