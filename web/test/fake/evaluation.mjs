// Indicators and the check-up in the stand-in: a few of every standing, over areas and departments, with their past and
// what is behind them. Values stand still, so that a test knows them.
import { readFileSync } from 'node:fs';
import { Refusal } from './casework.mjs';

// What the server itself answers to GET /api/v1/indices/NAME over demo/district: to be asked for anew when a report changes.
const recorded = (name) => JSON.parse(readFileSync(new URL(`indices/${name}.json`, import.meta.url), 'utf8'));
const names = ['maturity', 'people_feelings', 'super_smart_city'];

const text = (zh, en) => ({ zh, en });
const iso = (ms) => new Date(ms).toISOString();
const hour = 3600_000;
const spans = { hour, day: 24 * hour, week: 168 * hour, month: 720 * hour, quarter: 2184 * hour, year: 8736 * hour };

const domains = [
  { id: 'cases', name: text('案件办理', 'Cases') },
  { id: 'air', name: text('空气', 'Air') },
  { id: 'water', name: text('防涝', 'Flooding') },
  { id: 'devices', name: text('设备', 'Devices') },
];
const cityArea = { area: 'city', kind: 'city', areaName: text('湖滨区', 'Lakeside') };
const areas = [
  cityArea,
  { area: 'area:east', kind: 'area', areaName: text('湖东片区', 'East'), inhabitants: 18_800 },
  { area: 'area:west', kind: 'area', areaName: text('湖西片区', 'West'), inhabitants: 22_200 },
  { area: 'department:lighting', kind: 'department', areaName: text('路灯所', 'Lighting') },
  { area: 'department:traffic', kind: 'department', areaName: text('交警支队', 'Traffic') },
  { area: 'department:water', kind: 'department', areaName: text('水务局', 'Water') },
];
const level = (name, limits, zh, en) => ({ level: name, ...limits, meaning: text(zh, en) });
const whole = (n) => ({ expected: n, present: n, stale: 0 });

