// Findings, cases and commands of the days before, so that lists and counts have something to show.
import { stageOf } from './casework.mjs';
import { rng } from './city.mjs';
import { caseDefaults } from './seats.mjs';

const iso = (ms) => new Date(ms).toISOString();
const urn = (type, name) => `urn:ngsi-ld:${type}:${name}`;
const hour = 3600_000;

export const rules = [
  [
    'underpass-flooding',
    '下穿隧道积水',
    'Underpass flooding',
    'threshold',
    'severe',
    'waterLevel>0.3',
    'rules/water.toml',
    3,
  ],
  [
    'water-rising-fast',
    '水位急涨',
    'Water rising fast',
    'rate',
    'moderate',
    'rate(waterLevel,5m)>0.1',
    'rules/water.toml',
    24,
  ],
  [
    'garage-nearly-full',
    '停车场将满',
    'Garage nearly full',
    'ratio',
    'minor',
    'availableSpotNumber/totalSpotNumber<0.05',
    'rules/parking.toml',
    2,
  ],
  ['sensor-silent', '设备静默', 'Silent device', 'silence', 'moderate', 'silent>30m', 'rules/health.toml', 5],
  [
    'congestion',
    '拥堵',
    'Congestion',
    'window',
    'moderate',
    'avg(averageVehicleSpeed,10m)<12',
    'rules/traffic.toml',
    8,
  ],
  [
    'unusual-flow',
    '流量异常',
    'Unusual for the hour',
    'unusual',
    'minor',
    'unusual(intensity)>4',
    'rules/traffic.toml',
    31,
  ],
  [
    'district-noise',
    '成片噪声',
    'Noise in a neighbourhood',
    'neighbours',
    'minor',
    '3 of LAeq>70 within 500m, 10m',
    'rules/noise.toml',
    4,
  ],
].map(([id, zh, en, kind, severity, condition, file, line], i) => ({
  id,
  name: { zh, en },
  kind,
  file,
  line,
  enabled: i !== 6,
  severity,
  condition,
  lateReadings: i * 3,
}));

export const sourceOf = (rule) => `# ${rule.name.en}
[[rule]]
id = "${rule.id}"
kind = "${rule.kind}"
name = { zh = "${rule.name.zh}", en = "${rule.name.en}" }
when = "${rule.condition}"
severity = "${rule.severity}"
hold = "30s"
enabled = ${rule.enabled}

[rule.response]
case = "flooding"
department = "water"
command = { device = "$ref:pumpedBy", name = "pump", value = true }
`;

function pastCase(i, random, now, entities) {
  const lights = [...entities.values()].filter((entity) => entity.type === 'Streetlight');
  const thing = i % 3 === 0 ? entities.get(urn('WaterObserved', 'underpass-3')) : lights[(i * 37) % lights.length];
  const water = thing.type === 'WaterObserved';
  const openedAt = now - (i + 1) * 1.7 * hour - random() * hour;
  const state = i < 2 ? 'dispatched' : i < 4 ? 'working' : i < 5 ? 'filed' : i % 11 === 0 ? 'cancelled' : 'closed';
  const ended = state === 'closed' || state === 'cancelled';
  const closedAt = ended ? openedAt + (0.3 + random()) * hour : null;
  const outcome =
    state === 'cancelled' || (ended && i % 7 === 0) ? 'false_alarm' : state === 'closed' ? 'confirmed' : 'open';
  const due = ended ? openedAt + 4 * hour : now + [-25 * 60_000, 3 * 60_000, 48 * 60_000, 5 * hour, 9 * hour][i];
  const line = (at, verb, to, by, note = '') => ({ at: iso(at), by, verb, to, note });
  const timeline = [line(openedAt, 'file', 'filed', 'loop:casework')];
  if (state !== 'filed') timeline.push(line(openedAt + 60_000, 'dispatch', 'dispatched', 'user:li.wei'));
  if (state === 'working') timeline.push(line(openedAt + 300_000, 'accept', 'working', 'user:chen.jing', '已到场'));
  if (ended) timeline.push(line(closedAt, state === 'closed' ? 'close' : 'cancel', state, 'loop:casework'));
  return {
    ...caseDefaults(),
    stage: stageOf(state),
    id: urn('Case', `past-${i}`),
    finding: urn('Finding', `past-${i}`),
    about: thing.id,
    aboutName: thing.name,
    kind: water ? 'flooding' : 'streetlight',
    rule: water ? 'underpass-flooding' : 'sensor-silent',
    title: water
      ? { zh: '下穿隧道积水', en: 'Underpass flooding' }
      : { zh: '路灯失联超过 30 分钟', en: 'Streetlight silent for 30 minutes' },
    severity: water ? 'severe' : 'moderate',
    state,
    outcome,
    department: state === 'filed' ? '' : water ? 'water' : 'lighting',
    holder: state === 'working' ? 'user:chen.jing' : '',
    area: 'east',
    location: thing.geometry,
    openedAt: iso(openedAt),
    dueAt: iso(due),
    closedAt: closedAt && iso(closedAt),
    overdue: !ended && due < now,
    findingCleared: ended,
    clearedAt: closedAt && iso(closedAt - 60_000),
    verifyHoldS: 60,
    commands: [],
    timeline,
  };
}

export function addPast(loop, entities, now) {
  const random = rng(7);
  for (let i = 0; i < 60; i++) {
    const item = pastCase(i, random, now, entities);
    loop.cases.set(item.id, item);
    loop.traces.set(item.id, []);
    loop.findings.set(item.finding, {
      id: item.finding,
      rule: item.rule,
      about: item.about,
      aboutName: item.aboutName,
      related: [],
      status: item.findingCleared ? 'cleared' : 'active',
      severity: item.severity,
      title: item.title,
      openedAt: item.openedAt,
      clearedAt: item.clearedAt,
      why: { condition: rules.find((rule) => rule.id === item.rule).condition, hold: '30s', values: [] },
      clearedWhy: null,
      location: item.location,
      case: item.id,
    });
  }
  const statuses = ['succeeded', 'succeeded', 'failed', 'timed_out', 'refused', 'succeeded'];
  statuses.forEach((status, i) => {
    const at = now - (i + 1) * 2.2 * hour;
    const id = urn('Command', `past-${i}`);
    loop.commands.set(id, {
      id,
      device: urn('Device', `pump-${i + 1}`),
      deviceName: `${i + 1} 号排水泵`,
      name: 'pump',
      value: i % 2 === 0,
      forCase: null,
      requestedBy: 'user:li.wei',
      approvedBy: status === 'refused' ? null : 'user:zhao.min',
      status,
      reason: { failed: '电机过热', timed_out: '三次未应答', refused: '无须开泵' }[status] ?? null,
      attempts: status === 'timed_out' ? 3 : 1,
      requestedAt: iso(at),
      sentAt: iso(at + 200),
      answeredAt: iso(at + 640),
    });
  });
}

// How right suggestions have been, four weeks back.
export const suggestionScores = {
  weeks: [47, 46, 45, 44].flatMap((week, i) => [
    {
      guess: 'department',
      week: `2026-W${week}`,
      right: 88 - i * 9,
      wrong: 5 + i,
      withheldRight: 11,
      withheldWrong: 7 + i,
      accuracy: (88 - i * 9) / (93 - i * 8),
    },
    {
      guess: 'category',
      week: `2026-W${week}`,
      right: 52 - i * 5,
      wrong: 9,
      withheldRight: 21,
      withheldWrong: 19,
      accuracy: (52 - i * 5) / (61 - i * 5),
    },
  ]),
};
