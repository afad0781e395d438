// Traffic in the stand-in server (web/test/fake/server.mjs): made-up speeds, junctions, trials and routes on its streets, as
// api/openapi.yaml has them. Nothing here is a measurement; it is what the pages are tested with.

import { makeJunctions, signalDetail, signalOf } from './fake_signals.mjs';
import { board, DesignDesk, makeStops, transitLines, transitVehicles } from './fake_transit.mjs';

const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const minute = 60_000;
const hour = 60 * minute;
const horizons = [15, 30, 60];

// Small numbers that look random and are the same in each run.
const wave = (seed, at) => Math.sin(at / 37 + seed * 1.7) * 0.6 + Math.sin(at / 11 + seed * 3.1) * 0.4;

// Share of free flow that is usual at a time of day: two rush hours.
const usualShare = (ms) => {
  const h = (ms / hour) % 24;
  const rush = (mid) => Math.exp(-((h - mid) ** 2) / 1.6);
  return 0.92 - 0.34 * rush(8) - 0.4 * rush(17.7);
};

const segmentOf = (entity, i, now) => {
  const speed = entity.attributes.averageVehicleSpeed.value;
  const free = 50;
  const silent = i % 41 === 7;
  const ratio = speed / free;
  const usual = free * Math.max(0.5, usualShare(now)) * (0.9 + 0.08 * wave(i, 3));
  return {
    id: entity.id,
    name: entity.name,
    speedKmh: silent ? null : speed,
    freeFlowKmh: free,
    usualKmh: usual,
    expectedKmh: silent ? null : speed * 0.7 + usual * 0.3,
    vehiclesPerH: entity.attributes.intensity.value,
    state: silent ? 'stale' : ratio < 0.5 ? 'congested' : ratio < 0.75 ? 'slow' : 'free',
    observedAt: iso(now - (silent ? 20 : 0.6) * minute),
  };
};

function segmentDetail(entity, i, now) {
  const segment = segmentOf(entity, i, now);
  const base = segment.speedKmh ?? 40;
  const end = Math.floor(now / (5 * minute)) * 5 * minute;
  const usualAt = (ms) =>
    segment.freeFlowKmh * Math.max(0.42, usualShare(ms)) * (0.92 + 0.05 * wave(i, ms / minute / 60));
  const todayAt = (ms) => {
    const near = Math.exp(-Math.max(0, end - ms) / (50 * minute));
    return Math.max(3, base * near + usualAt(ms) * (1 - near) + 2.2 * wave(i + 5, ms / minute));
  };
  const steps = (from, to, of) =>
    Array.from({ length: Math.round((to - from) / (5 * minute)) + 1 }, (_, k) => [
      from + k * 5 * minute,
      of(from + k * 5 * minute),
    ]);
  const foreseen = (ms, ahead) => {
    const p50 = todayAt(ms - ahead * minute) * 0.55 + usualAt(ms) * 0.45;
    const wide = 2.5 + ahead * 0.12;
    return [Math.max(2, p50 - wide), p50, p50 + wide];
  };
  return {
    segment,
    today: steps(end - 8 * hour, end, todayAt),
    usual: steps(end - 8 * hour, end + hour, usualAt),
    forecasts: horizons.map((minutes) => {
      const [p10, p50, p90] = foreseen(end + minutes * minute, minutes);
      return {
        minutes,
        madeAt: iso(end),
        forAt: iso(end + minutes * minute),
        p10,
        p50,
        p90,
        model: 'boosted',
        congestion: Math.max(0.01, Math.min(0.98, (0.55 - p50 / segment.freeFlowKmh) * 2 + 0.2)),
      };
    }),
    past: horizons.map((minutes) => {
      const samples = steps(end - 4 * hour, end + minutes * minute, (ms) => ms).map(([ms]) => [
        ms,
        ...foreseen(ms, minutes),
        ms <= end ? todayAt(ms) : null,
      ]);
      const known = samples.filter((each) => each[4] !== null);
      const within = known.filter(([, low, , high, truth]) => truth >= low && truth <= high).length / known.length;
      const meanError = known.reduce((sum, [, , mid, , truth]) => sum + Math.abs(mid - truth), 0) / known.length;
      return { minutes, samples, meanError, within };
    }),
  };
}

