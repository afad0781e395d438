// The staff's side of two made-up cycles in the stand-in: one double blind and in review, one whose review has closed. Each
// route asks for its right, as the server does. Nothing here is a measurement; it is what the pages are tested with.
import { Refusal } from '../../../../web/test/fake/casework.mjs';
import { FileAnswer, pdf } from '../../../../web/test/fake/files.mjs';
import { FakeLog } from './fake_log.mjs';

const text = (zh, en) => ({ zh, en });
const day = 86_400_000;
const wave = (seed) => Math.sin(seed * 12.9898) * 0.5 + Math.sin(seed * 4.1414) * 0.5;

const seat = (id, zh, en, role, permission) => ({
  user: { id: `user:${id}`, name: text(zh, en), roles: [role], department: '', areas: [] },
  permissions: ['see_awards', permission],
});
export const staff = [
  seat('zhou.lan', '周岚', 'Zhou Lan', 'secretary', 'run_awards'),
  seat('gao.ming', '高明', 'Gao Ming', 'juror', 'judge_awards'),
  seat('he.qing', '何清', 'He Qing', 'chair', 'decide_awards'),
  seat('lu.yi', '陆仪', 'Lu Yi', 'auditor', 'audit_awards'),
];

const field = (id, zh, en, more = {}) => ({
  id,
  name: text(zh, en),
  help: text('', ''),
  type: 'text',
  required: true,
  both: false,
  maxChars: 1500,
  blind: 'mask',
  ...more,
});
const slot = (id, zh, en, more = {}) => ({
  id,
  name: text(zh, en),
  help: text('', ''),
  kind: 'pdf',
  least: 1,
  most: 1,
  supportingCases: false,
  stamped: false,
  bytesMax: 30 << 20,
  ...more,
});
const category = (id, zh, en) => ({
  id,
  name: text(zh, en),
  description: text('', ''),
  theme: false,
  casesMin: 0,
  keyWords: [],
  status: [],
});
const dimension = (id, zh, en, more = {}) => ({
  id,
  name: text(zh, en),
  description: text('', ''),
  max: 10,
  step: 1,
  weight: 1,
  ...more,
});

function makeCycles(now) {
  const at = (days) => new Date(now + days * day).toISOString();
  const window = (opens, closes) => ({ opens: at(opens), closes: at(closes), open: opens <= 0 && closes > 0 });
  const free = { opens: null, closes: null, open: true };
  // biome-ignore lint/suspicious/noThenProperty: as the API calls what comes of a stage
  const stage = (id, zh, en, when) => ({ id, name: text(zh, en), then: text('', ''), ...when });
  const common = {
    timeZone: 'Asia/Shanghai',
    languages: ['zh', 'en'],
    perUnitMax: 3,
    confirmWithinS: 864000,
    optOut: true,
  };
  const blindCycle = {
    ...common,
    id: 'cases-2026',
    year: 2026,
    name: text('2026 智慧城市先锋案例征集', 'Call for Smart City Cases 2026'),
    organiser: text('智慧城市联合会', 'Association for Smart Cities'),
    description: text('五个领域的实践案例。', 'Cases of practice in five fields.'),
    entry: window(-60, -20),
    registration: {
      how: 'invited',
      ...window(-60, 1),
      consent: text('仅用于本次征集。', 'It serves this call alone.'),
    },
    stages: [
      stage('screening', '形式审查', 'Screening', window(-20, 2)),
      stage('questions', '补充材料', 'Further material', window(-20, 4)),
      stage('transfer', '类别调整', 'Transfers', window(-20, 4)),
      stage('review', '双盲评审', 'Double-blind review', window(-3, 11)),
      stage('deliberation', '专家合议', 'Deliberation', window(12, 19)),
      stage('confirmation', '确认', 'Confirmation', free),
      stage('results', '发布', 'Publication', window(60, 200)),
    ],
    categories: [
      category('government', '数字政府', 'Digital government'),
      category('livelihood', '数字民生', 'Daily life'),
      category('green', '绿色低碳', 'Green and low in carbon'),
    ],
    secondLanguageRequired: false,
    doubleBlind: true,
    reviewers: 3,
    shortlist: 4,
    certificate: true,
    distinctions: [
      { id: 'gold', name: text('金奖', 'Gold award') },
      { id: 'silver', name: text('银奖', 'Silver award') },
    ],
    channels: [{ id: 'library', name: text('公开案例库', 'Public case library') }],
    fields: [
      field('title', '案例名称', 'Title of the case', { type: 'line', both: true, maxChars: 60 }),
      field('unit', '申报单位', 'Unit that applies', { type: 'line', blind: 'hide' }),
      field('summary', '案例概述', 'The case in short', { both: true, maxChars: 500 }),
      field('content', '主要做法', 'What was done'),
      field('effect', '应用成效', 'Effect'),
    ],
    files: [
      slot('application', '申报书（盖章 PDF）', 'Application, stamped, as PDF', { stamped: true, pagesMax: 30 }),
      slot('proof', '证明材料', 'Proof', { least: 0, most: 5 }),
    ],
    dimensions: [
      dimension('overall', '综合评分', 'Overall', {
        step: 0.5,
        description: text('案例的整体水平。', 'The case as a whole.'),
      }),
      dimension('novelty', '创新性', 'Novelty', { weight: 0.5 }),
    ],
    bands: [
      { from: 0, name: text('一般', 'ordinary') },
      { from: 5, name: text('合格', 'pass') },
      { from: 6, name: text('较好', 'fairly good') },
      { from: 7, name: text('良好', 'good') },
      { from: 9, name: text('优秀', 'excellent') },
    ],
    bonusMax: 2,
    bonuses: [
      { id: 'standard', name: text('获得认证或标准', 'Certified, or made a standard'), points: 1 },
      { id: 'participation', name: text('参与联合会活动', "Took part in the association's work"), points: 1 },
    ],
    prizes: [
      {
        id: 'builder',
        name: text('年度建设者', 'Builder of the year'),
        description: text('长期投身城市数字化的一线人员。', 'For people who have long worked at it on the ground.'),
        of: 'person',
        winners: 1,
        groups: [],
      },
    ],
  };
  const closedCycle = {
    ...blindCycle,
    id: 'city-award-2025',
    year: 2025,
    name: text('2025 智慧城市大奖', 'Smart City Award 2025'),
    entry: window(-160, -100),
    registration: { how: 'closed', ...window(-160, -100), consent: text('', '') },
    stages: [
      stage('review', '评审', 'Review', window(-60, -4)),
      stage('deliberation', '合议', 'Deliberation', window(-3, 8)),
      stage('results', '揭晓', 'Results', window(60, 200)),
    ],
    doubleBlind: false,
    prizes: [],
  };
  return [blindCycle, closedCycle];
}