// `values` by area; what has none of an area is not counted there.
const indicators = [
  {
    id: 'cases_open',
    domain: 'cases',
    name: text('在办案件', 'Open cases'),
    counts: text('满足条件的对象个数', 'how many entities meet the condition'),
    over: 'twin',
    measure: 'count',
    type: 'Case',
    where: 'outcome=="open"',
    unit: '',
    direction: 'lower',
    target: null,
    values: { city: 42, 'area:east': 12, 'area:west': 30, 'department:water': 21, 'department:traffic': 13 },
    thresholds: [level('warn', { above: 40 }, '积压偏多', 'work piles up')],
  },
  {
    id: 'cases_overdue',
    domain: 'cases',
    name: text('超期在办案件', 'Overdue cases'),
    counts: text('满足条件的对象个数', 'how many entities meet the condition'),
    over: 'twin',
    measure: 'count',
    type: 'Case',
    where: 'outcome=="open";overdue==true',
    unit: '',
    direction: 'lower',
    target: 0,
    values: { city: 3, 'area:east': 0, 'area:west': 3, 'department:water': 3, 'department:traffic': 0 },
    thresholds: [],
  },
  {
    id: 'cases_overdue_share',
    domain: 'cases',
    name: text('在办超期率', 'Share of open cases overdue'),
    counts: text('由其他指标计算', 'reckoned from other indicators'),
    over: 'formula',
    formula: '100 * cases_overdue / cases_open + 0 * cases_open@city / inhabitants',
    unit: 'P1',
    direction: 'lower',
    target: 10,
    values: { city: 7.1, 'area:east': 0, 'area:west': 10 },
    thresholds: [],
  },
  {
    id: 'pm25_now',
    domain: 'air',
    name: text('PM2.5 当前均值', 'Fine dust now'),
    counts: text('属性的平均值', 'the mean of the attribute'),
    over: 'twin',
    measure: 'mean',
    type: 'AirQualityObserved',
    attribute: 'pm25',
    unit: 'GQ',
    direction: 'lower',
    target: 35,
    staleAfterSeconds: 120,
    values: { city: 118.4, 'area:east': 121.2, 'area:west': 115.6 },
    inputs: { expected: 14, present: 11, stale: 2 },
    thresholds: [
      level('watch', { above: 35 }, '良以下', 'above the daily mean of class 1'),
      level('alarm', { above: 115 }, '中度污染', 'moderately polluted'),
    ],
  },
  {
    id: 'pm25_high_share',
    domain: 'air',
    name: text('PM2.5 超标时间占比', 'Time with too much fine dust'),
    counts: text('越限的时间占比', 'the part of the time past the limit'),
    over: 'history',
    measure: 'time_share',
    type: 'AirQualityObserved',
    attribute: 'pm25',
    period: 'week',
    unit: 'P1',
    direction: 'lower',
    target: null,
    values: { city: null, 'area:east': null, 'area:west': null },
    inputs: { expected: 14, present: 0, stale: 9 },
    thresholds: [],
  },
  {
    id: 'water_level_max',
    domain: 'water',
    name: text('下穿最深积水', 'Deepest water in an underpass'),
    counts: text('属性的最大值', 'the greatest value of the attribute'),
    over: 'twin',
    measure: 'max',
    type: 'WaterObserved',
    attribute: 'waterLevel',
    unit: 'MTR',
    direction: 'lower',
    target: 0.05,
    values: { city: 0.02, 'area:east': 0.01, 'area:west': 0.02 },
    inputs: whole(6),
    thresholds: [
      level('good', { below: 0.05 }, '路面干燥', 'dry'),
      level('alarm', { above: 0.3 }, '应当封闭', 'to be closed'),
    ],
  },
  {
    id: 'parking_used',
    domain: 'devices',
    name: text('停车泊位占用率', 'Parking in use'),
    counts: text('两个属性之和的比', 'the sum of one attribute by the sum of another'),
    over: 'twin',
    measure: 'ratio',
    type: 'OffStreetParking',
    attribute: 'occupiedSpotNumber',
    unit: 'P1',
    direction: 'band',
    target: 40,
    targetTo: 85,
    values: { city: 61.5 },
    inputs: whole(4),
    thresholds: [],
  },
  {
    id: 'lights',
    domain: 'devices',
    name: text('路灯', 'Street lights'),
    counts: text('对象个数', 'how many entities there are'),
    over: 'twin',
    measure: 'count',
    type: 'Streetlight',
    unit: '',
    direction: 'higher',
    target: null,
    values: { city: 900, 'area:east': 480, 'area:west': 420 },
    thresholds: [],
  },
];

function declaration(one) {
  const { values, inputs, ...said } = one;
  void values;
  void inputs;
  return {
    domainName: domains.find((each) => each.id === one.domain).name,
    description: text('', ''),
    source: text('演示数据', 'made-up data'),
    owner: 'water',
    period: 'now',
    window: 'rolling',
    ...said,
  };
}

const holds = ({ above, below }, value) =>
  (above === undefined || value >= above) && (below === undefined || value <= below);
const order = ['good', 'watch', 'warn', 'alarm'];

function levelOf(one, value) {
  const met = value === null ? [] : one.thresholds.filter((each) => holds(each, value));
  return met.sort((a, b) => order.indexOf(b.level) - order.indexOf(a.level))[0] ?? null;
}

function missOf(one, value) {
  if (value === null || one.target === null) return null;
  const off =
    one.direction === 'higher'
      ? one.target - value
      : one.direction === 'lower'
        ? value - one.target
        : Math.max(one.target - value, value - one.targetTo);
  return Math.max(0, off) / (one.target || 1);
}

export class Evaluation {
  constructor(loop, entities, started) {
    Object.assign(this, { loop, entities, started });
    this.indices = new Map(names.map((name) => [name, recorded(name)]));
    this.savings = new Map(names.map((name) => [name, []]));
    this.asked = new Set();
  }