const sum = (line) => line.slice(1).reduce((all, at, i) => all + metres(line[i], at), 0);
const metres = ([a, b], [c, d]) => Math.hypot((a - c) * Math.cos((b * Math.PI) / 180), b - d) * 111_320;

function route(query) {
  const place = (name) => (query.get(name) ?? '').split(',').map(Number);
  const [from, to] = [place('from'), place('to')];
  if ([...from, ...to].some(Number.isNaN) || from.length !== 2 || to.length !== 2)
    throw Object.assign(new Error(), { status: 400, title: 'Bad request', detail: 'from and to are lon,lat' });
  const mx = (from[0] + to[0]) / 2;
  const lines = [
    [from, [to[0], from[1]], to],
    [from, [from[0], to[1]], to],
    [from, [mx, from[1]], [mx, to[1]], to],
  ];
  const speeds = [11.5, 9.2, 10.1];
  const options = lines.map((coordinates, i) => {
    const distanceM = sum(coordinates);
    return {
      line: { type: 'LineString', coordinates },
      distanceM,
      foreseenS: distanceM / speeds[i],
      nowS: distanceM / (speeds[i] * [1, 0.8, 1.1][i]),
      usualS: distanceM / [10.5, 12, 10][i],
      shared: [1, 0.12, 0.48][i],
      measured: [0.86, 0.91, 0.64][i],
      usual: i === 1,
      slow:
        i === 1
          ? [
              { name: text('望江路', 'Wangjiang Road'), lostS: 95 },
              { name: text('三号大道', 'No. 3 Avenue'), lostS: 44 },
            ]
          : [],
    };
  });
  const savedS = options[1].foreseenS - options[0].foreseenS;
  return {
    options,
    code: 'detour',
    savedS,
    why: text(
      `平时的路经望江路,那里预计多花 95 秒;走路线 1 节省约 ${Math.max(1, Math.round(savedS / 60))} 分钟。`,
      `The usual way loses 95 s on 望江路; way 1 saves about ${Math.max(1, Math.round(savedS / 60))} min.`,
    ),
    tookMs: 3.4,
  };
}

function garages(query, bounds, now) {
  const [west, south, east, north] = bounds;
  const from = (query.get('from') ?? '').split(',').map(Number);
  const rows = [
    ['文化中心', 'Culture Centre', 0.42, 0.55, 400, 212],
    ['星桥广场', 'Star Bridge Square', 0.6, 0.42, 620, 31],
    ['湖滨停车场', 'Lakeside', 0.3, 0.7, 180, 4],
    ['北山换乘', 'North Hill Interchange', 0.5, 0.85, 900, 655],
    ['南塘', 'South Pond', 0.75, 0.25, 240, null],
  ];
  return {
    garages: rows
      .map(([zh, en, x, y, capacity, free], i) => {
        const position = [west + (east - west) * x, south + (north - south) * y];
        const ahead = horizons.map((minutes) => {
          const p50 = Math.max(0, (free ?? 90) - minutes * [0.9, 0.6, 0.1, 2.2, 0.5][i]);
          const wide = 6 + minutes * 0.5;
          const chance = Math.max(0.03, Math.min(0.99, 0.5 + p50 / (wide * 3)));
          return { minutes, p10: Math.max(0, p50 - wide), p50, p90: Math.min(capacity, p50 + wide), chance };
        });
        const driveS = from.length === 2 ? metres(from, position) / 8.5 : 0;
        const at = ahead[driveS < 1200 ? 0 : 1];
        return {
          id: `urn:ngsi-ld:OffStreetParking:g${i}`,
          name: zh,
          nameEn: en,
          position,
          capacity,
          free,
          observedAt: iso(now - (free === null ? 50 * minute : 40_000)),
          forecasts: ahead,
          ...(from.length === 2 && !from.some(Number.isNaN)
            ? { arrival: { driveS, chance: at.chance, free: at.p50 } }
            : {}),
        };
      })
      .map(({ nameEn, ...garage }) => garage),
  };
}

