import { describe, expect, it } from 'vitest';
import type {
  BallotFile,
  DutyCoverage,
  Proposal,
  ProposalRoute,
  ProposalStop,
  Round,
  RoundCount,
  SuggestedLabel,
  Suggestion,
  SurveyShare,
} from '../../src/api/schema';
import { suggestedStep, sureness } from '../../src/cases/Suggested';
import { countRows } from '../../src/citizens_desk/count_rows';
import { piecesOf } from '../../src/citizens_desk/marked_text';
import { type Moderated, needsReason, stepFor } from '../../src/citizens_desk/moderated';
import { firstRound, flawsByField } from '../../src/citizens_desk/round_form';
import { proveCount } from '../../src/citizens_desk/round_proof';
import { opens, placeOn, withSpread } from '../../src/citizens_desk/survey_math';
import { threadsOf } from '../../src/citizens_desk/threads';
import { findStop, letterOf, movedBy, movedTo, toAppoint, walkOf, windowOf } from '../../src/dispatch/plan_rows';
import { flawsOf } from '../../src/duty/coverage';
import { placeInside } from '../../src/duty/inside';
import { gapsWithIds, gathered, rowsOf, type Shift, watchesOf } from '../../src/duty/roster_rows';
import { inOrderOfDay, wayOfDay } from '../../src/field/my_day';
import { decided, shownShare } from '../../src/supervise/Suggestions';
import { dateOf, daysIn, momentOf, setTimeZone, startOfDay, startOfWeek } from '../../src/ui/time';
import { lanesOf, neighbour, placeIn, ticksOf } from '../../src/ui/time_rows';
import { publishedBallots } from '../fake/rounds.mjs';

const hour = 3600_000;
const at = (hours: number) => new Date(Date.UTC(2026, 10, 20) + hours * hour).toISOString();

describe('rows over time', () => {
  const window = { from: 0, to: 100 };
  it('cut off what lies outside, and show nothing of what lies wholly outside', () => {
    expect(placeIn(window, -10, 10)).toEqual({ left: 0, width: 10 });
    expect(placeIn(window, 95, 130)).toEqual({ left: 95, width: 5 });
    expect(placeIn(window, 100, 130)).toBeNull();
    expect(placeIn(window, 20, 20)).toBeNull();
  });
  it('put bars that overlap under one another, and no more than need be', () => {
    const bar = (from: number, until: number) => ({ from, until });
    expect(lanesOf([bar(0, 10), bar(5, 15), bar(10, 20), bar(16, 20)])).toEqual([0, 1, 0, 1]);
  });
  it('are walked by the arrow keys: along a row, and to what is nearest in time in the next that has anything', () => {
    const bar = (id: string, from: number) => ({ id, from, until: from + 1 });
    const rows = [{ bars: [bar('a', 0), bar('b', 10)] }, { bars: [] }, { bars: [bar('c', 2), bar('d', 11)] }];
    const from = (id: string, key: string) => neighbour(rows, id, key)?.id;
    expect(from('a', 'ArrowRight')).toBe('b');
    expect(from('b', 'ArrowRight')).toBeUndefined();
    expect(from('b', 'ArrowDown')).toBe('d');
    expect(from('c', 'ArrowUp')).toBe('a');
    expect(from('d', 'Home')).toBe('c');
    expect(from('gone', 'ArrowRight')).toBe('a');
  });
  it('name round hours', () => {
    expect(ticksOf({ from: 7 * hour + 1, to: 10 * hour }, 0, 4)).toEqual([8 * hour, 9 * hour, 10 * hour]);
  });
});

