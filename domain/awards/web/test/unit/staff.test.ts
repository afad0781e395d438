// What the staff's awards pages reckon: places of names in bytes, scores and their steps, drafts that are kept, close calls,
// and receipts that hold or do not.
import type { AwardAssignment, AwardAudit, AwardJuror, AwardMaskReport, AwardStanding } from '@console/api/schema';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { happened, oddities } from '../../audit/received_rows';
import {
  checkContent,
  checkGrowth,
  checkReceipt,
  judge,
  type Receipt,
  readReceipt,
  tellsOf,
  Wrong,
} from '../../audit/verify';
import { inOrder, isClose, movedBy } from '../../chair/standing_rows';
import { keepDraft } from '../../jury/draft_keeper';
import { bandOf, missing, progress, rangeOf, stepsOf, total, typed } from '../../jury/scoring';
import { loadsOf, wish } from '../../secretariat/assignment_rows';
import { toMend } from '../../secretariat/guests';
import { cut, decide, foundIn, piecesOf, toLookAt } from '../../secretariat/masked';
import { chairMay, secretaryMay, waitsFor, windowState } from '../../staff/stages';
import { FakeLog } from '../fake_log.mjs';

const standing = (more: Partial<AwardStanding>): AwardStanding =>
  ({
    id: '',
    number: '',
    rank: 1,
    rankLow: 1,
    rankHigh: 1,
    topShare: 1,
    raw: 5,
    bonus: 0,
    adjusted: 5,
    error: 0.3,
    ...more,
  }) as AwardStanding;

describe('what the masker found', () => {
  const before = '由王晓雯牵头，王晓雯负责；白云试点。';
  const at = (word: string, from = 0) => {
    const begin = new TextEncoder().encode(before.slice(0, before.indexOf(word, from))).length;
    return { begin, end: begin + new TextEncoder().encode(word).length, original: word };
  };
  const span = { kind: 'person', found: 'guess' as const, replacement: '【人员A】' };
  const report: AwardMaskReport = {
    texts: [
      {
        field: 'summary',
        language: 'zh',
        before,
        text: '',
        spans: [
          { ...at('王晓雯'), ...span },
          { ...at('王晓雯', 6), ...span },
          { ...at('牵头'), kind: 'organisation', found: 'known', replacement: '【单位A】' },
        ],
        doubts: [{ ...at('白云'), kind: 'place' }],
      },
    ],
    files: [
      {
        id: 'f',
        slot: 's',
        name: 'a.pdf',
        problem: '',
        pagesToLookAt: [],
        spans: [{ begin: 0, end: 9, original: '王晓雯', ...span }],
        doubts: [],
      },
    ],
  };
  it('is one row a name with all its places, the sure ones first', () => {
    const found = foundIn(report);
    expect(found.map(({ sureness, original }) => `${sureness} ${original}`)).toEqual([
      'known 牵头',
      'guess 王晓雯',
      'doubt 白云',
    ]);
    expect(found[1]?.places.map(({ before: left, after }) => [left, after.slice(0, 2)])).toEqual([
      ['由', '牵头'],
      ['由王晓雯牵头，', '负责'],
    ]);
    expect(found[1]?.files).toEqual(['a.pdf']);
  });
  it('is cut by bytes, not by letters', () => {
    expect(cut('a你b', 1, 4)).toEqual(['a', '你', 'b']);
    const pieces = piecesOf(report.texts[0] as AwardMaskReport['texts'][number]);
    expect(pieces.map(({ text }) => text).join('')).toBe(before);
    expect(pieces.filter(({ found }) => found).map(({ text }) => text)).toEqual(['王晓雯', '牵头', '王晓雯', '白云']);
  });
  it('is to be looked at until somebody has', () => {
    const found = foundIn(report);
    const none = { mask: [], keep: [] };
    expect(toLookAt(found, new Set(), none)).toHaveLength(2);
    expect(toLookAt(found, new Set(['guess person 王晓雯']), decide(none, '白云', 'mask'))).toHaveLength(0);
    expect(decide({ mask: ['白云'], keep: [] }, '白云', 'keep')).toEqual({ mask: [], keep: ['白云'] });
  });
});