function incidents(roads, now) {
  const at = (i) => {
    const [[a, b], [c, d]] = roads[i].geometry.coordinates;
    return [(a + c) / 2, (b + d) / 2];
  };
  const sign = (status, command, zh, en) => ({
    command,
    sign: 'urn:ngsi-ld:Device:sign-1',
    signName: '情报板 1',
    text: text(zh, en),
    status,
  });
  const one = (id, i, more) => ({
    id: `urn:ngsi-ld:Finding:${id}`,
    kind: 'speed_drop',
    active: true,
    position: at(i),
    segment: roads[i].id,
    segmentName: roads[i].name,
    severity: 'severe',
    finding: null,
    speedKmh: 7,
    expectedKmh: 41,
    upstreamKmh: 12,
    downstreamKmh: 46,
    signs: [],
    ...more,
  });
  return {
    incidents: [
      one('inc-1', 60, {
        title: text(`${roads[60].name} 车速骤降`, `Speed drop on ${roads[60].name}`),
        why: text(
          '7 km/h,预测为 41(36–46);上游 12,下游 46:车在这里被挡住,不是普遍拥堵。',
          '7 km/h where 41 (36–46) was foreseen; 12 upstream, 46 downstream: something blocks this street, and it is no general congestion.',
        ),
        detectedAt: iso(now - 6 * minute),
        signs: [
          sign('pending_approval', 'urn:ngsi-ld:Command:sign-1', '前方事故 请绕行', 'Accident ahead, use detour'),
          sign('succeeded', 'urn:ngsi-ld:Command:sign-2', '前方缓行 8 分钟', 'Slow ahead: 8 min'),
        ],
      }),
      one('inc-2', 120, {
        kind: 'congestion',
        severity: 'moderate',
        speedKmh: 17,
        expectedKmh: 33,
        title: text(`${roads[120].name} 拥堵`, `Congestion on ${roads[120].name}`),
        why: text('17 km/h,低于自由流的 50% 已 15 分钟。', '17 km/h: under half of free flow for 15 minutes.'),
        detectedAt: iso(now - 22 * minute),
      }),
      one('inc-3', 30, {
        active: false,
        severity: 'minor',
        title: text(`${roads[30].name} 车速骤降`, `Speed drop on ${roads[30].name}`),
        why: text('9 km/h,预测为 38。', '9 km/h where 38 was foreseen.'),
        detectedAt: iso(now - 3 * hour),
        clearedAt: iso(now - 2.5 * hour),
        speedKmh: 40,
      }),
    ],
  };
}

function advice(now) {
  const one = (id, n, more) => ({
    id: `urn:ngsi-ld:TrafficAdvice:${id}`,
    command: `urn:ngsi-ld:Command:sign-${n}`,
    sign: `urn:ngsi-ld:Device:sign-${1 + (n > 2)}`,
    signName: `情报板 ${1 + (n > 2)}`,
    text: '往港口 走环路 省4分钟',
    status: 'succeeded',
    why: text('主路排队 900 米,绕行快 4 分钟。', 'A queue of 900 m on the usual way; the detour is 4 min quicker.'),
    madeAt: iso(now - n * 20 * minute),
    predicted: {
      compliance: 0.3,
      bestShare: 0.4,
      meanWithoutS: 900,
      meanWithS: 810,
      savedShare: 0.1,
      savedVehicleHours: 12.4,
    },
    measured: null,
    ...more,
  });
  const method = 'difference in differences of log travel times';
  return {
    advice: [
      one('a', 1, { status: 'pending_approval' }),
      one('b', 2, { measured: { method, savedShare: 0.062, standardError: 0.021, roundsBefore: 9, roundsAfter: 11 } }),
      one('c', 3, { text: '前方缓行 8 分钟', predicted: null }),
    ],
  };
}

