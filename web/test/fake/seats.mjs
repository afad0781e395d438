// Cases for every seat: reports just in, some alike; a joint case with a plan, tasks and a request; a worker's day; and,
// where a test asks for it, a hundred thousand of them.
import { createHash } from 'node:crypto';
import { center, rng } from './city.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const urn = (name) => `urn:ngsi-ld:Case:${name}`;
const minute = 60_000;
const hour = 60 * minute;

export const caseDefaults = () => ({
  workflow: 'city',
  rules: 'fake-1',
  openedBy: '',
  requests: [],
  tasks: [],
  media: [],
  merged: [],
  similar: [],
  mergedInto: null,
  count: 1,
  channel: 'sensor',
  supervised: false,
  rating: 0,
});

// A small picture that is really one: a street in two colours, another for each seed.
export function picture(seed) {
  const hue = (seed * 67) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="hsl(${hue} 30% 72%)"/><path d="M0 240 130 120h60l130 120z" fill="hsl(${hue} 10% 40%)"/><circle cx="${70 + seed * 25}" cy="62" r="26" fill="hsl(${(hue + 180) % 360} 50% 60%)"/></svg>`;
}

export class Media {
  constructor() {
    this.kept = new Map();
  }
  put(bytes, type) {
    const id = createHash('sha256').update(bytes).digest('hex');
    this.kept.set(id, { bytes, type });
    return id;
  }
  draw(seed) {
    return this.put(Buffer.from(picture(seed)), 'image/svg+xml');
  }
}

function made(id, now, more) {
  return {
    ...caseDefaults(),
    id: urn(id),
    finding: null,
    about: '',
    aboutName: '',
    kind: 'flooding',
    rule: '',
    severity: 'moderate',
    state: 'dispatched',
    stage: 'dispatch',
    outcome: 'open',
    department: 'water',
    holder: '',
    area: 'east',
    location: { type: 'Point', coordinates: center },
    openedAt: iso(now - hour),
    dueAt: iso(now + 4 * hour),
    closedAt: null,
    overdue: false,
    findingCleared: false,
    clearedAt: null,
    verifyHoldS: 0,
    commands: [],
    timeline: [{ at: iso(now - hour), by: 'user:li.wei', verb: 'file', to: 'filed', note: '' }],
    ...more,
  };
}

const at = (dx, dy) => ({ type: 'Point', coordinates: [center[0] + dx, center[1] + dy] });

function reports(now, media) {
  const report = (id, minutes, more) =>
    made(id, now, {
      kind: 'other',
      state: 'received',
      stage: 'intake',
      department: '',
      channel: 'citizen',
      openedBy: 'citizen',
      openedAt: iso(now - minutes * minute),
      dueAt: iso(now + (40 - minutes) * minute),
      timeline: [{ at: iso(now - minutes * minute), by: 'citizen', verb: 'open', to: 'received', note: '' }],
      ...more,
    });
  return [
    report('report-1', 26, {
      title: text('书院路人行道塌陷，老人差点摔倒', '书院路人行道塌陷，老人差点摔倒'),
      aboutName: '书院路 88 号',
      description: '书院路 88 号门口人行道塌了一块，约一米见方，昨晚有位老人差点摔倒。\n请尽快围挡修补。',
      address: '书院路 88 号门口',
      code: '0004-2173',
      location: at(0.004, -0.002),
      media: [media.draw(1)],
    }),
    report('report-2', 9, {
      title: text('人行道有坑', '人行道有坑'),
      aboutName: '书院路',
      description: '书院路人行道有个大坑，走路要小心',
      code: '0004-2181',
      location: at(0.0043, -0.0021),
      media: [media.draw(2)],
      channel: 'hotline',
      suggestion: {
        case: urn('report-2'),
        model: 'b1946ac9',
        at: iso(now - 9 * minute),
        category: null,
        department: {
          label: 'lighting',
          confidence: 0.91,
          second: 'traffic',
          secondConfidence: 0.06,
          reasons: [
            { word: '人行道', share: 0.5 },
            { word: '坑', share: 0.3 },
          ],
        },
      },
      similar: [
        { case: urn('report-1'), score: 0.86, distanceM: 38, earlierS: 1020, sameKind: true, textLikeness: 0.71 },
      ],
    }),
  ];
}

function joint(now, media) {
  return made('joint', now, {
    title: text('长桥路下穿通道积水，需联合处置', 'Underpass on Changqiao Road flooded, joint case'),
    aboutName: '长桥路下穿隧道',
    severity: 'extreme',
    state: 'working',
    stage: 'work',
    holder: 'user:chen.jing',
    supervised: true,
    location: at(0.008, 0.003),
    code: '0004-2099',
    channel: 'hotline',
    address: '长桥路下穿隧道北口',
    description: '隧道里水很深，有两辆车停在里面，请派人。',
    openedAt: iso(now - 3 * hour),
    dueAt: iso(now + 100 * minute),
    extendedS: 3600,
    stoodS: 2400,
    media: [media.draw(3)],
    count: 4,
    plan: {
      id: 'underpass-flood',
      name: text('下穿通道积水预案', 'Flooded underpass'),
      checklist: [
        {
          id: 'close-road',
          text: text('封闭通道并设置围挡', 'Close the underpass and set up barriers'),
          doneBy: 'user:chen.jing',
          doneAt: iso(now - 2 * hour),
        },
        { id: 'people', text: text('确认无人员和车辆被困', 'Make sure that nobody is trapped') },
        { id: 'power', text: text('确认通道内供电已切断', 'Make sure that the power is cut') },
      ],
      calls: [{ name: text('交警指挥中心', 'Traffic police'), phone: '0000-0001' }],
      resources: [{ name: text('移动泵车', 'Mobile pump'), amount: 1, place: text('水务所', 'Water depot') }],
    },
    tasks: [
      {
        number: 1,
        department: 'traffic',
        name: text('封路疏导', 'Close the road'),
        turn: 1,
        state: 'reported',
        holder: 'user:chen.jie',
        note: '已封路，车辆绕行清河路。',
        openedAt: iso(now - 2.5 * hour),
        reportedAt: iso(now - 1.6 * hour),
      },
      {
        number: 2,
        department: 'lighting',
        name: text('切断隧道照明', 'Cut the lights'),
        turn: 2,
        state: 'open',
        holder: '',
        note: '',
        openedAt: iso(now - 1.5 * hour),
      },
    ],
    requests: [
      {
        number: 1,
        kind: 'extend',
        name: text('延期', 'Extension'),
        by: 'user:chen.jing',
        at: iso(now - 20 * minute),
        note: '泵车在路上堵住了，需要再两小时。',
        given: { hours: 2 },
      },
    ],
    timeline: [
      { at: iso(now - 3 * hour), by: 'user:li.wei', verb: 'file', to: 'filed', note: '', role: 'operator' },
      {
        at: iso(now - 2.9 * hour),
        by: 'user:li.wei',
        verb: 'dispatch',
        to: 'dispatched',
        note: '',
        role: 'operator',
        given: { department: 'water' },
      },
      {
        at: iso(now - 2.6 * hour),
        by: 'user:chen.jing',
        verb: 'accept',
        to: 'working',
        note: '已到场',
        role: 'worker@department',
        given: { photos: [media.draw(4)], before: [media.draw(4)] },
      },
      {
        at: iso(now - 50 * minute),
        by: 'user:chen.jing',
        verb: 'note',
        to: 'working',
        note: '水位下降，正在清淤。',
        given: { photos: [media.draw(5)] },
      },
    ],
  });
}

// What lies before a worker of the water department: one begun, some pressing, some spread over the district.
function day(now) {
  const spots = [
    ['day-1', '清河路雨水篦子堵塞', 'Blocked gully on Qinghe Road', 0.012, 0.006, 50, 'severe'],
    ['day-2', '望江路井盖破损', 'Broken manhole cover on Wangjiang Road', 0.002, -0.008, 200, 'moderate'],
    ['day-3', '南塘路消火栓漏水', 'Leaking hydrant on Nantang Road', 0.014, 0.004, 300, 'minor'],
    ['day-4', '文昌路积水', 'Standing water on Wenchang Road', 0.0, 0.009, 280, 'moderate'],
    ['day-5', '白堤路水表井无盖', 'Open meter pit on Baidi Road', 0.003, -0.006, 320, 'moderate'],
  ];
  return spots.map(([id, zh, en, dx, dy, due, severity]) =>
    made(id, now, {
      title: text(zh, en),
      aboutName: zh.slice(0, 3),
      severity,
      location: at(dx, dy),
      dueAt: iso(now + due * minute),
      channel: 'patrol',
    }),
  );
}

export function addSeats(loop, media, now) {
  for (const item of [...reports(now, media), joint(now, media), ...day(now)]) {
    loop.cases.set(item.id, item);
    loop.traces.set(item.id, []);
  }
}

export function addMany(loop, count, now) {
  const random = rng(11);
  const severities = ['minor', 'moderate', 'moderate', 'severe'];
  for (let i = 0; i < count; i++) {
    const age = random() * 30 * 24 * hour;
    const due = now - age + 36 * hour + random() * 60 * hour;
    const item = made(`many-${i}`, now, {
      title: text(`积水 ${i}`, `Standing water ${i}`),
      aboutName: `${1 + (i % 400)} 号井`,
      severity: severities[Math.floor(random() * 4)],
      location: at((random() - 0.5) * 0.04, (random() - 0.5) * 0.026),
      openedAt: iso(now - age),
      dueAt: iso(due),
      overdue: due < now,
      department: ['water', 'traffic', 'lighting'][i % 3],
    });
    loop.cases.set(item.id, item);
  }
}