describe("the city's days", () => {
  it('begin at its own midnight, also when the clock is put on or back', () => {
    setTimeZone('Europe/Copenhagen');
    const back = Date.UTC(2026, 9, 25, 12); // the clock goes back on this day
    expect(new Date(startOfDay(back)).toISOString()).toBe('2026-10-24T22:00:00.000Z');
    expect(new Date(startOfDay(back + 24 * hour)).toISOString()).toBe('2026-10-25T23:00:00.000Z');
    const on = Date.UTC(2026, 2, 29, 12);
    expect(new Date(startOfDay(on)).toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(daysIn(back - 24 * hour, back + 24 * hour).map(dateOf)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
    setTimeZone('Asia/Shanghai');
  });
  it('belong to weeks that begin on Monday', () => {
    setTimeZone('Asia/Shanghai');
    expect(dateOf(startOfWeek(Date.UTC(2026, 10, 22, 3)))).toBe('2026-11-16');
    expect(dateOf(startOfWeek(Date.UTC(2026, 10, 16, 3)))).toBe('2026-11-16');
  });
  it('are read from a picker as the clock of the city', () => {
    setTimeZone('Asia/Shanghai');
    expect(new Date(momentOf('2026-11-20', '08:30')).toISOString()).toBe('2026-11-20T00:30:00.000Z');
    setTimeZone('America/Los_Angeles');
    expect(new Date(momentOf('2026-11-20', '08:30')).toISOString()).toBe('2026-11-20T16:30:00.000Z');
    setTimeZone('Asia/Shanghai');
  });
});

describe('a roster', () => {
  const shift = (person: string, crew: string, from: number): Shift => ({
    person,
    crew,
    shift: 'early',
    from: at(from),
    until: at(from + 8),
  });
  it('shows those who work the same hours in one bar', () => {
    const watches = watchesOf([shift('a', 'one', 6), shift('b', 'one', 6), shift('c', 'one', 14)]);
    expect(watches.map((watch) => watch.people.map((each) => each.person))).toEqual([['a', 'b'], ['c']]);
  });
  it('has a row for a crew that nobody is on duty in, and one for what concerns no crew', () => {
    const gaps = gapsWithIds([
      { kind: 'skill', from: at(6), until: at(14), text: { zh: '', en: '' } },
      { kind: 'crew_short', crew: 'two', from: at(6), until: at(14), text: { zh: '', en: '' } },
    ]);
    const rows = rowsOf(['one', 'two'], { shifts: [shift('a', 'one', 6)], absences: [] }, gaps);
    expect(rows.map((row) => [row.crew, row.watches.length, row.gaps.length])).toEqual([
      ['', 0, 1],
      ['one', 1, 0],
      ['two', 0, 1],
    ]);
  });
  it('makes one place of gaps that overlap, and loses none', () => {
    const gap = (from: number, until: number) => ({
      kind: 'skill' as const,
      from: at(from),
      until: at(until),
      text: { zh: '', en: '' },
    });
    const places = gathered(gapsWithIds([gap(6, 14), gap(10, 16), gap(20, 22)]));
    expect(places.map((place) => place.of.length)).toEqual([2, 1]);
    expect(places[0]?.until).toBe(Date.parse(at(16)));
  });
});

describe('a place inside of a cell', () => {
  it('lies inside also where the middle does not', () => {
    const horseshoe = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [10, 0],
          [10, 10],
          [8, 10],
          [8, 2],
          [2, 2],
          [2, 10],
          [0, 10],
          [0, 0],
        ],
      ],
    };
    const [lon = 5] = placeInside(horseshoe) ?? [];
    expect(lon < 2 || lon > 8).toBe(true);
    expect(placeInside(null)).toBeNull();
  });
  it('is not needed for a flaw without a place', () => {
    const flaws = flawsOf({
      version: '',
      cells: {},
      flaws: { features: [{ geometry: null, properties: { kind: 'no_rule', category: 'part-1' } }] },
      counters: {},
    } as unknown as DutyCoverage);
    expect(flaws).toMatchObject([{ kind: 'no_rule', category: 'part-1', at: null, cells: [] }]);
  });
});

const stop = (id: string, begin: number, more: Partial<ProposalStop> = {}): ProposalStop =>
  ({
    case: id,
    turn: 1,
    arriveAt: at(begin),
    beginAt: at(begin),
    departAt: at(begin + 1),
    travelS: 0,
    travelM: 0,
    detourM: 0,
    slackS: 0,
    change: 'new',
    why: [],
    ...more,
  }) as ProposalStop;
const route = (crew: string, stops: ProposalStop[], more: Partial<ProposalRoute> = {}): ProposalRoute =>
  ({ crew, status: 'open', stops, departAt: at(8), endAt: at(12), until: at(16), ...more }) as ProposalRoute;

