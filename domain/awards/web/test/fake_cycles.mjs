// Two made-up cycles: an award that takes entries for two more days, and a call that has come to its results.
const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const day = 86_400_000;
const hour = 3_600_000;

const windowAt = (from, to, now) => ({
  opens: from === null ? null : iso(from),
  closes: to === null ? null : iso(to),
  open: from !== null && now >= from && now < to,
});

const registration = (how, when) => ({
  how,
  ...when,
  consent: how === 'closed' ? text('', '') : text('仅用于本届评选。', 'It serves this award alone.'),
});

const categories = [
  {
    id: 'mobility',
    name: text('出行大奖', 'Mobility Award'),
    description: text('公共交通、慢行、停车与物流。', 'For public transport, walking, cycling, parking and logistics.'),
    theme: true,
    casesMin: 2,
    keyWords: ['public transport', '公共交通', 'cycling', '骑行'],
    status: ['in_progress', 'done'],
  },
  {
    id: 'innovation',
    name: text('创新大奖', 'Innovation Award'),
    description: text(
      '尚在构想或试点的突破性理念。',
      'For ideas that break new ground, also where they are still planned.',
    ),
    theme: false,
    casesMin: 0,
    keyWords: ['pilot', '试点'],
    status: [],
  },
  {
    id: 'environment',
    name: text('环境大奖', 'Environment Award'),
    description: text('减碳、清洁能源、水与空气。', 'For less carbon, clean energy, water and air.'),
    theme: true,
    casesMin: 1,
    keyWords: ['carbon', '碳', 'water', '水'],
    status: ['in_progress', 'done'],
  },
];

const none = text('', '');
const field = (id, zh, en, type, more = {}) => ({
  id,
  name: text(zh, en),
  help: none,
  type,
  required: true,
  both: false,
  maxChars: 200,
  blind: 'show',
  ...more,
});
const fields = [
  field('title', '申报名称', 'Title of the proposal', 'line', { both: true, maxChars: 120 }),
  field('city', '城市', 'City', 'line', { both: true, maxChars: 80 }),
  field('position', '位置', 'Position', 'place', { required: false, blind: 'show' }),
  field('inhabitants', '常住人口', 'Inhabitants', 'number', { least: 1, most: 60_000_000, unit: '人 / people' }),
  field('status', '项目状态', 'Status of the project', 'choice', {
    choices: [
      { id: 'planned', name: text('规划中', 'planned') },
      { id: 'in_progress', name: text('实施中', 'in progress') },
      { id: 'done', name: text('已完成', 'done') },
    ],
  }),
  field('began', '启动日期', 'Begun on', 'date'),
  field('summary', '摘要', 'Summary', 'text', {
    both: true,
    maxChars: 60,
    help: text('一句话说清做了什么、效果如何。', 'What was done and what came of it, in a sentence.'),
  }),
  field('partners', '参与各方', 'Who takes part', 'text', { maxChars: 800, required: false }),
  field('contact_email', '电子邮箱', 'E-mail', 'email', { blind: 'hide' }),
  field('declaration', '我们保证所填内容真实', 'We declare that all of this is true', 'yes'),
];

const files = [
  {
    id: 'case',
    name: text('支撑案例', 'Supporting case'),
    help: text('每个案例一份 PDF，不超过 10 页。', 'One PDF each, 10 pages at most.'),
    kind: 'pdf',
    least: 0,
    most: 4,
    supportingCases: true,
    stamped: false,
    bytesMax: 20 * 2 ** 20,
    pagesMax: 10,
  },
  {
    id: 'letter',
    name: text('申报函（盖章扫描件）', 'Letter, stamped and scanned'),
    help: none,
    kind: 'pdf',
    least: 1,
    most: 1,
    supportingCases: false,
    stamped: true,
    bytesMax: 2 * 2 ** 20,
    pagesMax: 4,
  },
];

const dimension = (id, zh, en) => ({ id, name: text(zh, en), description: none, max: 10, step: 1, weight: 1 });
// biome-ignore lint/suspicious/noThenProperty: so the API calls what follows
const stage = (id, zh, en, from, to, now) => ({ id, name: text(zh, en), then: none, ...windowAt(from, to, now) });

export function makeCycles(started) {
  // Windows stand still; what is open is asked at each moment.
  const award = (now) => ({
    id: 'city-award',
    year: 2026,
    timeZone: 'Asia/Shanghai',
    name: text('智慧城市大奖', 'Smart City Award'),
    organiser: text('大奖组委会', 'Award committee'),
    description: text(
      '表彰以数字化改善城市生活的项目。',
      'For projects that make life in the city better by digital means.',
    ),
    now: iso(now),
    entry: windowAt(started - 20 * day, started + 2 * day + 5 * hour, now),
    registration: registration('open', windowAt(started - 20 * day, started + 2 * day + 5 * hour, now)),
    stages: [
      stage('screening', '形式审查', 'Screening', null, null, now),
      stage('questions', '答疑与补充', 'Questions to candidates', started - day, started + 9 * day, now),
      stage('review', '评审打分', 'Review', started + 5 * day, started + 20 * day, now),
      stage('results', '揭晓', 'Results', started + 40 * day, started + 42 * day, now),
    ],
    categories,
    languages: ['zh', 'en'],
    secondLanguageRequired: true,
    doubleBlind: false,
    reviewers: 5,
    perUnitMax: 0,
    shortlist: 6,
    confirmWithinS: 10 * 86_400,
    optOut: true,
    channels: [
      { id: 'library', name: text('公开案例库', 'Public case library') },
      { id: 'brochure', name: text('宣传册', 'Brochure') },
    ],
    fields,
    files,
    dimensions: [dimension('innovation', '创新性', 'Innovation'), dimension('impact', '影响力', 'Impact')],
    bands: [],
    bonusMax: 0,
    bonuses: [],
    prizes: [],
    distinctions: [{ id: 'gold', name: text('金奖', 'Gold award') }],
    certificate: true,
    video: { secondsMax: 60, width: 1920, height: 1080, subtitles: ['zh', 'en'], bytesMax: 300 * 2 ** 20 },
  });
  const past = (now) => ({
    ...award(now),
    id: 'cases-past',
    year: 2025,
    name: text('先锋案例征集', 'Call for Smart City Cases'),
    organiser: text('智慧城市联合会', 'Association for Smart Cities'),
    entry: windowAt(started - 200 * day, started - 150 * day, now),
    registration: registration('closed', windowAt(started - 200 * day, started - 150 * day, now)),
    stages: [stage('results', '揭晓', 'Results', started - 20 * day, started - 19 * day, now)],
  });
  return { all: (now) => [award(now), past(now)] };
}
