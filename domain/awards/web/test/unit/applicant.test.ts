// The applicants' logic: what is missing, how long a text is, drafts that survive the loss of the network, uploads that go on.
import { Problem } from '@console/api/http';
import type { AwardCycle, AwardEntry, AwardField } from '@console/api/schema';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DraftSaver,
  forgetDraft,
  type KeptDraft,
  keepDraft,
  readKept,
  type SaveState,
} from '../../applicant/draft_saver';
import { charCount, fieldLacks, fieldsOf, fileLacks, progressOf, textIn, withText } from '../../applicant/form';
import { factsOf, inGroups } from '../../applicant/receipt';
import { checkBefore, sendFile, shareOf, sizeText } from '../../applicant/uploader';
import { answerIn, choicesOf, narrowed, placeOf, spotsOf } from '../../library/library';
import { leftUntil } from '../../parts/times';
import { degreesText, gather, placeFrom, placeText } from '../../parts/world/place';
import { unwound } from '../../parts/world/unwound';

// jsdom's blobs cannot be read by themselves.
const readBlob = (blob: Blob) =>
  new Promise<ArrayBuffer>((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as ArrayBuffer);
    reader.readAsArrayBuffer(blob);
  });
Blob.prototype.arrayBuffer ??= function arrayBuffer(this: Blob) {
  return readBlob(this);
};
const bytesOf = async (blob: Blob) => [...new Uint8Array(await readBlob(blob))];

const text = (zh: string, en: string) => ({ zh, en });
const field = (id: string, type: AwardField['type'], more: Partial<AwardField> = {}): AwardField => ({
  id,
  name: text(id, id),
  help: text('', ''),
  type,
  required: true,
  both: false,
  maxChars: 10,
  blind: 'show',
  ...more,
});
const slot = { name: text('', ''), help: text('', ''), kind: 'pdf' as const, stamped: false, bytesMax: 100 };
const cycle = {
  id: 'c',
  year: 2026,
  languages: ['zh', 'en'],
  secondLanguageRequired: true,
  categories: [
    {
      id: 'mobility',
      name: text('', ''),
      description: text('', ''),
      theme: true,
      casesMin: 2,
      keyWords: [],
      status: ['done'],
    },
    { id: 'free', name: text('', ''), description: text('', ''), theme: false, casesMin: 0, keyWords: [], status: [] },
  ],
  fields: [
    field('title', 'line', { both: true }),
    field('people', 'number', { least: 1, most: 10 }),
    field('status', 'choice', {
      choices: [
        { id: 'planned', name: text('', '') },
        { id: 'done', name: text('', '') },
      ],
    }),
    field('mail', 'email', { maxChars: 60 }),
    field('began', 'date'),
    field('note', 'text', { required: false }),
    field('routes', 'line', { categories: ['mobility'] }),
    field('true', 'yes'),
  ],
  files: [
    { ...slot, id: 'case', least: 0, most: 3, supportingCases: true },
    { ...slot, id: 'letter', least: 1, most: 1, supportingCases: false, with: 'editable' },
    { ...slot, id: 'editable', kind: 'office' as const, least: 0, most: 1, supportingCases: false },
  ],
} as unknown as AwardCycle;

const full = {
  title: { zh: '名称', en: 'Title' },
  people: 3,
  status: 'done',
  mail: 'a@b.org',
  began: '2024-02-29',
  routes: 'three',
  true: true,
};
const codes = (category: string, answers: Record<string, unknown>) =>
  fieldLacks(cycle, category, answers).map(
    ({ code, where, language }) => `${where}${language && `/${language}`}:${code}`,
  );

