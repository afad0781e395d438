// The letters' page: what is sent to whom in which language, which may be sent and which again, and portions of many.
import type { AwardLettersSent } from '@console/api/schema';
import { describe, expect, it } from 'vitest';
import { en } from '../../secretariat/en';
import {
  byCode,
  canBeSent,
  canBeSentAgain,
  idOf,
  inTheirs,
  isLetterCode,
  isLetterState,
  type Letter,
  letterCodes,
  letterStates,
  mailOf,
  portions,
  together,
  wishOf,
} from '../../secretariat/letters';
import { zh } from '../../secretariat/zh';
import { en as staffEn } from '../../staff/en';
import { zh as staffZh } from '../../staff/zh';

const letter = (more: Partial<Letter> = {}): Letter => ({
  proposal: 'p1',
  number: 'CA26-0001',
  title: 'Bridge',
  code: 'receipt',
  occasion: '1',
  to: 'li@example.org',
  name: 'Li Wei',
  language: 'en',
  subject: { zh: '已收到', en: 'Received & kept' },
  text: { zh: '第 1 版', en: 'Version 1\nSHA-256: 00' },
  nth: 0,
  state: 'not_sent',
  trouble: 'none',
  why: '',
  since: null,
  notAfter: null,
  ...more,
});

describe('a letter', () => {
  it('reads in the language of who gets it', () => {
    expect(inTheirs(letter()).subject).toBe('Received & kept');
    expect(inTheirs(letter({ language: 'zh' })).subject).toBe('已收到');
    expect(inTheirs(letter({ language: '' })).text).toBe('第 1 版');
  });

  it('opens in the own mail program with every sign in its place', () => {
    expect(mailOf(letter())).toBe(
      'mailto:li%40example.org?subject=Received%20%26%20kept&body=Version%201%0ASHA-256%3A%2000',
    );
  });

  it('is told from another occasion of its kind', () => {
    expect(idOf(letter())).not.toBe(idOf(letter({ occasion: '2' })));
  });

  it('is sent once, again only when it arrived or was given up, and never while it waits or has no address', () => {
    const first = letterStates.filter((state) => canBeSent(letter({ state })));
    const again = letterStates.filter((state) => canBeSentAgain(letter({ state, nth: 1 })));
    expect(first).toEqual(['not_sent']);
    expect(again).toEqual(['given_up', 'taken']);
  });

  it('is wished for with the number that it would have', () => {
    expect(wishOf(letter()).nth).toBe(1);
    expect(wishOf(letter({ nth: 1 }))).toEqual({ proposal: 'p1', code: 'receipt', occasion: '1', nth: 2 });
  });
});

describe('many letters', () => {
  it('go in portions that the server takes, each once', () => {
    const all = Array.from({ length: 1201 }, (_, i) => i);
    const parts = portions(all);
    expect(parts.map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(parts.flat()).toEqual(all);
    expect(portions([])).toEqual([]);
  });

  it('are summed up, and what was left is not lost', () => {
    const left = { proposal: 'p2', code: 'receipt' as const, why: { zh: '', en: 'no address' } };
    const one: AwardLettersSent = { sent: 500, already: 0, server: true, left: [] };
    expect(together([one, { sent: 3, already: 2, server: false, left: [left] }])).toEqual({
      sent: 503,
      already: 2,
      server: false,
      left: [left],
    });
  });

  it('are counted by kind in the order of a cycle', () => {
    const some = [letter({ code: 'result' }), letter(), letter({ occasion: '2' })];
    expect(byCode(some)).toEqual([
      { code: 'receipt', n: 2 },
      { code: 'result', n: 1 },
    ]);
  });
});

describe('the words', () => {
  it('are there for every kind and state, and for each in the history, in both languages', () => {
    for (const words of [zh, en]) {
      expect(Object.keys(words.letters.code)).toEqual([...letterCodes]);
      expect(Object.keys(words.letters.state).sort()).toEqual([...letterStates].sort());
    }
    for (const words of [staffZh, staffEn]) {
      for (const code of letterCodes) expect(words.event).toHaveProperty(`letter_${code}`);
    }
  });

  it('of an address line that is none are nobody’s', () => {
    expect(isLetterCode('receipt')).toBe(true);
    expect(isLetterCode('love')).toBe(false);
    expect(isLetterState('taken')).toBe(true);
    expect(isLetterState('')).toBe(false);
  });
});