  index(id) {
    const found = this.indices.get(id);
    if (!found) throw new Refusal(404, 'not found', `there is no index '${id}'`);
    return found;
  }

  // The first to ask is told how far it is, as where it takes a while.
  computed(id, query) {
    const { report, ...source } = this.index(id);
    const key = `${id} ${query.get('weights')} ${source.saving}`;
    if (this.asked.has(key)) return { ...source, ready: true, stage: '', done: 1, report };
    this.asked.add(key);
    return { ...source, ready: false, stage: 'intervals', done: 0.32 };
  }

  // The cheapest there is in the stand-in: the first indicator alone.
  plan(id, wish) {
    const { report } = this.index(id);
    const unit = report.units.findIndex((each) => each.code === wish.unit && each.year === '2025');
    const told = report.units[unit];
    if (!told) throw new Refusal(404, 'not found', `there is no unit '${wish.unit}' that counts`);
    const rank = Math.max(1, told.rank - wish.ranks);
    const cost = wish.costs?.strategy_comprehensiveness ?? 1;
    const move = { indicator: 0, from: 5.1, to: 7.3, points: 2.4, cost: 2.2 * cost };
    return {
      ...report,
      what_if: {
        unit,
        rank_now: told.rank,
        rank_wanted: rank,
        rank_reached: rank,
        score_now: told.score,
        score_wanted: told.score + 2.4,
        score_reached: told.score + 2.4,
        reachable: true,
        exact: true,
        confirmed: true,
        cost: move.cost,
        moves: [move],
      },
    };
  }

  // Answers to the criteria are taken up; a table of units is kept and nothing more.
  save(id, wish, session) {
    const found = this.index(id);
    if (found.kind === 'survey') throw new Refusal(409, 'conflict', 'the log cannot forget');
    const list = this.savings.get(id);
    if (wish.after !== undefined && wish.after !== list.length)
      throw new Refusal(409, 'conflict', `somebody else has saved meanwhile: it is at ${list.length} now`);
    const saving = { number: list.length + 1, by: session.user.id, note: wish.note ?? '', at: iso(Date.now()) };
    list.unshift({ ...saving, data: wish.data, frame: '' });
    Object.assign(found, { saving: saving.number, by: saving.by, at: saving.at });
    for (const { criteria } of found.report.capabilities ?? [])
      for (const criterion of criteria) {
        const line = wish.data.split('\r\n').find((each) => each.startsWith(`${criterion.id},`));
        const [, met = '', evidence = ''] = line?.split(',') ?? [];
        Object.assign(criterion, { met, evidence });
      }
    return { ...saving, flawed: 0, problems: [] };
  }

  answerIndices(method, [id, what, more], query, body, session) {
    const may = (permission) => {
      if (!session.permissions.includes(permission)) throw new Refusal(403, 'Refused', `${permission} is not granted`);
    };
    may(method === 'PUT' ? 'fill_indices' : 'read_indices');
    if (!id)
      return {
        indices: [...this.indices.values()].map(({ report, ready, stage, done, ...source }) => {
          void [report, ready, stage, done];
          return source;
        }),
      };
    if (method === 'PUT') return this.save(id, body, session);
    if (what === 'what-if') return this.plan(id, body);
    if (what === 'savings' && more) return this.savings.get(id).find((each) => each.number === Number(more));
    if (what === 'savings')
      return { savings: this.savings.get(id).map(({ number, by, note, at }) => ({ number, by, note, at })) };
    return what ? { file: more } : this.computed(id, query);
  }

  now(one, area) {
    const value = one.values[area] ?? null;
    const found = levelOf(one, value);
    return {
      value,
      level: found?.level ?? null,
      ...(found ? { meaning: found.meaning } : {}),
      miss: missOf(one, value),
      since: value === null ? null : iso(this.started - 7 * 60_000),
      ageSeconds: 2.5,
      inputs: one.inputs ?? whole(Math.max(1, Math.round(value ?? 1))),
    };
  }