function run(controller, level, seed) {
  const series = Array.from({ length: 60 }, (_, i) => {
    const load = Math.exp(-((i - 32) ** 2) / 420);
    const delay = level * (0.6 + 0.9 * load) * (1 + 0.08 * wave(seed + level, i * 7));
    return [
      i * 60,
      Math.round(70 + 160 * load + level),
      Math.round((level / 2) * (0.4 + load)),
      i > 28 && level > 50 ? Math.round(load * 6) : 0,
      delay,
    ];
  });
  const delayS = series.reduce((all, row) => all + row[4], 0) / series.length;
  return {
    controller,
    vehicles: 2015,
    arrived: Math.round(2011 - level / 10),
    neverEntered: level > 50 ? 3 : 0,
    delayS,
    timeLossS: delayS * 0.94,
    queueMean: null,
    queueMax: null,
    gridlocked: false,
    decisionP99Us: controller === 'planner' ? 1840 : 120,
    series,
  };
}

function trials(now) {
  const made = [
    ['cologne-like-1', 'cologne-like', 1, 2 * hour],
    ['cologne-like-2', 'cologne-like', 2, 2.2 * hour],
    ['grid-1', 'chinese-grid', 1, 30 * hour],
  ];
  return made.map(([id, network, seed, ago]) => ({
    id,
    network,
    seed,
    madeAt: iso(now - ago),
    command: `cityloop traffic trial --network ${network} --seed ${seed} --controllers fixed,greedy,max_pressure,planner`,
    runs: [run('fixed', 56, seed), run('greedy', 29, seed), run('max_pressure', 33, seed), run('planner', 23, seed)],
  }));
}

function scores(now) {
  const score = (subject, model, champion, minutes, mae, within) => ({
    subject,
    model,
    champion,
    minutes,
    count: 48_210 - minutes * 20,
    mae,
    unitCode: subject === 'speed' ? 'KMH' : 'C62',
    within,
    ...(model === 'boosted' && {
      told: {
        count: 9_120 - minutes * 10,
        mae: mae * 1.04,
        rmse: mae * 1.6,
        crps: mae * 0.72,
        skill: 0.34 - minutes / 600,
      },
    }),
  });
  const callers = (boosted, frequencies) => [
    { model: 'boosted boosted-speed-7-congestion', champion: true, brier: boosted, count: 1_440 },
    { model: 'frequencies', champion: false, brier: frequencies, count: 1_440 },
  ];
  const table = [
    ['persistence', [3.2, 3.9, 4.9], null],
    ['seasonal', [4.1, 4.2, 4.3], 0.83],
    ['linear', [2.9, 3.4, 4.0], 0.78],
    ['boosted', [2.6, 3.0, 3.5], 0.81],
  ];
  const garage = [
    ['persistence', [3.6, 7.1, 14.2], null],
    ['seasonal', [9.2, 9.6, 10.4], 0.77],
    ['boosted', [2.9, 5.4, 8.8], 0.8],
  ];
  const all = (subject, rows) =>
    rows.flatMap(([model, maes, within]) =>
      horizons.map((minutes, i) => score(subject, model, model === 'boosted', minutes, maes[i], within)),
    );
  const quantiles = [0.1, 0.25, 0.5, 0.75, 0.9];
  const bend = { 15: 0.01, 30: 0.025, 60: 0.06 };
  return {
    since: iso(now - 9 * 24 * hour),
    scores: [...all('speed', table), ...all('parking', garage)],
    calibration: ['speed', 'parking'].flatMap((subject) =>
      horizons.map((minutes) => ({
        subject,
        model: 'boosted',
        minutes,
        points: quantiles.map((q) => [q, q + Math.sin(q * Math.PI) * bend[minutes], 48_000]),
      })),
    ),
    training: [
      {
        subject: 'speed',
        everySeconds: 86_400,
        running: { since: iso(now - 3 * minute), stage: 'learning', share: 0.42 },
        nextAt: iso(now + 21 * hour),
        last: {
          at: iso(now - 27 * hour),
          model: 'boosted-speed-7',
          error: '',
          heldOut: horizons.map((minutes, i) => ({
            minutes,
            count: 31_400 - minutes * 9,
            boosted: 2.6 + i * 0.45,
            linear: 2.9 + i * 0.55,
            persistence: 3.2 + i * 0.85,
          })),
          heldOutCalls: horizons.map((minutes, i) => ({
            minutes,
            count: 18_200,
            came: 1_310,
            boosted: 0.0088 + i * 0.0012,
            frequencies: 0.0101 + i * 0.0009,
            always: 0.0126,
            threshold: 0.28,
            precision: 0.57 - i * 0.05,
            recall: 0.44 - i * 0.07,
          })),
          noCalls: '',
        },
        models: [{ name: 'boosted-speed-7', sha256: '9f2c', since: iso(now - 26 * hour) }],
        callers: [{ name: 'boosted-speed-7-congestion', sha256: '41d0', since: iso(now - 26 * hour) }],
        refused: [{ name: 'boosted-speed-6', reason: 'learned from segments that are gone', at: iso(now - 30 * hour) }],
        unreadable: [],
      },
    ],
    changes: [
      {
        at: iso(now - 26 * hour),
        subject: 'speed',
        minutes: 60,
        champion: 'linear',
        challenger: 'boosted',
        taken: true,
        why: text('留出的 48 小时上误差小 12%', '12 % less error on 48 held-out hours'),
      },
      {
        at: iso(now - 50 * hour),
        subject: 'speed',
        minutes: 15,
        champion: 'boosted',
        challenger: 'linear',
        taken: false,
        why: text('留出的 48 小时上误差大 9%', '9 % more error on 48 held-out hours'),
      },
    ],
    calls: [
      { minutes: 15, precision: 0.81, recall: 0.76, count: 1204, brier: 0.00912, models: callers(0.0091, 0.0103) },
      { minutes: 30, precision: 0.72, recall: 0.63, count: 1204, brier: 0.01034, models: callers(0.0103, 0.0109) },
    ],
  };
}

