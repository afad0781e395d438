// Made-up junctions of the stand-in: four arms, a lane for turners to the left, four stages, each of the modes.
const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const minute = 60_000;

const modes = ['adaptive', 'adaptive', 'fixed', 'adaptive', 'local', 'adaptive', 'silent', 'adaptive'];
const modeWords = {
  adaptive: text('逐秒决定,检测器正常', 'decided second by second; detectors are fine'),
  fixed: text('检测器 d-12 卡住不变,退回固定方案', 'detector d-12 is stuck: the fixed plan is followed'),
  local: text('路口自行控制:维护中', 'the junction decides for itself: maintenance'),
  silent: text('3 分钟没有消息', 'nothing heard for 3 minutes'),
};
const stageNames = ['南北直行', '南北左转', '东西直行', '东西左转'];
const greens = [24, 12, 26, 12];
const change = 5;
const cycle = greens.reduce((all, each) => all + each + change, 0);

// Where streets cross: ends that four of them share.
export function makeJunctions(roads) {
  const ends = new Map();
  for (const road of roads)
    for (const at of road.geometry.coordinates) {
      const key = at.map((each) => each.toFixed(6)).join();
      ends.set(key, [...(ends.get(key) ?? []), { road, at }]);
    }
  return [...ends.values()]
    .filter((all) => all.length === 4)
    .filter((_, i) => i % 5 === 2)
    .slice(0, 24)
    .map((all, i) => {
      const arms = all.map(({ road, at }) => {
        const other = road.geometry.coordinates.find((each) => each !== at);
        const east = (other[0] - at[0]) * Math.cos((at[1] * Math.PI) / 180);
        return { name: road.name, bearing: (Math.atan2(east, other[1] - at[1]) * 180) / Math.PI };
      });
      arms.sort((a, b) => ((a.bearing + 360) % 360) - ((b.bearing + 360) % 360));
      return {
        id: `urn:ngsi-ld:TrafficSignal:j${i}`,
        name: `${arms[0].name} / ${arms[1].name}`,
        position: all[0].at,
        arms: arms.map((arm) => ({ ...arm, bearing: (arm.bearing + 360) % 360 })),
      };
    });
}

// Arms run clockwise; each has a lane to the left, one straight on, and one exit.
function shapeOf({ arms }) {
  const lanes = arms.flatMap(({ name, bearing }, i) =>
    [0, 1, 2].map((k) => ({
      id: `j_${i}_${k}`,
      role: k === 2 ? 'exit' : 'approach',
      arm: `arm-${i}`,
      name,
      bearingDeg: bearing,
      known: true,
    })),
  );
  const exit = (arm) => (arm % 4) * 3 + 2;
  const movements = arms.flatMap((_, i) => [
    { from: i * 3, to: exit(i + 1), kind: 'left' },
    { from: i * 3 + 1, to: exit(i + 2), kind: 'straight' },
    { from: i * 3 + 1, to: exit(i + 3), kind: 'right' },
    { from: -1, to: -1, kind: 'pedestrian', arm: `arm-${i}` },
  ]);
  return { lanes, movements };
}

function lightsOf(stage, colour) {
  return [0, 1, 2, 3]
    .map((arm) => {
      const northSouth = arm % 2 === 0;
      const straight = stage === (northSouth ? 0 : 2);
      const left = stage === (northSouth ? 1 : 3);
      const walk = stage === (northSouth ? 2 : 0);
      const green = (on, letter) => (on ? (colour === 'y' ? 'y' : letter) : 'r');
      return green(left, 'G') + green(straight, 'G') + green(straight, 'g') + (colour === 'y' ? 'r' : green(walk, 'g'));
    })
    .join('');
}

function momentOf(i, now) {
  let left = (now / 1000 + i * 17) % cycle;
  for (let stage = 0; stage < 4; stage++) {
    if (left < greens[stage]) return { stage, greenS: left };
    left -= greens[stage];
    if (left < change) return { stage, greenS: left - change };
    left -= change;
  }
  return { stage: 0, greenS: 0 };
}