  trend(one, area) {
    const value = one.values[area] ?? null;
    if (value === null) return { since: iso(this.started - 24 * hour), before: null, change: null, way: 'unknown' };
    const before = one.id === 'lights' ? value : one.id === 'cases_overdue' ? value + 2 : value * 0.8;
    const change = value - before;
    const better = one.direction === 'higher' ? change > 0 : change < 0;
    return {
      since: iso(this.started - 24 * hour),
      before,
      change,
      way: change === 0 ? 'same' : one.direction === 'band' ? 'same' : better ? 'better' : 'worse',
    };
  }

  row(one, area) {
    return { ...declaration(one), now: this.now(one, area), trend: this.trend(one, area) };
  }

  one(id) {
    const found = indicators.find((each) => each.id === id);
    if (!found) throw new Refusal(404, 'not found', `there is no indicator '${id}'`);
    return found;
  }

  samples(one, area, from, to) {
    const value = one.values[area] ?? null;
    if (value === null) return [];
    return Array.from({ length: 24 }, (_, i) => {
      const at = Math.round(from + ((to - from) * (i + 1)) / 26);
      return [at, i === 23 ? value : value * (0.8 + 0.15 * Math.sin(i / 3))];
    });
  }

  behind(one, area, query) {
    if (one.over === 'formula')
      throw new Refusal(409, 'a formula', 'a formula stands on other indicators: open its inputs');
    const english = query.get('lang') === 'en';
    const cases = [...this.loop.cases.values()].filter((item) => item.outcome === 'open');
    const things = [...this.entities.values()].filter((entity) => entity.type === one.type);
    const rows =
      one.type === 'Case'
        ? cases.map((item) => ({
            id: item.id,
            name: english ? item.title.en : item.title.zh,
            state: 'present',
            contributes: 1,
            at: item.openedAt,
          }))
        : things.map((entity, i) => {
            const reading = entity.attributes[one.attribute];
            const state = i === 0 ? 'missing' : i < 3 ? 'stale' : 'present';
            const contributes = state === 'missing' || typeof reading?.value !== 'number' ? null : reading.value;
            return { id: entity.id, name: entity.name, state, contributes, at: reading?.observedAt ?? null };
          });
    const [limit, skip] = [Number(query.get('limit') ?? 100), Number(query.get('cursor') || 0)];
    return {
      id: one.id,
      type: one.type,
      unit: one.unit,
      ...areas.find((each) => each.area === area),
      now: this.now(one, area),
      from: null,
      total: rows.length,
      hidden: one.id === 'lights' ? 2 : 0,
      exact: true,
      rows: rows.slice(skip, skip + limit),
      next: skip + limit < rows.length ? String(skip + limit) : null,
    };
  }

  compared(one) {
    const rows = areas
      .filter((each) => each.kind !== 'city' && each.area in one.values)
      .map((each) => ({ ...each, now: this.now(one, each.area) }))
      .sort((a, b) => (one.direction === 'higher' ? -1 : 1) * ((a.now.value ?? 1e9) - (b.now.value ?? 1e9)));
    return rows.map((row, i) => ({ ...row, rank: row.now.value === null ? null : i + 1 }));
  }

  whole(one, area) {
    const names = one.formula?.match(/cases_open@city|cases_open|cases_overdue|inhabitants/g) ?? [];
    const inputs = [...new Set(names)].map((name) => {
      const [id, ofCity] = name.split('@');
      const at = ofCity ? 'city' : area;
      const input = indicators.find((each) => each.id === id);
      if (!input) return { name: id, area: at, constant: areas.find((each) => each.area === at)?.inhabitants ?? null };
      return { name: id, area: at, title: input.name, now: this.now(input, at) };
    });
    return {
      ...this.row(one, area),
      ...areas.find((each) => each.area === area),
      asOf: iso(Date.now() - 2500),
      ageSeconds: 2.5,
      inputs,
      values: areas
        .filter((each) => each.area in one.values)
        .map((each) => ({ ...each, now: this.now(one, each.area) })),
    };
  }