describe('scores', () => {
  const overall = { id: 'a', name: { zh: '', en: '' }, description: { zh: '', en: '' }, max: 10, step: 0.5, weight: 2 };
  const novelty = { ...overall, id: 'b', step: 1, weight: 1 };
  it('go by their steps', () => {
    expect(stepsOf({ max: 1, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect([typed(overall, '7.5'), typed(overall, '7.3'), typed(overall, '11'), typed(overall, '7.')]).toEqual([
      7.5,
      undefined,
      undefined,
      undefined,
    ]);
  });
  it('have a total, and what is missing is named', () => {
    expect(total([overall, novelty], { a: 7.5, b: 8 })).toEqual({ sum: 23, max: 30 });
    expect(missing([overall, novelty], { a: 0 }).map(({ id }) => id)).toEqual(['b']);
  });
  it('mean what their band says', () => {
    const bands = [0, 5, 7].map((from) => ({ from, name: { zh: '', en: String(from) } }));
    expect(bandOf(bands, 6.5)?.from).toBe(5);
    expect(bandOf(bands, undefined)).toBeUndefined();
    expect(bands.map((band) => rangeOf(bands, band, overall))).toEqual(['0 – 4.5', '5 – 6.5', '7 – 10']);
  });
  it('of a conflict are asked of nobody', () => {
    const sheet = { id: '', cycle: '', version: 0, at: null };
    expect(
      progress([
        { ...sheet, state: 'open' },
        { ...sheet, state: 'conflict' },
        { ...sheet, state: 'submitted', version: 1 },
      ]),
    ).toEqual({ done: 1, of: 2 });
  });
});

describe('a draft', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  it('is sent once after the last change', async () => {
    const send = vi.fn(async () => undefined);
    const keeper = keepDraft<number>(send);
    keeper.change(1);
    keeper.change(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(send.mock.calls).toEqual([[2]]);
    expect(keeper.state.get().kept).toBe('kept');
  });
  it('is tried again, and what was written meanwhile comes after', async () => {
    const send = vi.fn<(draft: number) => Promise<void>>().mockRejectedValueOnce(new Error('gone')).mockResolvedValue();
    const keeper = keepDraft<number>(send);
    keeper.change(1);
    await vi.advanceTimersByTimeAsync(900);
    expect(keeper.state.get().kept).toBe('failed');
    await vi.advanceTimersByTimeAsync(6000);
    expect(keeper.state.get().kept).toBe('kept');
    expect(send.mock.calls).toEqual([[1], [1]]);
  });
  it('is all there before it is handed in, or says that it is not', async () => {
    const send = vi
      .fn<(draft: number) => Promise<void>>()
      .mockResolvedValue()
      .mockResolvedValueOnce()
      .mockRejectedValueOnce(new Error('gone'));
    const keeper = keepDraft<number>(send);
    keeper.change(1);
    await expect(keeper.flush()).resolves.toBe(true);
    keeper.change(2);
    await expect(keeper.flush()).resolves.toBe(false);
    keeper.stop();
  });
});

describe('standings', () => {
  it('are close where the interval reaches over the cut', () => {
    expect(isClose(standing({ rank: 4, rankLow: 3, rankHigh: 6 }), 4)).toBe(true);
    expect(isClose(standing({ rank: 1, rankLow: 1, rankHigh: 4 }), 4)).toBe(false);
    expect(isClose(standing({ rank: 1, rankLow: 1, rankHigh: 9 }), 0)).toBe(false);
    expect(isClose(standing({ rank: null, rankLow: 0, rankHigh: 0 }), 4)).toBe(false);
  });
  it('come in their order, those without a score last, and say who moved', () => {
    const rows = [
      standing({ id: 'c', rank: null, raw: null }),
      standing({ id: 'a', rank: 2, raw: 9 }),
      standing({ id: 'b', rank: 1, raw: 8 }),
    ];
    expect(inOrder(rows).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect([...movedBy(rows)]).toEqual([
      ['a', -1],
      ['b', 1],
    ]);
  });
});

describe('an assignment', () => {
  it('tells of each juror how many there are, and how well they match on the mean', () => {
    const jurors = [
      { account: 'x', name: 'X', loadMax: 6 },
      { account: 'y', name: 'Y', loadMax: 0 },
    ] as AwardJuror[];
    const made = { loads: [{ juror: 'x', count: 2, match: 1.2 }] } as AwardAssignment;
    expect(loadsOf(made, jurors)).toEqual([
      { account: 'x', name: 'X', count: 2, max: 6, match: 0.6 },
      { account: 'y', name: 'Y', count: 0, max: 0, match: 0 },
    ]);
  });
  it('does not want and forbid the same', () => {
    const first = wish({ fixed: [], forbidden: [] }, 'forbidden', 'p', 'x');
    expect(wish(first, 'fixed', 'p', 'x', 'asked')).toEqual({
      fixed: [{ proposal: 'p', juror: 'x', why: 'asked' }],
      forbidden: [],
    });
  });
});

describe('steps', () => {
  it('are those of the workflow', () => {
    expect(secretaryMay('submitted', null)).toEqual([
      'accept_entry',
      'ask_information',
      'reject_entry',
      'announce_transfer',
      'disqualify',
    ]);
    expect(secretaryMay('accepted', 'green')).toContain('transfer');
    expect(secretaryMay('withdrawn', null)).toEqual([]);
    expect(chairMay('deliberation', 0)).toEqual(['shortlist', 'not_shortlist']);
    expect([waitsFor('questioned'), waitsFor('withdrawn'), waitsFor('never heard of')]).toEqual([
      'applicant',
      'nobody',
      'nobody',
    ]);
  });
  it('have windows, or people decide when', () => {
    const window = { opens: '2026-01-01T00:00:00Z', closes: '2026-01-02T00:00:00Z', open: false };
    expect(windowState(window, Date.parse('2025-12-31T00:00:00Z'))).toBe('before');
    expect(windowState(window, Date.parse('2026-01-02T00:00:00Z'))).toBe('over');
    expect(windowState({ opens: null, closes: null, open: true }, 0)).toBe('free');
  });
});

describe('receipts', () => {
  const log = new FakeLog();
  const receipts = Array.from({ length: 7 }, (_, i) =>
    log.append({ kind: 'sheet', subject: `s${i}/1`, cycle: 'c', by: 'juror', content: `{"overall":${i}}` }),
  ) as Receipt[];
  const key = receipts[0]?.key ?? '';
  const code = (run: () => void) => {
    try {
      run();
      return 'holds';
    } catch (error) {
      return error instanceof Wrong ? error.code : String(error);
    }
  };
  it('hold, each at its place, and the log of today grew from each', () => {
    for (const receipt of receipts) {
      expect(code(() => checkReceipt(receipt, key))).toBe('holds');
      expect(code(() => checkContent(receipt))).toBe('holds');
      expect(code(() => checkGrowth(receipt.head, log.growth(receipt.head.size), key))).toBe('holds');
    }
  });
  it('are found out when anything is altered', () => {
    const good = receipts[3] as Receipt;
    const altered: [string, Receipt][] = [
      ['proof', { ...good, entry: { ...good.entry, at: good.entry.at.replace(/^20../, '2001') } }],
      ['signature', { ...good, head: { ...good.head, root: '0'.repeat(64) } }],
      ['proof', { ...good, proof: [...good.proof].reverse() }],
      ['otherKey', { ...good, key: '1'.repeat(64) }],
      ['form', { ...good, entry: { ...good.entry, by: 'two words' } }],
    ];
    for (const [why, receipt] of altered) expect(code(() => checkReceipt(receipt, key))).toBe(why);
    expect(code(() => checkContent({ ...good, content: '{"overall":9}' }))).toBe('content');
    expect(code(() => readReceipt('{'))).toBe('noReceipt');
  });
  it('tell of the very file', () => {
    const file = new TextEncoder().encode('{"overall":3}');
    expect(tellsOf(receipts[3] as Receipt, file)).toBe(true);
    expect(tellsOf(receipts[2] as Receipt, file)).toBe(false);
  });
  it('of a log that was rewritten are wrong; where nobody can be asked that is said', async () => {
    const other = new FakeLog();
    for (let i = 0; i < 9; ++i) other.append({ kind: 'sheet', subject: 'x', cycle: 'c', by: 'juror', content: `${i}` });
    const text = JSON.stringify(receipts[5]);
    const codes = async (grow: (size: number) => Promise<never>) =>
      (await judge('r', text, [], key, grow)).map((one) => one.code);
    expect(await codes(async (size) => other.growth(size) as never)).toEqual(['received', 'contentHolds', 'growth']);
    expect(await codes(async () => Promise.reject(new Error('offline')))).toEqual([
      'received',
      'contentHolds',
      'noGrowth',
    ]);
  });
});

describe('a list of guests', () => {
  it('keeps for mending what could not be taken, and not who was invited already', () => {
    const why = { zh: '没有邮箱', en: 'there is no address' };
    expect(
      toMend([
        { line: 2, text: 'no address', known: false, why },
        { line: 3, text: 'ada@example.org, A', known: true, why },
        { line: 5, text: 'x, y', known: false, why },
      ]),
    ).toBe('no address\nx, y');
  });
});

describe('an audit', () => {
  it('points at what has no receipt and what came too late', () => {
    const window = { opens: '2026-01-01T00:00:00Z', closes: '2026-01-02T00:00:00Z', open: false };
    const audit: AwardAudit = {
      totalProposals: 2,
      totalSheets: 1,
      next: null,
      proposals: [
        {
          number: 'A-1',
          stage: 'submitted',
          receipts: [{ version: 1, receipt: true, at: '2026-01-01T12:00:00Z' }],
          events: [],
        },
        {
          number: 'A-2',
          stage: 'submitted',
          receipts: [{ version: 1, receipt: false, at: '2026-01-02T00:00:00Z' }],
          events: [],
        },
      ],
      events: [{ what: 'invited', by: 'user:zhou.lan', at: '2026-01-01T08:00:00Z' }],
      sheets: [{ id: 'sheet-1', state: 'submitted', version: 1, at: '2026-01-03T00:00:00Z' }],
    };
    expect(oddities(audit, window, window).map(({ code, number }) => `${code} ${number}`)).toEqual([
      'noReceipt A-2',
      'late A-2',
      'sheetLate sheet-1',
    ]);
    expect(happened(audit).map(({ number, what }) => [number, what])).toEqual([['', 'invited']]);
  });
});