describe('the form', () => {
  it('counts characters as the server does: code points', () => {
    expect(charCount('𠀀a城')).toBe(3);
    expect(charCount('')).toBe(0);
  });
  it('lacks nothing when all is there', () => expect(codes('mobility', full)).toEqual([]));
  it('tells everything that is missing, each language by itself', () => {
    expect(codes('', {})).toEqual([
      'category:empty',
      'title/zh:empty',
      'title/en:empty',
      'people:empty',
      'status:empty',
      'mail:empty',
      'began:empty',
      'true:empty',
    ]);
    expect(codes('mobility', { ...full, title: { zh: '名称' }, true: false })).toEqual([
      'title/en:empty',
      'true:empty',
    ]);
  });
  it('asks a field only in its categories', () => {
    expect(fieldsOf(cycle, 'free').some(({ id }) => id === 'routes')).toBe(false);
    const { routes: _, ...without } = full;
    expect(codes('free', without)).toEqual([]);
    expect(codes('mobility', without)).toEqual(['routes:empty']);
  });
  it.each([
    ['mail', 'a.b.org', 'not_an_email'],
    ['mail', 'a@b.', 'not_an_email'],
    ['began', '2023-02-29', 'not_a_date'],
    ['people', 11, 'out_of_range'],
    ['status', 'never', 'unknown_choice'],
    ['note', '12345678901', 'too_long'],
  ])('refuses %s = %s', (where, value, code) => {
    expect(codes('free', { ...full, [where]: value })).toContain(`${where}:${code}`);
  });
  it('takes a project that is only planned where the category does', () => {
    expect(codes('mobility', { ...full, status: 'planned' })).toEqual(['status:status_not_allowed']);
    expect(codes('free', { ...full, status: 'planned' })).toEqual([]);
  });
  it('leaves out the second language where the cycle lets it', () => {
    const loose = { ...cycle, secondLanguageRequired: false };
    expect(fieldLacks(loose, 'mobility', { ...full, title: { zh: '名称' } })).toEqual([]);
  });
  it('writes one language without touching the other', () => {
    const title = cycle.fields?.[0] as AwardField;
    const answers = withText({ title: { zh: '名' } }, title, 'en', 'Name');
    expect([textIn(answers, title, 'zh'), textIn(answers, title, 'en')]).toEqual(['名', 'Name']);
  });
  it('counts files by the category, and what must go with them', () => {
    const files = (...slots: string[]) => slots.map((each) => ({ slot: each })) as AwardEntry['files'];
    const of = (category: string, ...slots: string[]) =>
      fileLacks(cycle, category, { files: files(...slots), uploads: [] }).map(({ code, where }) => `${where}:${code}`);
    expect(of('mobility', 'case')).toEqual(['case:too_few_files', 'letter:too_few_files']);
    expect(of('free', 'letter')).toEqual(['editable:no_partner']);
    expect(of('free', 'letter', 'editable')).toEqual([]);
    expect(of('free', 'letter', 'editable', 'case', 'case', 'case', 'case')).toEqual(['case:too_many_files']);
  });
  it('says how far it is', () => {
    const lacks = fieldLacks(cycle, 'mobility', { ...full, title: {} });
    const { done, all } = progressOf(cycle, 'mobility', lacks);
    expect(all - done).toBe(2);
    expect(progressOf(cycle, 'mobility', []).done).toBe(all);
  });
});