  checkup(query) {
    const area = query.get('area') ?? 'city';
    const period = query.get('period') ?? 'month';
    const to = Date.now();
    const from = to - spans[period];
    const line = (one) => {
      const now = this.now(one, area);
      const trend = this.trend(one, area);
      const samples = this.samples(one, area, from, to);
      const values = samples.map(([, value]) => value);
      const { since, ageSeconds, ...said } = now;
      void since;
      void ageSeconds;
      return {
        ...declaration(one),
        ...said,
        mean: values.length ? values.reduce((a, b) => a + b) / values.length : null,
        low: values.length ? Math.min(...values) : null,
        high: values.length ? Math.max(...values) : null,
        before: trend.before,
        way: trend.way,
        areas:
          area === 'city'
            ? this.compared(one).map(({ now: there, rank, ...each }) => {
                void rank;
                return { ...each, value: there.value, level: there.level };
              })
            : [],
        samples,
      };
    };
    const finding = (of, indicator, at, weight, zh, en) => ({ of, indicator, area: at, weight, text: text(zh, en) });
    return {
      period,
      from: iso(from),
      to: iso(to),
      asOf: iso(to - 2500),
      ...areas.find((each) => each.area === area),
      findings: [
        finding(
          'threshold',
          'pm25_now',
          area,
          30,
          'PM2.5 当前均值为 118.4 µg/m³：中度污染',
          'Fine dust now is 118.4 µg/m³: moderately polluted',
        ),
        finding(
          'target',
          'cases_overdue',
          area,
          13,
          '超期在办案件为 3，未达目标 ≤ 0',
          'Overdue cases is 3, off its target of ≤ 0',
        ),
        finding(
          'missing',
          'pm25_high_share',
          area,
          10,
          'PM2.5 超标时间占比：14 个数据来源中 0 个有效',
          'Time with too much fine dust: of 14 inputs 0 are in use',
        ),
      ],
      domains: domains.map((domain) => {
        const lines = indicators.filter((one) => one.domain === domain.id && area in one.values).map(line);
        const judged = lines.filter((each) => each.miss !== null);
        return {
          ...domain,
          met: judged.filter((each) => each.miss === 0).length,
          missed: judged.filter((each) => each.miss > 0).length,
          without: lines.length - judged.length,
          indicators: lines,
        };
      }),
    };
  }

  answer(method, [room, id, what, more], query, body, session) {
    if (room === 'indices') return this.answerIndices(method, [id, what, more], query, body, session);
    if (method !== 'GET' || !['indicators', 'checkup'].includes(room)) return undefined;
    const area = query.get('area') ?? 'city';
    if (!areas.some((each) => each.area === area)) throw new Refusal(404, 'not found', `there is no area '${area}'`);
    if (room === 'checkup') return this.checkup(query);
    if (!id)
      return {
        version: 'f1',
        asOf: iso(Date.now() - 2500),
        ageSeconds: 2.5,
        mistakes: 'indicators/air.toml:14: \'measure\' is "avrage", and must be one of count, sum, mean',
        domains,
        areas,
        indicators: indicators.filter((one) => area in one.values).map((one) => this.row(one, area)),
      };
    const one = this.one(id);
    if (what === 'areas') return { asOf: iso(Date.now()), ageSeconds: 2.5, areas: this.compared(one) };
    if (what === 'behind') return this.behind(one, area, query);
    if (what === 'history') {
      const to = Date.parse(query.get('to') ?? iso(Date.now()));
      const from = Date.parse(query.get('from') ?? iso(to - 24 * hour));
      const samples = this.samples(one, area, from, to);
      const place = areas.find((each) => each.area === area);
      return { id, unit: one.unit, ...place, from: iso(from), to: iso(to), before: samples[0]?.[1] ?? null, samples };
    }
    return what ? undefined : this.whole(one, area);
  }
}