export function makePackage({ entities, bounds }) {
  const roads = [...entities.values()].filter(({ type }) => type === 'RoadSegment');
  const junctions = makeJunctions(roads);
  const stops = makeStops(roads);
  const find = (list, id) => {
    const i = list.findIndex((each) => each.id === id);
    if (i < 0) throw Object.assign(new Error(), { status: 404, title: 'Not found', detail: id });
    return i;
  };
  const desk = new DesignDesk();
  const answer = (method, [room, id, sub], query, body) => {
    const now = Date.now();
    switch (`${room}${id ? '/:id' : ''}${sub ? `/${sub}` : ''}`) {
      case 'segments':
        return {
          type: 'FeatureCollection',
          at: iso(now),
          features: roads.map((road, i) => ({
            type: 'Feature',
            geometry: road.geometry,
            properties: segmentOf(road, i, now),
          })),
        };
      case 'segments/:id': {
        const i = find(roads, id);
        return segmentDetail(roads[i], i, now);
      }
      case 'signals':
        return { at: iso(now), signals: junctions.map((each, i) => signalOf(each, i, now)) };
      case 'signals/:id': {
        const i = find(junctions, id);
        return signalDetail(junctions[i], i, now);
      }
      case 'advice':
        return advice(now);
      case 'incidents':
        return incidents(roads, now);
      case 'parking':
        return garages(query, bounds, now);
      case 'route':
        return route(query);
      case 'trials':
        return {
          trials: trials(now).map(({ command, runs, ...trial }) => ({
            ...trial,
            runs: runs.map(({ controller, delayS, gridlocked }) => ({ controller, delayS, gridlocked })),
          })),
        };
      case 'trials/:id': {
        const all = trials(now);
        return all[find(all, id)];
      }
      case 'forecast-scores':
        return scores(now);
      case 'stops':
        return stops;
      case 'stops/:id/board':
        return board(stops, id, now);
      case 'transit/:id':
        return id === 'lines' ? transitLines(stops) : id === 'vehicles' ? transitVehicles(stops, now) : undefined;
      case 'designs':
        return method === 'POST' ? desk.order(body, now) : desk.list(now);
      case 'designs/:id':
        return method === 'DELETE' ? desk.remove(id) : desk.show(id, now, stops);
      default:
        return undefined;
    }
  };
  return { name: 'traffic', answer };
}