describe('a plan', () => {
  const one = route('one', [stop('a', 8, { begun: true }), stop('b', 9), stop('c', 10), stop('d', 11)]);
  it('changes the order by keys, and never that of what is begun', () => {
    expect(movedBy(one, 'd', -1)).toEqual(['b', 'd', 'c']);
    expect(movedBy(one, 'b', -1)).toBeNull();
    expect(movedBy(one, 'a', 1)).toBeNull();
  });
  it('changes the order where the mouse lets go', () => {
    expect(movedTo(one, 'd', Date.parse(at(8.5)))).toEqual(['d', 'b', 'c']);
    expect(movedTo(one, 'b', Date.parse(at(23)))).toEqual(['c', 'd', 'b']);
    expect(movedTo(one, 'c', Date.parse(at(10.5)))).toBeNull();
    expect(movedTo(one, 'a', Date.parse(at(23)))).toBeNull();
  });
  it('says how many cases accepting would appoint: not those begun, not those decided', () => {
    const plan = {
      routes: [one, route('two', [stop('e', 9)], { status: 'accepted' }), route('three', [stop('f', 9)])],
    };
    expect(toAppoint(plan)).toBe(4);
    expect(toAppoint(plan, 'three')).toBe(1);
    expect(toAppoint(plan, 'two')).toBe(0);
  });
  it('is walked through stop by stop, and then what is undone', () => {
    const plan = { routes: [route('one', [stop('a', 8)]), route('two', [stop('b', 8)])], undone: [{ case: 'z' }] };
    expect(walkOf(plan as unknown as Proposal)).toEqual(['a', 'b', 'z']);
    expect(findStop(plan, 'b')?.row).toBe(1);
    expect(findStop(plan, 'z')).toBeNull();
  });
  it('is shown whole, in whole hours, and never less than four of them', () => {
    const window = windowOf({ routes: [one], idle: [] }, Date.parse(at(8.2)));
    expect([window.from, window.to]).toEqual([Date.parse(at(8)), Date.parse(at(16))]);
    const empty = windowOf({ routes: [], idle: [] }, Date.parse(at(8.2)));
    expect(empty.to - empty.from).toBe(4 * hour);
  });
  it('has a letter for every crew', () => {
    expect([letterOf(0), letterOf(25), letterOf(26)]).toEqual(['A', 'Z', 'A2']);
  });
});

