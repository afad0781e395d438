// A survey in the stand-in, with answers that are always the same: shares with Wilson's interval, a mean with its spread,
// nothing shown of fewer than five.
import { Refusal } from './casework.mjs';
import { summaryOf } from './loop.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const day = 86_400_000;
const groupMin = 5;
const z = 1.96;

export function wilson(count, of) {
  if (of === 0) return { count, of, share: null, low: null, high: null };
  const p = count / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return { count, of, share: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

const questions = [
  {
    id: 'satisfied',
    type: 'scale',
    name: text('您对处理结果满意吗？', 'How satisfied are you with the result?'),
    required: true,
    low: text('很不满意', 'not at all'),
    high: text('很满意', 'very'),
  },
  {
    id: 'why',
    type: 'choice',
    name: text('主要原因', 'What counted most'),
    required: false,
    several: true,
    choices: [
      { key: 'fast', name: text('处理快', 'It was fast') },
      { key: 'slow', name: text('等得久', 'It took long') },
      { key: 'told', name: text('说得清楚', 'I was kept informed') },
      { key: 'again', name: text('又坏了', 'It broke again') },
    ],
  },
  { id: 'words', type: 'text', name: text('还想说什么', 'Anything else'), required: false },
];

const quartileOf = (counts, part) => {
  const all = counts.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  for (const [i, n] of counts.entries()) {
    seen += n;
    if (seen >= all * part) return i + 1;
  }
  return counts.length;
};

function scaleResult(counts, asked) {
  const n = counts.reduce((sum, each) => sum + each, 0);
  const mean = counts.reduce((sum, each, i) => sum + each * (i + 1), 0) / n;
  const sd = Math.sqrt(counts.reduce((sum, each, i) => sum + each * (i + 1 - mean) ** 2, 0) / Math.max(1, n - 1));
  const half = (2.02 * sd) / Math.sqrt(n);
  return {
    id: 'satisfied',
    type: 'scale',
    answered: n,
    values: counts.map((each, i) => ({ value: String(i + 1), ...wilson(each, n) })),
    mean: { value: mean, sd, low: Math.max(1, mean - half), high: Math.min(5, mean + half) },
    quartiles: [0.25, 0.5, 0.75].map((part) => quartileOf(counts, part)),
    satisfied: wilson(counts[3] + counts[4], n),
    ifAllAnswered: { low: (mean * n + (asked - n)) / asked, high: (mean * n + 5 * (asked - n)) / asked },
  };
}

function choiceResult(counts, n) {
  const names = ['fast', 'slow', 'told', 'again'];
  return {
    id: 'why',
    type: 'choice',
    answered: n,
    values: names.map((value, i) => ({ value, ...wilson(counts[i], n) })),
  };
}

function groupOf(key, name, asked, counts) {
  const answered = counts.reduce((sum, n) => sum + n, 0);
  const reached = Math.round(asked * 0.93);
  const shown = answered >= groupMin;
  const choices = [0.5, 0.28, 0.36, 0.12].map((part) => Math.round(answered * part));
  return {
    eligible: Math.round(asked * 1.6),
    asked,
    reached,
    answered,
    unanswered: asked - answered,
    waiting: 3,
    notAsked: { notDrawn: Math.round(asked * 0.4), unreachable: 9, askedLately: 4, overtaken: 2 },
    responseRate: wilson(answered, asked),
    reachRate: wilson(reached, asked),
    ...(key === null ? {} : { key, name }),
    shown,
    questions: shown
      ? [
          scaleResult(counts, asked),
          choiceResult(choices, answered),
          { id: 'words', type: 'text', answered: 2, texts: { waiting: 1, shown: 1, hidden: 0 } },
        ]
      : [],
  };
}

const groups = {
  department: [
    ['water', text('水务局', 'Water'), 96, [4, 6, 9, 16, 12]],
    ['lighting', text('路灯所', 'Lighting'), 52, [1, 1, 3, 10, 14]],
    ['traffic', text('交警支队', 'Traffic'), 14, [1, 0, 1, 1, 0]],
  ],
  area: [
    ['east', text('湖东片区', 'East'), 90, [3, 4, 6, 17, 17]],
    ['west', text('湖西片区', 'West'), 72, [3, 3, 7, 10, 9]],
  ],
  kind: [['other', text('其他', 'Other'), 162, [6, 7, 13, 27, 26]]],
  service: [['pavement', text('人行道破损', 'Broken pavement'), 162, [6, 7, 13, 27, 26]]],
  week: [
    ['2026-W47', text('2026-W47', '2026-W47'), 84, [2, 4, 6, 15, 16]],
    ['2026-W46', text('2026-W46', '2026-W46'), 78, [4, 3, 7, 12, 10]],
  ],
};

export class Surveys {
  constructor(loop, now) {
    this.loop = loop;
    this.now = now;
    this.texts = [
      {
        id: 't-1',
        question: 'words',
        state: 'shown',
        at: iso(now - 2 * day),
        shownText: '修得很快，谢谢。',
        text: '修得很快，谢谢。',
        masked: '修得很快，谢谢。',
        found: [],
        by: 'user:zhao.min',
        decidedAt: iso(now - day),
      },
      {
        id: 't-2',
        question: 'words',
        state: 'waiting',
        at: iso(now - day),
        shownText: null,
        text: '打我电话 13900139000 没人回',
        masked: '打我电话 ■■■■■■■■■■■ 没人回',
        found: [{ what: 'phone', text: '13900139000' }],
        by: null,
        decidedAt: null,
      },
    ];
  }

  summary() {
    return {
      id: 'after-closing',
      name: text('结案回访', 'After closing'),
      inForce: true,
      since: iso(this.now - 90 * day),
      version: 'v2',
      versions: [{ version: 'v2', since: iso(this.now - 60 * day) }],
      share: 0.5,
      openDays: 14,
      delayHours: 24,
      asked: 162,
      reached: 151,
      answered: 79,
      textsWaiting: this.texts.filter((each) => each.state === 'waiting').length,
    };
  }

  results(query) {
    const by = query.get('by') || 'department';
    return {
      survey: this.summary(),
      questions,
      version: 'v2',
      by,
      from: query.get('from'),
      to: null,
      groupMin,
      total: groupOf(null, null, 162, [6, 7, 13, 27, 26]),
      groups: groups[by].map(([key, name, asked, counts]) => groupOf(key, name, asked, counts)),
      hidden: { groups: 1, asked: 3, answered: 1 },
    };
  }

  // Any cases do: what is shown is that a number opens a list.
  cases(query) {
    const of = groups[query.get('by') || 'department'].find(([key]) => key === query.get('key'));
    const value = query.get('value');
    const counts = of?.[3] ?? [6, 7, 13, 27, 26];
    const n = query.get('question') === 'satisfied' ? counts[Number(value) - 1] : groupMin;
    if (n < groupMin) throw new Refusal(409, 'refused', `fewer than ${groupMin} people`);
    const found = [...this.loop.cases.values()].slice(0, Math.max(groupMin, Math.min(n, 12)));
    return { cases: found.map(summaryOf), next: null, total: found.length };
  }

  answer(method, [, id, sub, textId], query, body, session) {
    if (id && id !== 'after-closing') throw new Refusal(404, 'Not found', id);
    const key = `${method}${id ? ' one' : ''}${sub ? ` ${sub}` : ''}${textId ? ' it' : ''}`;
    switch (key) {
      case 'GET':
        return { surveys: [this.summary()], groupMin };
      case 'GET one':
        return this.results(query);
      case 'GET one cases':
        return this.cases(query);
      case 'GET one texts': {
        const items = this.texts.filter((each) => each.state === (query.get('state') || 'shown'));
        return { items, next: null, total: items.length };
      }
      case 'PUT one texts it': {
        const item = this.texts.find((each) => each.id === textId);
        Object.assign(item, {
          state: body.shown ? 'shown' : 'hidden',
          shownText: body.shown ? (body.text ?? item.masked) : null,
          by: session.user.id,
          decidedAt: iso(Date.now()),
        });
        return item;
      }
      default:
        return undefined;
    }
  }
}