describe('a draft', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    localStorage.clear();
  });
  const draft = (title: string) => ({ category: 'free', answers: { title } });
  const gone = new Problem(0, 'unreachable');

  function place(save: (revision: number, title: unknown) => Promise<{ revision: number }>, theirs = 9) {
    const states: SaveState['is'][] = [];
    const kept: (KeptDraft | null)[] = [];
    return {
      states,
      kept,
      save: (revision: number, { answers }: { answers: Record<string, unknown> }) =>
        save(revision, answers.title) as Promise<AwardEntry>,
      read: async () => ({ revision: theirs }) as AwardEntry,
      keep: (next: KeptDraft) => void kept.push(next),
      forget: () => void kept.push(null),
      onState: ({ is }: SaveState) => void states.push(is),
      onSaved: () => undefined,
    };
  }

  it('is kept here at once and sent after a pause, with what was written last', async () => {
    const sent: unknown[] = [];
    const at = place(async (revision, title) => {
      sent.push([revision, title]);
      return { revision: revision + 1 };
    });
    const saver = new DraftSaver(at, 4, draft(''));
    saver.change(draft('a'));
    saver.change(draft('ab'));
    expect(at.kept.at(-1)?.answers.title).toBe('ab');
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(sent).toEqual([[4, 'ab']]);
    expect(at.kept.at(-1)).toBe(null);
    expect(at.states.at(-1)).toBe('saved');
  });
  it('survives the loss of the network and is sent when it is back', async () => {
    let away = true;
    const sent: unknown[] = [];
    const at = place(async (revision, title) => {
      if (away) throw gone;
      sent.push([revision, title]);
      return { revision: revision + 1 };
    });
    const saver = new DraftSaver(at, 0, draft(''));
    saver.change(draft('far'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(at.states.at(-1)).toBe('kept');
    expect(at.kept.at(-1)?.answers.title).toBe('far');
    saver.change(draft('farther'));
    away = false;
    await vi.advanceTimersByTimeAsync(8000);
    expect(sent).toEqual([[0, 'farther']]);
    expect(at.states.at(-1)).toBe('saved');
  });
  it('sends what was written while it was being saved, upon the new revision', async () => {
    const sent: unknown[] = [];
    const at = place(async (revision, title) => {
      sent.push([revision, title]);
      await new Promise((done) => setTimeout(done, 500));
      return { revision: revision + 1 };
    });
    const saver = new DraftSaver(at, 0, draft(''));
    saver.change(draft('a'));
    await vi.advanceTimersByTimeAsync(1300);
    saver.change(draft('b'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });
  it('never writes over a newer one unasked', async () => {
    const sent: unknown[] = [];
    const at = place(async (revision, title) => {
      if (revision !== 9) throw new Problem(409, 'conflict');
      sent.push(title);
      return { revision: 10 };
    });
    const saver = new DraftSaver(at, 2, draft(''));
    saver.change(draft('mine'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(at.states.at(-1)).toBe('conflict');
    expect(sent).toEqual([]);
    await saver.overwrite({ revision: 9 } as AwardEntry);
    expect(sent).toEqual(['mine']);
  });
  it('tells a refusal that is no conflict, and does not try it again by itself', async () => {
    let asked = 0;
    const at = place(async () => {
      asked += 1;
      throw new Problem(409, 'conflict', 'entries closed');
    }, 2);
    new DraftSaver(at, 2, draft('')).change(draft('late'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([at.states.at(-1), asked]).toEqual(['refused', 1]);
  });
  it('is shown to nobody else on the same machine', () => {
    keepDraft('user:a', 'e1', { ...draft('secret'), revision: 3 });
    expect(readKept('user:b', 'e1')).toBe(null);
    expect(readKept('user:a', 'e1')?.revision).toBe(3);
    forgetDraft('user:a', 'e1');
    expect(readKept('user:a', 'e1')).toBe(null);
  });
});

describe('an upload', () => {
  const bytes = 1000;
  const file = new Blob([new Uint8Array(bytes).map((_, i) => i % 251)]);
  const kept = { id: 'u', slot: 'case' };

  function server(breaks: (offset: number) => 'before' | 'after' | false) {
    const got: number[] = [];
    return {
      got,
      part: async (_: string, offset: number, part: Blob) => {
        const broken = part.size > 0 && breaks(offset);
        if (broken === 'before') throw new Problem(0, 'unreachable');
        if (offset + part.size > got.length) {
          if (offset !== got.length) throw new Problem(409, 'conflict');
          got.push(...(await bytesOf(part)));
        }
        if (broken === 'after') throw new Problem(0, 'unreachable');
        return { received: got.length };
      },
      finish: async () => ({ files: [kept] as never }),
      wait: async () => undefined,
    };
  }
  const upload = { id: 'u', bytes, received: 0, partMax: 300 };

  it('goes in parts of the size that the server says', async () => {
    const at = server(() => false);
    const told: number[] = [];
    const outcome = await sendFile(
      at,
      file,
      upload,
      ({ received }) => void told.push(received),
      () => false,
    );
    expect(outcome).toEqual({ kept });
    expect(told).toEqual([0, 300, 600, 900, 1000]);
    expect(at.got).toEqual(await bytesOf(file));
  });
  it('goes on where it stands after a reload', async () => {
    const at = server(() => false);
    const first = { ...upload, received: 600 };
    at.got.push(...(await bytesOf(file.slice(0, 600))));
    const told: number[] = [];
    await sendFile(
      at,
      file,
      first,
      ({ received }) => void told.push(received),
      () => false,
    );
    expect(told).toEqual([600, 900, 1000]);
    expect(at.got).toHaveLength(bytes);
  });
  it.each(['before', 'after'] as const)(
    'loses nothing and sends nothing twice when the line breaks %s a part',
    async (when) => {
      let breaks = 4;
      const at = server((offset) => offset >= 300 && breaks-- > 0 && when);
      const waits: boolean[] = [];
      const outcome = await sendFile(
        at,
        file,
        upload,
        (told) => void waits.push(told.waits),
        () => false,
      );
      expect(outcome).toEqual({ kept });
      expect(waits).toContain(true);
      expect(at.got).toEqual(await bytesOf(file));
    },
  );
  it('tells why a file was refused, in both languages', async () => {
    const at = server(() => false);
    const why = text('共 11 页，最多 10 页', 'it has 11 pages, 10 at most');
    at.finish = async () => {
      throw new Problem(422, 'refused file', why.en, { code: 'too_many_pages', text: why });
    };
    const outcome = await sendFile(
      at,
      file,
      upload,
      () => undefined,
      () => false,
    );
    expect(outcome).toEqual({ refused: { code: 'too_many_pages', text: why } });
  });
  it('ends without a word when it is stopped, and does not hide other failures', async () => {
    expect(
      await sendFile(
        server(() => false),
        file,
        upload,
        () => undefined,
        () => true,
      ),
    ).toBe(null);
    const at = server(() => false);
    at.part = async () => {
      throw new Problem(404, 'not found');
    };
    await expect(
      sendFile(
        at,
        file,
        upload,
        () => undefined,
        () => false,
      ),
    ).rejects.toThrow('not found');
  });
  it('is refused before a byte is sent where that can be known', async () => {
    const place = { kind: 'pdf' as const, bytesMax: 20 };
    const of = (name: string, body: string) => checkBefore(new File([body], name), place, 0);
    expect(await of('a.pdf', '%PDF-1.7 x')).toBe(null);
    expect(await of('a.pdf', '')).toBe('file_empty');
    expect(await of('a.pdf', '%PDF-1.7 far too much of it')).toBe('file_large');
    expect(await of('a.docx', 'PK')).toBe('file_kind');
    expect(await of('a.pdf', 'PK')).toBe('file_kind');
    expect(await checkBefore(new File(['%PDF-'], 'a.pdf'), place, 2 ** 30)).toBe('file_sum');
  });
  it('says how much is there', () => {
    expect([shareOf(0, 10), shareOf(999, 1000), shareOf(10, 10)]).toEqual([0, 99, 100]);
    expect([sizeText(512), sizeText(2048), sizeText(20 * 2 ** 20)]).toEqual(['512 B', '2 KiB', '20 MiB']);
  });
});

describe('what is told', () => {
  it('reads a receipt, and nothing from what is none', () => {
    const entry = { n: 17, at: '2026-03-10T02:15:04.120000Z', subject: 'CA26-0012/1', commitment: 'ab'.repeat(32) };
    expect(factsOf({ entry, head: { log: 'aa', size: 18 } })).toMatchObject({
      n: 17,
      size: 18,
      subject: 'CA26-0012/1',
    });
    expect(factsOf({})).toBe(null);
    expect(inGroups('abcdefgh12345678')).toBe('abcdefgh 12345678');
  });
  it('counts down to the moment and not beyond', () => {
    expect(leftUntil(90_061_000, 0)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
    expect(leftUntil(1000, 1000)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
    expect(leftUntil(999, 1000)).toBe(null);
  });
});

describe('the library', () => {
  const one = (number: string, more: object) =>
    ({ number, cycle: 'c', year: 2026, category: 'free', prize: '', answers: {}, ...more }) as never;
  const cases = [
    one('A-1', { answers: { title: text('绿道', 'Greenways'), city: text('云州', 'Yunzhou') } }),
    one('A-2', { year: 2025, answers: { title: text('水网', 'Water'), city: text('海州', 'Haizhou') } }),
  ] as never[];
  const cities = new Map([['c', { ...cycle, fields: [field('title', 'line'), field('city', 'line')] } as AwardCycle]]);
  const found = (filter: object, language: 'zh' | 'en' = 'en') =>
    narrowed(cases, { q: '', theme: '', year: '', place: '', ...filter }, cities, language).map(({ number }) => number);

  it('finds words of both languages, in any order', () => {
    expect(found({ q: 'yunzhou GREEN' })).toEqual(['A-1']);
    expect(found({ q: '水网' })).toEqual(['A-2']);
    expect(found({ q: 'green water' })).toEqual([]);
  });
  it('narrows by year, category and place', () => {
    expect(found({ year: '2025' })).toEqual(['A-2']);
    expect(found({ theme: 'c/free' })).toEqual(['A-1', 'A-2']);
    expect(found({ place: '云州' }, 'zh')).toEqual(['A-1']);
    expect(choicesOf(cases, (each) => placeOf(each, cities.get('c'), 'en'))).toEqual([
      ['Haizhou', 1],
      ['Yunzhou', 1],
    ]);
  });
  it('shows on the map what has a place', () => {
    const placed = [one('A-3', { place: { latDeg: 31.2, lonDeg: 121.5 }, answers: {} }), one('A-4', { place: null })];
    expect(spotsOf(placed as never[], cities, 'en')).toEqual([
      { id: 'A-3', name: 'A-3', at: { latDeg: 31.2, lonDeg: 121.5 } },
    ]);
  });
  it('gives the other language where one is missing, and says which', () => {
    expect(answerIn(text('只有中文', ''), 'en')).toEqual({ text: '只有中文', language: 'zh' });
  });
});

describe('places', () => {
  it('reads what entry/answers.cc reads, and nothing else', () => {
    expect(placeFrom('31.2304,121.4737')).toEqual({ latDeg: 31.2304, lonDeg: 121.4737 });
    expect(placeFrom('-90,-180.00000')).toEqual({ latDeg: -90, lonDeg: -180 });
    for (const none of [
      '',
      ',',
      '31.2',
      '31.2,',
      '90.1,0',
      '0,180.1',
      '31.230401,121',
      '31.2, 121',
      '1e1,2',
      '1,2,3',
      '1.,2',
    ])
      expect(placeFrom(none), none).toBe(null);
    expect(placeFrom(undefined)).toBe(null);
  });
  it('tells what is no place while one writes', () => {
    const asked = { ...cycle, fields: [field('at', 'place')] } as AwardCycle;
    const told = (at: string) => fieldLacks(asked, 'free', { at }).map(({ code }) => code);
    expect([told('31.2,'), told('121.4,31.2'), told('31.2,121.4')]).toEqual([['not_a_place'], ['not_a_place'], []]);
  });
  it('are read in both languages, with no decimals that say nothing', () => {
    expect(placeText({ latDeg: -23.55, lonDeg: -46.630004 }, 'en')).toBe('23.55° S, 46.63° W');
    expect(placeText({ latDeg: 31.2304, lonDeg: 121.4737 }, 'zh')).toBe('北纬 31.2304°，东经 121.4737°');
    expect([degreesText(-0.000001), degreesText(0.00001)]).toEqual(['0', '0.00001']);
  });
  it('are gathered where they would lie upon each other, and parted nearer by', () => {
    const spot = (id: string, latDeg: number, lonDeg: number) => ({ id, name: id, at: { latDeg, lonDeg } });
    const spots = [spot('a', 31.2, 121.5), spot('b', 30.3, 120.2), spot('c', -23.5, -46.6), spot('d', 31.2, 121.5)];
    const at = (zoom: number) => gather(spots, zoom, 30).map((each) => each.spots.map(({ id }) => id).join(''));
    expect(at(0)).toEqual(['abd', 'c']);
    expect(at(6)).toEqual(['ad', 'b', 'c']);
  });
});

describe('land on a plane', () => {
  it('goes on beyond 180° instead of running back across the map', () => {
    const ring = [
      [170, 60],
      [-170, 60],
      [-170, 70],
      [170, 70],
      [170, 60],
    ];
    expect(unwound(ring).map(([lon]) => lon)).toEqual([170, 190, 190, 170, 170]);
  });
  it('lies where most of it is, wherever it begins', () => {
    const ring = [
      [-170, 65],
      [170, 65],
      [20, 60],
      [30, 50],
      [170, 50],
      [-170, 65],
    ];
    expect(unwound(ring).map(([lon]) => lon)).toEqual([190, 170, 20, 30, 170, 190]);
  });
  it('is closed along the edge where it goes round a pole', () => {
    const ring = [-180, -90, 0, 90, 180, -180].map((lon) => [lon, -70]);
    const out = unwound(ring);
    expect(out.slice(-3).map(([, lat]) => lat)).toEqual([-85, -85, -70]);
    expect(Math.max(...out.map(([lon = 0]) => lon)) - Math.min(...out.map(([lon = 0]) => lon))).toBe(360);
  });
  it('stays as it is anywhere else', () => {
    const ring = [
      [1, 1],
      [2, 1],
      [2, 2],
      [1, 1],
    ];
    expect(unwound(ring)).toEqual(ring);
  });
});