const titles = [
  ['一网统管城市运行平台', 'One network for running the city'],
  ['社区慢病随访助手', 'Follow-up of long illness in the neighbourhood'],
  ['老旧小区加装电梯协商平台', 'A table for agreeing on lifts in old quarters'],
  ['雨水管网数字孪生', 'A digital twin of the storm drains'],
  ['校门口护学调度', 'Safe ways to school'],
  ['园区近零碳微电网', 'A micro grid near zero carbon'],
  ['12345 热线智能派单', 'Sorting what the hotline hears'],
  ['独居老人用水守护', 'Water meters that look after people living alone'],
  ['公交一码通行', 'One code for every bus'],
  ['湿垃圾就地资源化', 'Kitchen waste used where it arises'],
  ['医保移动结算', 'Health insurance settled by telephone'],
  ['路侧停车诱导', 'Guidance to parking at the kerb'],
];
const stages = [
  'submitted',
  'submitted',
  'submitted',
  'asked',
  'accepted',
  'accepted',
  'questioned',
  'review',
  'review',
  'review',
  'rejected',
  'submitted',
];

function makeProposals(cycle, now, closed) {
  const at = (days) => new Date(now + days * day).toISOString();
  return titles.map(([zh, en], i) => {
    const unit = text(
      `云岭市${['数据局', '民政局', '水务集团', '交通运输局'][i % 4]}`,
      `Yunling ${['Data Bureau', 'Civil Affairs', 'Water Group', 'Transport Bureau'][i % 4]}`,
    );
    const answers = {
      title: { zh, en },
      unit: unit.zh,
      summary: {
        zh: `${unit.zh}自 2023 年起建设“${zh}”，由王晓雯牵头，覆盖全市 12 个街道。联系邮箱 wang@yunling.example。`,
        ...(i % 3 === 2
          ? {}
          : { en: `Since 2023 ${unit.en} has built this work, led by Wang Xiaowen, in all 12 quarters.` }),
      },
      content: `汇聚八个部门的数据，按事件闭环处置。白云街道先行试点，随后在全市推开。\n平台由${unit.zh}运行。`,
      effect: '办理时长由 46 小时降到 19 小时，重复投诉下降 31%。',
    };
    const files = [
      {
        id: `f${closed ? 'c' : 'b'}${i}`.padEnd(24, '0'),
        slot: 'application',
        round: 'submission',
        name: `申报书-${i + 1}.pdf`,
        mediaType: 'application/pdf',
        bytes: 482_113,
        sha256: '0'.repeat(64),
        pages: 1,
        at: at(-30),
      },
    ];
    const stage = closed ? (i < 4 ? 'review' : i === 4 ? 'awarded' : 'deliberation') : stages[i];
    return {
      id: `${closed ? 'c' : 'b'}${String(i + 1).padStart(3, '0')}`.padEnd(24, 'a'),
      cycle: cycle.id,
      number: `${closed ? 'CA25' : 'AL26'}-${String(i + 1).padStart(4, '0')}`,
      category: cycle.categories[closed ? 1 : i % 3].id,
      title: zh,
      stage,
      version: 1 + (i % 2),
      prize: stage === 'awarded' ? 'gold' : '',
      changedAt: at(-(i % 9) - 0.3),
      submittedAt: at(-25 - i),
      shortlistedAt: null,
      confirmedAt: null,
      applicant: {
        unit,
        unitCode: '91330100MA2XXXXX0Y',
        city: '云岭市',
        person: '王晓雯',
        email: 'wang@yunling.example',
        phone: '0571-5550123',
        language: i % 2 ? 'en' : 'zh',
      },
      received: { answers },
      transferTo: null,
      files,
      questions:
        stage === 'questioned'
          ? [
              {
                number: 1,
                text: '成效数据的统计口径是什么？',
                answer: '',
                askedBy: 'user:zhou.lan',
                askedAt: at(-2),
                answeredAt: null,
              },
            ]
          : [],
      events: [{ what: 'submitted', by: 'applicant:1f2e3d4c5b6a7988', why: '', at: at(-25 - i) }],
      masking:
        !closed && stage === 'review'
          ? {
              decisions: { mask: [], keep: [] },
              files: files.map(({ id }) => id),
              releasedBy: 'user:zhou.lan',
              at: at(-3),
            }
          : null,
    };
  });
}