const reasons = ['serving_queue', 'arrivals_near', 'demand_elsewhere', 'minimum_green', 'resting', 'bus'];
const whyOf = (reason, queue) =>
  ({
    serving_queue: text(
      `放行 ${queue} 辆排队车;换相位预计多花 41 车·秒`,
      `lets ${queue} queueing vehicles go; changing would cost 41 vehicle seconds more`,
    ),
    arrivals_near: text('5 秒内有 4 辆车到达,保持绿灯', '4 vehicles arrive within 5 s: green is held'),
    demand_elsewhere: text('其他方向 9 辆在等,切换更省', '9 vehicles wait elsewhere: changing costs less'),
    minimum_green: text('最短绿灯未满', 'minimum green is not over'),
    resting: text('附近无车,保持现状', 'nobody is near: the lights stay'),
    bus: text('公交车 3 路 60 米外,延长绿灯', 'bus 3 is 60 m away: green is extended'),
    fixed_plan: text('按固定方案', 'the plan says so'),
    no_data: text('数据缺失,按固定方案', 'lanes are silent: the plan is followed'),
  })[reason];

export function signalOf(junction, i, now) {
  const mode = modes[i % modes.length];
  const { stage, greenS } = momentOf(i, now);
  const queue = 3 + ((i * 7) % 15);
  const delayBeforeS = 31 + ((i * 13) % 30);
  const delayS =
    mode === 'silent' ? null : mode === 'adaptive' ? delayBeforeS * (0.42 + 0.02 * (i % 9)) : delayBeforeS * 0.98;
  const reason =
    mode === 'adaptive'
      ? reasons[(i + Math.floor(now / 20_000)) % reasons.length]
      : mode === 'fixed'
        ? 'no_data'
        : 'fixed_plan';
  return {
    id: junction.id,
    name: junction.name,
    position: junction.position,
    mode,
    modeSince: iso(now - (30 + i * 11) * minute),
    modeReason: modeWords[mode],
    controller: mode === 'adaptive' ? 'planner' : 'fixed',
    stage: mode === 'silent' ? -1 : stage,
    stageName: mode === 'silent' ? '' : stageNames[stage],
    greenS: mode === 'silent' ? null : greenS,
    reason,
    why: whyOf(reason, queue),
    queue: mode === 'silent' ? null : queue,
    delayS,
    delayBeforeS,
    observedAt: iso(now - (mode === 'silent' ? 3 * minute : 1200)),
  };
}

export function signalDetail(junction, i, now) {
  const signal = signalOf(junction, i, now);
  const { lanes, movements } = shapeOf(junction);
  const silent = signal.mode === 'silent';
  const withQueues = lanes.map((lane, k) => ({
    ...lane,
    known: !(signal.mode === 'fixed' && k === 3) && !silent,
    queue: lane.role === 'approach' && !silent ? (k * 5 + i * 3) % 8 : null,
    count: silent ? null : (k * 7 + i) % 11,
    waitedS: silent ? null : (k * 13) % 50,
  }));
  const decisions = Array.from({ length: silent ? 0 : 12 }, (_, k) => {
    const reason = signal.mode === 'adaptive' ? reasons[(i + k) % reasons.length] : 'fixed_plan';
    const expected = 120 + ((k * 37 + i * 11) % 90);
    return {
      at: iso(now - k * 19_000),
      stage: (signal.stage + 4 - (k % 4)) % 4,
      reason,
      why: whyOf(reason, 6 + (k % 5)),
      lane: (k * 3) % 12,
      queue: 2 + ((k * 5) % 9),
      expectedDelayS: signal.mode === 'adaptive' ? expected : null,
      otherDelayS: signal.mode === 'adaptive' ? expected + 14 + ((k * 17) % 60) : null,
      shownS: k === 0 ? null : 8 + ((k * 7) % 26),
    };
  });
  const end = Math.floor(now / (5 * minute)) * 5 * minute;
  return {
    signal,
    lanes: withQueues,
    movements,
    stages: stageNames.map((name, k) => ({
      name,
      lights: lightsOf(k, 'g'),
      minGreenS: k % 2 ? 6 : 10,
      maxGreenS: k % 2 ? 30 : 60,
      planS: greens[k],
    })),
    lights: silent ? '' : lightsOf(signal.stage, signal.greenS < 0 ? 'y' : 'g'),
    cycleS: cycle,
    decisions,
    modes: [
      { at: signal.modeSince, mode: signal.mode, reason: signal.modeReason },
      { at: iso(now - 300 * minute), mode: 'adaptive', reason: modeWords.adaptive },
      { at: iso(now - 420 * minute), mode: 'fixed', reason: text('夜间方案', 'night plan') },
    ],
    delays: Array.from({ length: 72 }, (_, k) => {
      const at = end - (71 - k) * 10 * minute;
      const rush = 1 + 0.5 * Math.sin(k / 9);
      const before = signal.delayBeforeS * rush;
      return [
        at,
        silent && k > 68 ? null : before * (signal.mode === 'adaptive' ? 0.5 + 0.05 * Math.sin(k / 3) : 0.98),
        before,
      ];
    }),
  };
}