describe("a crew's day", () => {
  const work = ['x', 'b', 'a'].map((id) => ({ item: { id } }));
  const day = (stops: [string, number][]) =>
    ({ stops: stops.map(([id, turn]) => ({ case: id, turn })), line: null }) as unknown as Parameters<
      typeof inOrderOfDay
    >[1];
  const ids = (list: { item: { id: string } }[]) => list.map((each) => each.item.id);
  it('puts the work in the order of the plan, what it does not name after it', () => {
    expect(
      ids(
        inOrderOfDay(
          work,
          day([
            ['b', 2],
            ['a', 1],
            ['gone', 3],
          ]),
        ),
      ),
    ).toEqual(['a', 'b', 'x']);
  });
  it('leaves the order as it was where there is no plan', () => {
    expect(ids(inOrderOfDay(work, null))).toEqual(['x', 'b', 'a']);
    expect(ids(inOrderOfDay(work, day([])))).toEqual(['x', 'b', 'a']);
  });
  it('has a way only where the server drew one', () => {
    expect(wayOfDay(null)).toBeNull();
    const line = {
      type: 'LineString',
      coordinates: [
        [1, 2],
        [3, 4],
      ],
    };
    expect(wayOfDay({ line } as unknown as Parameters<typeof wayOfDay>[0])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('a suggestion', () => {
  const label = (name: string): SuggestedLabel =>
    ({ label: name, confidence: 0.9, second: '', secondConfidence: 0, reasons: [] }) as SuggestedLabel;
  const suggestion = (department: string | null, category: string | null): Suggestion =>
    ({
      case: '',
      model: '',
      at: '',
      department: department && label(department),
      category: category && label(category),
    }) as Suggestion;
  const action = (verb: string, ...fields: string[]) => ({
    verb,
    fields: fields.map((name) => ({ name, required: false })),
  });
  it('goes into the form of the first step that asks for it', () => {
    const item = { actions: [action('note'), action('take_up'), action('dispatch', 'department')] };
    expect(suggestedStep(item, suggestion('water', null))?.fields).toEqual({ department: 'water' });
    const both = { actions: [action('take_up', 'department', 'category')] };
    expect(suggestedStep(both, suggestion('water', 'e-1'))?.fields).toEqual({ department: 'water', category: 'e-1' });
  });
  it('is not put where the form does not offer it, nor where it was not sure enough', () => {
    const offered = {
      actions: [
        {
          verb: 'dispatch',
          fields: [{ name: 'department', required: true, options: [{ value: 'traffic', label: { zh: '', en: '' } }] }],
        },
      ],
    };
    expect(suggestedStep(offered, suggestion('water', null))).toBeNull();
    expect(suggestedStep(offered, suggestion(null, null))).toBeNull();
  });
  it('says in words how sure it is', () => {
    expect([0.95, 0.8, 0.5].map(sureness)).toEqual(['very', 'quite', 'little']);
  });
  it('is scored by what was shown, beside what was held back', () => {
    const week = {
      guess: 'department' as const,
      week: '',
      right: 6,
      wrong: 2,
      withheldRight: 1,
      withheldWrong: 1,
      accuracy: 0.75,
    };
    expect(decided(week)).toBe(10);
    expect(shownShare(week)).toBe(0.8);
    expect(shownShare({ ...week, right: 0, wrong: 0, withheldRight: 0, withheldWrong: 0 })).toBeNull();
  });
});

describe('what citizens say', () => {
  it('is marked where it looks like personal data, the longer of two first, and nothing is lost', () => {
    const found = [
      { what: 'phone', text: '138' },
      { what: 'phone', text: '13800138000' },
    ];
    const pieces = piecesOf('打13800138000，138', found);
    expect(pieces.map((piece) => piece.text).join('')).toBe('打13800138000，138');
    expect(pieces.filter((piece) => piece.what).map((piece) => piece.text)).toEqual(['13800138000', '138']);
  });
  it('opens its cases only where enough people stand behind it', () => {
    expect([opens(4, 5), opens(5, 5), opens(0, 0)]).toEqual([false, true, false]);
  });
  it('is said with its spread', () => {
    const share = { count: 8, of: 20, share: 0.4, low: 0.219, high: 0.613 } as SurveyShare;
    expect(withSpread(share)).toBe('40 % (22–61)');
    expect(withSpread({ share: null, low: null, high: null })).toBe('—');
    expect(placeOn(3, 1, 5)).toBe(50);
  });
});

describe('a discussion', () => {
  const said = (id: string, replyTo: string | null = null) => ({ id, replyTo });
  const order = (...comments: ReturnType<typeof said>[]) =>
    threadsOf(comments).map(({ item, depth }) => `${'>'.repeat(depth)}${item.id}`);
  it('is read with each reply below what it answers, however deep', () => {
    expect(order(said('a'), said('b'), said('c', 'a'), said('d', 'c'), said('e', 'b'))).toEqual([
      'a',
      '>c',
      '>>d',
      'b',
      '>e',
    ]);
  });
  it('leaves nothing out: what answers something that is not there stands by itself', () => {
    expect(order(said('a', 'gone'), said('b', 'b'))).toEqual(['a', 'b']);
  });
});

describe('a decision about a proposal', () => {
  const item = (more: Partial<Moderated>) => ({ state: 'waiting', media: [], ...more }) as unknown as Moderated;
  const shown = { shown: true, title: 'Trees', text: 'Many' };
  it('publishes what nobody has read, and rewords what others have', () => {
    expect(stepFor(item({}), shown).verb).toBe('publish');
    expect(stepFor(item({ state: 'shown' }), { ...shown, reason: 'a name' })).toEqual({
      verb: 'reword',
      note: 'a name',
      fields: { title: 'Trees', text: 'Many', hide_photos: false },
    });
    expect(stepFor(item({}), { shown: false, reason: 'no' })).toEqual({ verb: 'refuse', note: 'no' });
  });
  it('hides photos that were not chosen, and only where there are any', () => {
    const photos = (chosen: string[]) => stepFor(item({ media: ['p'] }), { ...shown, photos: chosen }).fields;
    expect(photos([])?.hide_photos).toBe(true);
    expect(photos(['p'])?.hide_photos).toBe(false);
  });
  it('says why where somebody reads it', () => {
    expect(needsReason('comments', item({}), false)).toBe(true);
    expect(needsReason('comments', item({ state: 'shown' }), true)).toBe(false);
    expect(needsReason('proposals', item({}), true)).toBe(false);
    expect(needsReason('proposals', item({ state: 'shown' }), true)).toBe(true);
    expect(needsReason('reports', item({}), false)).toBe(false);
  });
});

describe('a round', () => {
  const text = (word: string) => ({ zh: word, en: word });
  it('is told what the server refused where it was said, in the language that is missing', () => {
    const errors = [
      { field: 'name', text: text('both') },
      { field: 'opensAt', text: text('when') },
      { field: 'closesAt', text: text('passed') },
      { field: 'budget', text: text('more') },
    ];
    expect(flawsByField(errors, { nameZh: '春', nameEn: ' ' }, (each) => each.en)).toEqual([
      { name: 'nameEn', errors: ['both'] },
      { name: 'opens', errors: ['when'] },
      { name: 'closes', errors: ['passed'] },
      { name: 'budget', errors: ['more'] },
    ]);
  });
  it('is first looked for where it runs, then where it opens next, then where it was last', () => {
    const round = (id: string, state: Round['state'], opensAt = '') => ({ id, state, opensAt }) as Round;
    const last = round('last', 'counted');
    const far = round('far', 'announced', '2027-09-01T00:00:00Z');
    const next = round('next', 'announced', '2027-03-01T00:00:00Z');
    expect(firstRound([far, next, last, round('now', 'voting')])?.id).toBe('now');
    expect(firstRound([far, next, last])?.id).toBe('next');
    expect(firstRound([last])?.id).toBe('last');
    expect(firstRound([])).toBeUndefined();
  });
});

describe('the count of a round', () => {
  const projects = [
    { code: '0004-3001', title: 'Path', cost: 300 },
    { code: '0004-3007', title: 'Park', cost: 900 },
    { code: '0004-3012', title: 'Books', cost: 100 },
  ];
  const published = publishedBallots(projects, 24, 30, 500);
  const ballots = (JSON.parse(published.text) as BallotFile).ballots;
  const votes = (code: string) => ballots.filter((each) => each.choices.includes(code)).length;
  const steps = projects.map(({ code, cost }) => ({
    code,
    cost,
    votes: votes(code),
    chosen: cost < 900,
    why: 'elected',
  }));
  const elected = ['0004-3001', '0004-3012'];
  const count = {
    round: 'spring',
    sha256: published.sha256,
    issued: 30,
    cast: 24,
    decides: 'greedy',
    projects,
    results: [{ rule: 'greedy', elected, spent: 400, steps }],
  } as unknown as RoundCount;
  const broken = async (text: string, more: Partial<RoundCount> = {}) => {
    const told = await proveCount(new TextEncoder().encode(text), { ...count, ...more } as RoundCount);
    return told.filter((each) => each.holds !== true).map((each) => each.proof);
  };
  const changed = (change: (file: BallotFile) => void) => {
    const file = JSON.parse(published.text) as BallotFile;
    change(file);
    return JSON.stringify(file);
  };
  it('is borne out by the ballots as they were published', async () => {
    expect(await broken(published.text)).toEqual([]);
  });
  it('is not where a ballot was changed, forged, given twice or left out, or something else was told', async () => {
    const other = changed(({ ballots: [first] }) => {
      if (first) first.choices = first.choices.length ? [] : ['0004-3001'];
    });
    expect(await broken(other)).toEqual(['file', 'votes']);
    const forged = changed(({ ballots: [first, second] }) => {
      if (first && second) first.signature = second.signature;
    });
    expect(await broken(forged)).toEqual(['file', 'signatures']);
    const twice = changed((file) => file.ballots.splice(1, 1, ...file.ballots.slice(0, 1)));
    expect(await broken(twice)).toContain('ballots');
    const left = changed((file) => file.ballots.pop());
    expect(await broken(left)).toContain('ballots');
    expect(await broken(published.text, { issued: 20 })).toEqual(['ballots']);
    expect(
      await broken(published.text, { results: [{ rule: 'greedy', elected, spent: 300, steps }] as never }),
    ).toEqual(['budget']);
  });
  it('is a table of all projects, with what each rule elected', () => {
    const rows = countRows(count, ['Number', 'Project', 'Cost', 'Votes'], (rule) => rule);
    expect(rows[0]).toEqual(['Number', 'Project', 'Cost', 'Votes', 'greedy']);
    expect(rows.slice(1).map((row) => [row[0], row[4]])).toEqual([
      ['0004-3001', 1],
      ['0004-3007', 0],
      ['0004-3012', 1],
    ]);
  });
});