const sizeOf = (list) => ({ proposals: list.length, applicants: Math.ceil(list.length / 2), cases: 3 * list.length });

const headOf = ({
  id,
  cycle,
  number,
  category: of,
  title,
  stage,
  version,
  prize,
  changedAt,
  submittedAt,
  shortlistedAt,
  confirmedAt,
}) => ({
  id,
  cycle,
  number,
  category: of,
  title,
  stage,
  version,
  prize,
  changedAt,
  submittedAt,
  shortlistedAt,
  confirmedAt,
});

const after = {
  accept_entry: 'accepted',
  ask_information: 'asked',
  reject_entry: 'rejected',
  ask_candidate: 'questioned',
  end_questions: 'accepted',
  begin_review: 'review',
  disqualify: 'disqualified',
  end_review: 'deliberation',
  shortlist: 'shortlisted',
  not_shortlist: 'not_shortlisted',
  award: 'awarded',
  honour: 'honoured',
};

export class StaffSide {
  constructor(started) {
    this.started = started;
    this.cycles = makeCycles(started);
    this.log = new FakeLog();
    this.proposals = this.cycles.flatMap((cycle, i) => makeProposals(cycle, started, i === 1));
    for (const one of this.proposals)
      one.receipt = this.log.append({
        kind: 'submission',
        subject: `${one.number}/1`,
        cycle: one.cycle,
        by: 'applicant',
        content: JSON.stringify(one.received),
      });
    this.jurors = new Map(
      [
        ['gao.ming', '高明', ['政务', 'hotline'], ['云岭大学']],
        ['fang.yu', '方瑜', ['医疗', '养老'], ['省卫生研究院']],
        ['sun.hao', '孙浩', ['水务', '能源'], ['水务集团']],
        ['tan.rui', '谭睿', ['交通', 'parking'], ['规划院']],
      ].map(([account, name, keyWords, organisations]) => [
        account,
        { account, name, keyWords, organisations, cities: [], coAuthors: [], declared: [], text: '', loadMax: 6 },
      ]),
    );
    this.sheets = this.proposals
      .filter(({ stage, cycle }) => stage === 'review' && cycle === 'cases-2026')
      .map((one, i) => ({
        id: `sheet${i}`.padEnd(24, '0'),
        proposal: one.id,
        juror: 'user:gao.ming',
        cycle: one.cycle,
        state: 'open',
        version: 0,
        at: one.changedAt,
        scores: {},
        comment: '',
        why: '',
        versions: [],
      }));
    this.seal = null;
    this.letters = new Map(); // by proposal, code and occasion: how often it was sent, and what became of the last
    this.mailServer = true;
    this.nominations = [
      { id: 'n1', prize: 'builder', group: '', name: '林秀英', statement: '三十年管网巡检，主持图纸数字化。' },
      { id: 'n2', prize: 'builder', group: '', name: '陈大川', statement: '带出全市第一支社区数字员队伍。' },
    ];
    this.votes = new Map();
    this.decisions = new Map();
  }

  answer(method, path, query, body, session) {
    const may = (permission) => {
      if (!session.permissions.includes(permission)) throw new Refusal(403, 'Refused', `${permission} is not granted`);
    };
    const [room, id, sub, last] = path;
    const now = new Date().toISOString();
    const cycles = () => this.cycles.map((cycle) => ({ ...cycle, now }));
    if (room === 'log') return this.logAnswer(id, query);
    if (room === 'cycles' && !id) return { cycles: cycles() };
    if (room === 'cycles') {
      const cycle = cycles().find((one) => one.id === id);
      if (!cycle) throw new Refusal(404, 'Not found', id);
      return sub ? this.ofCycle(method, cycle, sub, last, query, body, session, may, path[4]) : cycle;
    }
    if (room === 'proposals') {
      may('run_awards');
      return this.ofProposal(method, this.one(id), sub, last, query, body, session);
    }
    if (room === 'sheets') {
      may('judge_awards');
      return this.ofSheets(method, id, sub, body, session);
    }
    if (room === 'panel') {
      may('decide_awards');
      return this.ofPanel(this.one(id), sub, body, session);
    }
    return undefined;
  }

  one(id) {
    const found = this.proposals.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'Not found', id);
    return found;
  }

  logAnswer(what, query) {
    if (what === 'head') return this.log.published();
    if (what === 'growth') return this.log.growth(Number(query.get('from')));
    if (what === 'key') return new FileAnswer('application/x-pem-file', Buffer.from(this.log.pem));
    return undefined;
  }

  ofCycle(method, cycle, sub, last, query, body, session, may, more) {
    const own = this.proposals.filter((one) => one.cycle === cycle.id);
    const closed = cycle.id === 'city-award-2025';
    switch (sub) {
      case 'desk': {
        may('run_awards');
        const count = (list) => {
          const out = {};
          for (const { stage } of list) out[stage] = (out[stage] ?? 0) + 1;
          return out;
        };
        return {
          cycle,
          stages: { ...count(own), draft: 7 },
          categories: Object.fromEntries(
            cycle.categories.map(({ id }) => [id, count(own.filter((one) => one.category === id))]),
          ),
          size: {
            ...sizeOf(own),
            categories: Object.fromEntries(
              cycle.categories.map(({ id }) => [id, sizeOf(own.filter((one) => one.category === id))]),
            ),
          },
          jurors: [...this.jurors.values()].map(({ account, name }, i) => ({
            account,
            name,
            sheets: 3 + i,
            handedIn: i,
          })),
        };
      }
      case 'proposals': {
        may('run_awards');
        const is = (name, value) => !query.get(name) || query.get(name) === value;
        const found = own.filter(
          (one) =>
            is('stage', one.stage) &&
            is('category', one.category) &&
            (one.number + one.title).includes(query.get('q') ?? ''),
        );
        return { proposals: found.map(headOf), total: found.length, next: null };
      }
      case 'near-duplicates': {
        may('run_awards');
        const [a, b] = own;
        return {
          proposals: own.length,
          total: 1,
          next: null,
          pairs: [
            {
              a: headOf(a),
              b: headOf(b),
              sameApplicant: false,
              likeness: 0.31,
              contained: 0.44,
              passages: [{ a: a.received.answers.content, b: b.received.answers.content, words: 38 }],
            },
          ],
        };
      }
      case 'jurors':
        may('run_awards');
        if (method === 'PUT') this.jurors.set(last, { account: last, ...body });
        if (method === 'DELETE') this.jurors.delete(last);
        return { jurors: [...this.jurors.values()] };
      case 'assignments': {
        may('run_awards');
        if (method === 'POST') {
          this.assigned = this.assign(
            own.filter(({ stage }) => stage === 'accepted' || stage === 'review'),
            body,
          );
          return this.assigned.sums;
        }
        const from = Number(query.get('cursor') ?? 0); // a page of three, however many are wished for
        const rows = this.assigned.rows.filter((one) => (one.number + one.title).includes(query.get('q') ?? ''));
        return {
          total: rows.length,
          rows: rows.slice(from, from + 3),
          next: from + 3 < rows.length ? String(from + 3) : null,
        };
      }
      case 'letters':
        may('run_awards');
        return method === 'POST' ? this.sendLetters(own, body) : this.listLetters(own, query);
      case 'export.zip':
        may('run_awards');
        return new FileAnswer('application/zip', Buffer.from('PK'));
      case 'seal':
        return this.sealAnswer(method, cycle, last, body, may);
      case 'nominations':
        may('run_awards');
        this.nominations.push({ id: `n${this.nominations.length + 1}`, group: '', ...body });
        return { id: this.nominations.at(-1).id };
      case 'prizes': {
        if (more === 'vote') {
          may('judge_awards');
          this.votes.set(`${last} ${session.user.id}`, body.nomination);
          return {};
        }
        const nominations = this.nominations.filter(({ prize }) => prize === last).map(({ prize, ...one }) => one);
        if (session.permissions.includes('judge_awards'))
          return { nominations, mine: [this.votes.get(`${last} ${session.user.id}`)].filter(Boolean) };
        if (session.permissions.includes('run_awards')) return { nominations };
        const given = [...this.votes].filter(([key]) => key.startsWith(`${last} `)).map(([, nomination]) => nomination);
        const candidates = nominations.map((one) => ({
          nomination: one.id,
          votes: given.filter((id) => id === one.id).length,
          elected: given.length > 0 && given.every((id) => id === one.id),
          tied: false,
        }));
        return {
          nominations,
          counts: [
            {
              group: '',
              voices: given.length,
              quorate: given.length > 0,
              openPlaces: given.length ? 0 : 1,
              candidates,
            },
          ],
        };
      }
      case 'ranking':
        may('decide_awards');
        if (!closed)
          throw new Refusal(
            409,
            'conflict',
            text('评分密封至评审结束', 'scores are sealed until the review has closed'),
          );
        return {
          judged: Object.fromEntries(
            cycle.categories.map(({ id }) => [id, own.filter((one) => one.category === id).length]),
          ),
          ...this.ranking(own.filter((one) => !query.get('category') || one.category === query.get('category'))),
        };
      case 'agreement': {
        may('decide_awards');
        if (!closed)
          throw new Refusal(
            409,
            'conflict',
            text('评分密封至评审结束', 'scores are sealed until the review has closed'),
          );
        const interval = (value, wide) => ({ value, low: value - wide, high: Math.min(1, value + wide) });
        return {
          proposals: own.length,
          raters: 4,
          sheets: own.length * 3,
          confidence: 0.95,
          dimensions: [
            ...cycle.dimensions.map(({ id }, i) => ({
              dimension: id,
              scores: own.length * 3,
              alpha: interval(0.71 - i * 0.2, 0.1),
              icc: { one: interval(0.6, 0.12), mean: interval(0.82 - i * 0.1, 0.08), each: 3, proposals: own.length },
              adjusted: { one: 0.68, mean: 0.86 },
            })),
            { dimension: '', scores: own.length * 3, alpha: interval(0.82, 0.07), icc: null, adjusted: null },
          ],
        };
      }
      case 'audit': {
        may('audit_awards');
        const sheets = this.sheets.filter((one) => one.cycle === cycle.id);
        const from = Number(query.get('cursor') ?? 0); // a page of five, however many are wished for
        const page = (all) => all.slice(from, from + 5);
        return {
          totalProposals: own.length,
          totalSheets: sheets.length,
          next: from + 5 < Math.max(own.length, sheets.length) ? String(from + 5) : null,
          proposals: page(own).map(({ number, stage, submittedAt, version, events }) => ({
            number,
            stage,
            receipts: Array.from({ length: version }, (_, i) => ({ version: i + 1, receipt: true, at: submittedAt })),
            events: events.map(({ what, by, at }) => ({ what, by, at })),
          })),
          events:
            from === 0
              ? [{ what: 'registered', by: 'applicant:0123456789abcdef', at: new Date(this.started).toISOString() }]
              : [],
          sheets: page(sheets).map(({ id, state, version, at }) => ({ id, state, version, at })),
        };
      }
      default:
        return undefined;
    }
  }

  // What there is an occasion for: a receipt of everything received, and whoever is asked something.
  dueLetters(proposals) {
    const letter = (one, code, occasion, subject, words) => {
      const sent = this.letters.get(`${one.id} ${code} ${occasion}`);
      return {
        proposal: one.id,
        number: one.number,
        title: one.title,
        code,
        occasion,
        to: one.applicant.email,
        name: one.applicant.person,
        language: one.applicant.language,
        subject,
        text: words,
        nth: 0,
        state: one.applicant.email ? 'not_sent' : 'no_address',
        trouble: 'none',
        why: '',
        since: null,
        notAfter: null,
        ...sent,
      };
    };
    return proposals.flatMap((one) => [
      letter(
        one,
        'receipt',
        String(one.version),
        text(`已收到：${one.number}`, `Received: ${one.number}`),
        text(`“${one.title}”第 ${one.version} 版已收到。`, `Version ${one.version} of "${one.title}" was received.`),
      ),
      ...(one.stage === 'asked' || one.stage === 'questioned'
        ? [
            letter(
              one,
              'questions',
              '1',
              text('请答复秘书处', 'The secretariat waits for your answer'),
              text(`${one.number} 有待答复的提问。`, `${one.number} has questions to be answered.`),
            ),
          ]
        : []),
    ]);
  }

  listLetters(proposals, query) {
    const all = this.dueLetters(proposals);
    const kinds = ['receipt', 'submit', 'questions', 'transfer', 'shortlist', 'confirm', 'result'].map((code) => {
      const states = {};
      for (const one of all.filter((each) => each.code === code)) states[one.state] = (states[one.state] ?? 0) + 1;
      return { code, automatic: code === 'submit', states };
    });
    const is = (name, value) => !query.get(name) || query.get(name) === value;
    const found = all.filter(
      (one) =>
        is('code', one.code) &&
        is('state', one.state) &&
        (one.number + one.title + one.name + one.to).includes(query.get('q') ?? ''),
    );
    const from = Number(query.get('cursor') || 0);
    const end = from + Number(query.get('limit') || 100);
    const next = end < found.length ? String(end) : null;
    return { server: this.mailServer, kinds, letters: found.slice(from, end), total: found.length, next };
  }

  sendLetters(proposals, { letters, reason }) {
    const all = this.dueLetters(proposals);
    const out = { sent: 0, already: 0, server: this.mailServer, left: [] };
    for (const { proposal, code, occasion, nth } of letters) {
      const one = all.find((each) => each.proposal === proposal && each.code === code && each.occasion === occasion);
      if (nth > 1 && !reason)
        throw new Refusal(400, 'invalid', text('再次发送须说明理由', 'sent again it needs a reason'));
      if (!one || one.state === 'no_address')
        out.left.push({ proposal, code, why: text('没有可用的邮箱', 'no address that works') });
      else if (nth <= one.nth) out.already += 1;
      else {
        const state = this.mailServer ? 'taken' : 'waiting';
        const trouble = this.mailServer ? 'none' : 'no_server';
        this.letters.set(`${proposal} ${code} ${occasion}`, { nth, state, trouble, since: new Date().toISOString() });
        out.sent += 1;
      }
    }
    return out;
  }

  assign(proposals, wish) {
    const jurors = [...this.jurors.values()];
    const is = (list, proposal, juror) => (list ?? []).some((one) => one.proposal === proposal && one.juror === juror);
    const rows = proposals.map((one, i) => {
      const barred = jurors.filter((juror) => juror.account === 'sun.hao' && i % 4 === 2);
      const free = jurors.filter((juror) => !barred.includes(juror) && !is(wish.forbidden, one.id, juror.account));
      const got = free.filter((juror, k) => is(wish.fixed, one.id, juror.account) || (k + i) % 4 !== 3).slice(0, 4);
      return {
        ...headOf(one),
        pairs: got.map((juror, k) => ({
          juror: juror.account,
          match: Math.abs(wave(i * 5 + k)) * 0.8 + 0.1,
          fixed: is(wish.fixed, one.id, juror.account),
          kept: k === 0,
        })),
        bars: barred.map(({ account }) => ({ juror: account, why: 'organisation', what: '水务集团' })),
        lack:
          got.length < 3
            ? {
                needed: 3,
                got: got.length,
                barred: { organisation: barred.length, forbidden: (wish.forbidden ?? []).length },
                poorMatch: 0,
                loaded: 1,
              }
            : null,
      };
    });
    const pairs = rows.flatMap((row) => row.pairs);
    const sum = (list) => list.reduce((all, { match }) => all + match, 0);
    const sums = {
      committed: wish.commit === true,
      linked: true,
      connectivity: 0.21,
      parts: 1,
      matchSum: sum(pairs),
      reviews: pairs.length,
      proposals: rows.length,
      lacking: rows.filter(({ lack }) => lack).length,
      loads: jurors.map(({ account }) => {
        const own = pairs.filter(({ juror }) => juror === account);
        return { juror: account, count: own.length, match: sum(own) };
      }),
    };
    return { sums, rows: rows.sort((a, b) => Number(!a.lack) - Number(!b.lack)) };
  }

  sealAnswer(method, cycle, last, body, may) {
    if (method === 'GET') {
      if (!this.seal) throw new Refusal(404, 'Not found', `the review of '${cycle.id}' is not sealed`);
      return this.seal;
    }
    if (method === 'PUT') {
      may('run_awards');
      this.seal = {
        closesAt: cycle.stages.find(({ id }) => id === 'review').closes,
        need: body.need,
        holders: body.holders.map((one) => ({ ...one, given: false })),
        sheets: 0,
        openingEntry: this.log.leaves.length,
        unsealedEntry: null,
        wrong: [],
      };
      return this.seal;
    }
    may(last === 'chair-key' ? 'decide_awards' : 'audit_awards');
    if (body.passphrase !== 'right') throw new Refusal(403, 'Refused', 'the passphrase does not open the key');
    this.seal.holders.find(({ role }) => role === last.replace('-key', '')).given = true;
    return this.seal;
  }

  ofProposal(method, one, sub, last, query, body, session) {
    const note = (what, why = '') => one.events.push({ what, by: session.user.id, why, at: new Date().toISOString() });
    if (!sub) return { ...headOf(one), ...one };
    if (sub === 'files')
      return new FileAnswer('application/pdf', pdf(query.get('blind') ? 'Blind copy' : `Application ${one.number}`));
    if (sub === 'certificate.pdf') return new FileAnswer('application/pdf', pdf(one.number));
    if (sub === 'steps') {
      if (
        ['reject_entry', 'disqualify', 'announce_transfer', 'ask_information', 'ask_candidate'].includes(body.verb) &&
        !body.note
      )
        throw new Refusal(422, 'invalid', text('这一步须附说明：内容与理由', 'this step needs a note: what, and why'));
      if (body.verb === 'announce_transfer') one.transferTo = body.category;
      if (body.verb === 'ask_candidate')
        one.questions.push({
          number: one.questions.length + 1,
          text: body.note,
          answer: '',
          askedBy: session.user.id,
          askedAt: new Date().toISOString(),
          answeredAt: null,
        });
      one.stage = after[body.verb] ?? one.stage;
      one.changedAt = new Date().toISOString();
      note(body.verb, body.note);
      return one;
    }
    if (last === 'release') {
      one.masking = { ...one.masking, files: body.files, releasedBy: session.user.id, at: new Date().toISOString() };
      note('released', `${body.files.length} files`);
      return { answers: {}, files: body.files, releasedBy: session.user.id };
    }
    if (sub === 'masking') return this.masking(method, one, body);
    return undefined;
  }

  // A run of four pages, as long as the page asks for it: each look is a page further.
  masking(method, one, decisions) {
    const pages = 4;
    if (method === 'PUT') {
      one.run = { looks: 0, decisions, at: new Date().toISOString() };
      one.masking = { decisions, files: [], releasedBy: '', at: one.run.at };
    }
    const { looks, decisions: decided, at } = one.run ?? { looks: 0, decisions: {}, at: null };
    if (one.run) one.run.looks += 2;
    const done = looks >= 2 * pages;
    return {
      state: !one.run ? 'none' : looks === 0 ? 'waiting' : done ? 'done' : 'running',
      version: one.run ? one.version : 0,
      at,
      decisions: decided,
      pages: done ? 0 : pages,
      pagesRead: done ? 0 : Math.min(looks, pages),
      pagesDrawn: done ? 0 : Math.max(0, looks - pages),
      problem: null,
      report: done ? this.mask(one, decided) : null,
    };
  }

  mask(one, decisions) {
    const known = [
      [one.applicant.unit.zh, 'organisation', 'known', '【单位A】'],
      [one.applicant.unit.en, 'organisation', 'known', '[Organisation A]'],
      [one.applicant.email, 'email', 'pattern', '【邮箱A】'],
      ['王晓雯', 'person', 'guess', '【人员A】'],
      ['Wang Xiaowen', 'person', 'guess', '[Person A]'],
      ...decisions.mask.map((word) => [word, 'organisation', 'known', '【单位B】']),
    ].filter(([word]) => !decisions.keep.includes(word));
    const doubtful = [['白云街道', 'place']].filter(
      ([word]) => !decisions.mask.includes(word) && !decisions.keep.includes(word),
    );
    const find = (before, words, make) =>
      words.flatMap(([word, ...rest]) => {
        const out = [];
        for (let i = before.indexOf(word); i >= 0; i = before.indexOf(word, i + word.length)) {
          const begin = Buffer.byteLength(before.slice(0, i));
          out.push({ begin, end: begin + Buffer.byteLength(word), original: word, ...make(...rest) });
        }
        return out;
      });
    const inOrder = (list) => list.sort((a, b) => a.begin - b.begin);
    const texts = Object.entries(one.received.answers).flatMap(([name, value]) => {
      if (name === 'unit') return [];
      const all = typeof value === 'string' ? { '': value } : value;
      return Object.entries(all).map(([language, before]) => {
        const spans = inOrder(find(before, known, (kind, found, replacement) => ({ kind, found, replacement })));
        let masked = before;
        for (const { original, replacement } of spans) masked = masked.replaceAll(original, replacement);
        return {
          field: name,
          language,
          before,
          text: masked,
          spans,
          doubts: inOrder(find(before, doubtful, (kind) => ({ kind }))),
        };
      });
    });
    return {
      texts,
      files: one.files.map(({ id, slot: of, name }) => ({
        id,
        slot: of,
        name,
        problem: '',
        pagesToLookAt: [1],
        spans: [],
        doubts: [],
      })),
    };
  }

  ofSheets(method, id, sub, body, session) {
    const own = this.sheets.filter(({ juror }) => juror === session.user.id);
    const head = ({ id: at, cycle, state, version, at: when, proposal }) => ({
      id: at,
      cycle,
      state,
      version,
      at: when,
      ready: state !== 'conflict',
      number: this.one(proposal).number,
    });
    if (!id) return { sheets: own.map(head) };
    const sheet = own.find((one) => one.id === id);
    if (!sheet) throw new Refusal(404, 'Not found', 'there is no such sheet');
    const one = this.one(sheet.proposal);
    const view = () => {
      const { title, unit, ...rest } = one.received.answers;
      const masked = JSON.parse(
        JSON.stringify(rest)
          .replaceAll(one.applicant.unit.zh, '【单位A】')
          .replaceAll(one.applicant.unit.en, '[Organisation A]')
          .replaceAll('王晓雯', '【人员A】')
          .replaceAll('Wang Xiaowen', '[Person A]')
          .replaceAll(one.applicant.email, '【邮箱A】'),
      );
      return {
        ...head(sheet),
        scores: sheet.scores,
        comment: sheet.comment,
        why: sheet.why,
        category: one.category,
        answers: masked,
        files: one.files.map((file) => ({ ...file, name: `${file.slot}-1` })),
        versions: sheet.versions,
      };
    };
    if (sub === 'files') return new FileAnswer('application/pdf', pdf('Blind copy'));
    if (sub === 'submit') {
      if (Object.keys(sheet.scores).length < 2)
        throw new Refusal(422, 'invalid', text('“创新性”尚未评分', "'Novelty' has no score"));
      if (sheet.version > 0 && !body.reason)
        throw new Refusal(422, 'invalid', text('更改评分须说明理由', 'a change of scores has a reason'));
      sheet.version += 1;
      sheet.state = 'submitted';
      sheet.at = new Date().toISOString();
      sheet.versions.push({
        version: sheet.version,
        scores: sheet.scores,
        comment: sheet.comment,
        reason: body.reason,
        at: sheet.at,
      });
      return this.log.append({
        kind: 'sheet',
        subject: `${sheet.id}/${sheet.version}`,
        cycle: sheet.cycle,
        by: 'juror',
        content: JSON.stringify({ sheet: sheet.id, scores: sheet.scores }),
      });
    }
    if (sub === 'conflict') Object.assign(sheet, { state: 'conflict', why: body.why, scores: {}, comment: '' });
    else if (method === 'PUT') Object.assign(sheet, body, { state: 'open' });
    return view();
  }

  ranking(own) {
    const scored = own.map((one, i) => {
      const adjusted = 9 - i * 0.42 + wave(i) * 0.3;
      return { one, raw: adjusted + wave(i + 40) * 0.7, adjusted, bonus: i === 3 ? 0.5 : 0 };
    });
    const places = [...scored].sort((a, b) => b.adjusted + b.bonus - a.adjusted - a.bonus);
    return {
      standings: scored.map((row) => {
        const rank = places.indexOf(row) + 1;
        return {
          ...headOf(row.one),
          reviews: 3,
          raw: row.raw,
          adjusted: row.adjusted,
          error: 0.31,
          bonus: row.bonus,
          final: Number((row.adjusted + row.bonus).toFixed(2)),
          rank,
          tied: false,
          rankLow: Math.max(1, rank - 2),
          rankHigh: Math.min(own.length, rank + 2),
          topShare: 1 / (1 + Math.exp((rank - 4.5) * 1.1)),
          decision: (this.decisions.get(row.one.id) ?? []).at(-1)?.outcome ?? '',
          reason: (this.decisions.get(row.one.id) ?? []).at(-1)?.reason ?? '',
        };
      }),
      outliers:
        own.length > 2
          ? [
              {
                sheet: `s-${own[2].id}-1`,
                proposal: own[2].id,
                dimension: 'overall',
                score: 3,
                expected: 7.8,
                studentised: -3.4,
              },
            ]
          : [],
    };
  }

  ofPanel(one, sub, body, session) {
    const decisions = this.decisions.get(one.id) ?? [];
    if (sub === 'decisions') {
      if (!body.reason) throw new Refusal(422, 'invalid', text('决定须说明理由', 'a decision has a reason'));
      const points = (body.bonuses ?? []).length;
      this.decisions.set(one.id, [
        ...decisions,
        { outcome: body.outcome, by: session.user.id, reason: body.reason, points, at: new Date().toISOString() },
      ]);
      one.stage = after[body.outcome] ?? one.stage;
      one.prize = body.prize ?? one.prize;
      return headOf(one);
    }
    return {
      ...headOf(one),
      sheets: ['user:gao.ming', 'user:fang.yu', 'user:tan.rui'].map((juror, i) => ({
        id: `s-${one.id}-${i}`,
        cycle: one.cycle,
        state: 'submitted',
        version: 1,
        at: one.changedAt,
        juror,
        why: '',
        versions: [
          {
            version: 1,
            scores: { overall: i === 1 ? 3 : 7.5 + i * 0.5, novelty: 6 + i },
            comment: ['做法扎实，数据可信。', '推广条件不足。', '值得推荐。'][i],
            reason: '',
            at: one.changedAt,
          },
        ],
      })),
      decisions,
    };
  }
}
