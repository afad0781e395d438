// A small made-up district for tests of the console: streets, lights, sensors, pumps. A fixture, not the demo's city.
export const center = [120.142, 30.262];
const dx = 0.0031;
const dy = 0.0026;
const columns = 15;
const rows = 12;

const lake = [
  [120.115, 30.252],
  [120.121, 30.2475],
  [120.1275, 30.2478],
  [120.131, 30.253],
  [120.1295, 30.26],
  [120.1305, 30.2665],
  [120.126, 30.2725],
  [120.119, 30.2718],
  [120.1145, 30.264],
  [120.115, 30.252],
];
const park = [
  [120.1455, 30.2662],
  [120.1512, 30.2666],
  [120.1516, 30.2712],
  [120.1459, 30.2709],
  [120.1455, 30.2662],
];

// Small numbers that look random and are the same in each run.
export function rng(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function inside([x, y], ring) {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}

const node = (c, r) => {
  const bend = Math.sin(r * 0.7) * 0.0005 + Math.sin(c * 0.5) * 0.0004;
  return [center[0] + (c - (columns - 1) / 2) * dx + bend, center[1] + (r - (rows - 1) / 2) * dy + bend * 0.6];
};

const eastWest = [
  '湖滨路',
  '书院路',
  '长桥路',
  '清河路',
  '南塘路',
  '望江路',
  '星桥路',
  '文昌路',
  '柳浪路',
  '白堤路',
  '北山路',
  '花港路',
];
const northSouth = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二', '十三', '十四', '十五'];
const urn = (type, name) => `urn:ngsi-ld:${type}:${name}`;
const point = (coordinates) => ({ type: 'Point', coordinates });
const iso = (ms) => new Date(ms).toISOString();

function streets(add, random, now) {
  let n = 0;
  const street = (a, b, name) => {
    if (inside(a, lake) || inside(b, lake)) return;
    const roll = random();
    const speed = roll < 0.035 ? 6 + random() * 5 : roll < 0.1 ? 14 + random() * 6 : 28 + random() * 22;
    add({
      id: urn('RoadSegment', `s${++n}`),
      type: 'RoadSegment',
      name,
      geometry: { type: 'LineString', coordinates: [a, b] },
      attributes: {
        averageVehicleSpeed: { value: speed, unitCode: 'KMH', observedAt: iso(now - random() * 60_000) },
        intensity: { value: Math.round(200 + random() * 900), observedAt: iso(now - random() * 60_000) },
        freeFlowSpeed: { value: 50, unitCode: 'KMH' },
      },
    });
  };
  for (let r = 0; r < rows; r++) for (let c = 0; c + 1 < columns; c++) street(node(c, r), node(c + 1, r), eastWest[r]);
  for (let c = 0; c < columns; c++)
    for (let r = 0; r + 1 < rows; r++) street(node(c, r), node(c, r + 1), `${northSouth[c]}号大道`);
}

function lights(add, random, now) {
  let n = 0;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c + 1 < columns; c++)
      for (let k = 1; k < 8; k++) {
        const [a, b] = [node(c, r), node(c + 1, r)];
        const place = [a[0] + ((b[0] - a[0]) * k) / 8, a[1] + ((b[1] - a[1]) * k) / 8 + 0.00012];
        if (inside(place, lake)) continue;
        const silent = random() < 0.012;
        add({
          id: urn('Streetlight', `l${++n}`),
          type: 'Streetlight',
          name: `路灯 ${n}`,
          geometry: point(place),
          attributes: {
            illuminanceLevel: {
              value: Math.round(80 + random() * 15),
              unitCode: 'P1',
              observedAt: iso(now - (silent ? 3 * 3600_000 : random() * 120_000)),
            },
          },
        });
      }
}

function things(add, random, now) {
  const place = (c, r) => point([node(c, r)[0] + 0.0012, node(c, r)[1] + 0.0009]);
  const seen = (spread = 50_000) => iso(now - random() * spread);
  const spots = [
    [9, 2],
    [11, 4],
    [7, 9],
    [12, 8],
    [10, 6],
    [13, 2],
  ];
  spots.forEach(([c, r], i) => {
    const n = i + 1;
    add({
      id: urn('WaterObserved', `underpass-${n}`),
      type: 'WaterObserved',
      name: `${eastWest[r]}下穿隧道`,
      geometry: place(c, r),
      attributes: { waterLevel: { value: 0.04 + random() * 0.03, unitCode: 'MTR', observedAt: seen(2000) } },
      relations: { pumpedBy: urn('Device', `pump-${n}`) },
    });
    const [x, y] = place(c, r).coordinates;
    add({
      id: urn('Device', `pump-${n}`),
      type: 'Device',
      name: `${n} 号排水泵`,
      geometry: point([x + 0.0006, y - 0.0003]),
      attributes: {
        pump: { value: false, observedAt: seen() },
        batteryLevel: { value: 98, unitCode: 'P1', observedAt: seen() },
      },
    });
  });
  for (let i = 0; i < 14; i++) {
    const total = 120 + Math.round(random() * 500);
    const free = i === 3 ? 4 : Math.round(total * (0.1 + random() * 0.7));
    add({
      id: urn('OffStreetParking', `garage-${i + 1}`),
      type: 'OffStreetParking',
      name: `${eastWest[i % 12]}停车场`,
      geometry: place(6 + (i % 8), 1 + ((i * 5) % 10)),
      attributes: {
        availableSpotNumber: { value: free, observedAt: seen() },
        totalSpotNumber: { value: total },
      },
    });
  }
  const scatter = (type, count, make) => {
    for (let i = 0; i < count; i++)
      add({
        id: urn(type, `${i + 1}`),
        type,
        geometry: place(5 + ((i * 7) % 9), (i * 3 + 1) % 11),
        ...make(i),
      });
  };
  scatter('AirQualityObserved', 16, (i) => ({
    name: `空气站 ${i + 1}`,
    attributes: {
      pm25: { value: i === 5 ? 82 : 18 + random() * 25, unitCode: 'GQ', observedAt: seen() },
      no2: { value: 20 + random() * 20, unitCode: 'GQ', observedAt: seen() },
    },
  }));
  scatter('NoiseLevelObserved', 18, (i) => ({
    name: `噪声点 ${i + 1}`,
    attributes: { LAeq: { value: 48 + random() * 16, unitCode: '2N', observedAt: seen() } },
  }));
  scatter('WeatherObserved', 4, (i) => ({
    name: `气象站 ${i + 1}`,
    attributes: {
      temperature: { value: 19 + random() * 2, unitCode: 'CEL', observedAt: seen() },
      relativeHumidity: { value: 0.7, observedAt: seen() },
      precipitation: { value: 0, unitCode: 'MMH', observedAt: seen() },
    },
  }));
}

export const types = {
  RoadSegment: {
    name: { zh: '路段', en: 'Road segment' },
    main: 'averageVehicleSpeed',
    unit: 'KMH',
    scale: [
      [25, 'ok'],
      [20, 'warn'],
      [12, 'alarm'],
    ],
  },
  Streetlight: { name: { zh: '路灯', en: 'Streetlight' }, main: 'illuminanceLevel', unit: 'P1', scale: [] },
  WaterObserved: {
    name: { zh: '积水监测', en: 'Water level' },
    main: 'waterLevel',
    unit: 'MTR',
    scale: [
      [0, 'ok'],
      [0.15, 'warn'],
      [0.3, 'alarm'],
    ],
  },
  Device: { name: { zh: '设备', en: 'Device' }, main: 'pump', scale: [] },
  OffStreetParking: {
    name: { zh: '停车场', en: 'Garage' },
    main: 'availableSpotNumber',
    scale: [
      [30, 'ok'],
      [20, 'warn'],
      [5, 'alarm'],
    ],
  },
  AirQualityObserved: {
    name: { zh: '空气质量', en: 'Air quality' },
    main: 'pm25',
    unit: 'GQ',
    scale: [
      [0, 'ok'],
      [75, 'warn'],
      [115, 'alarm'],
    ],
  },
  NoiseLevelObserved: {
    name: { zh: '噪声', en: 'Noise' },
    main: 'LAeq',
    unit: '2N',
    scale: [
      [0, 'ok'],
      [70, 'warn'],
      [80, 'alarm'],
    ],
  },
  WeatherObserved: { name: { zh: '气象', en: 'Weather' }, main: 'temperature', unit: 'CEL', scale: [] },
};
const staleAfterS = Object.fromEntries(Object.keys(types).map((type) => [type, type === 'Streetlight' ? 3600 : 600]));

// Scales rise, or fall where low is bad; the last step passed tells the state.
export function stateOf(entity, now) {
  const { main, scale } = types[entity.type];
  const reading = entity.attributes[main];
  if (!reading) return 'unknown';
  if (now - Date.parse(reading.observedAt) > staleAfterS[entity.type] * 1000) return 'stale';
  if (typeof reading.value !== 'number' || scale.length === 0) return 'ok';
  const falling = scale.length > 1 && scale[1][0] < scale[0][0];
  let state = 'ok';
  for (const [from, name] of scale) if (falling ? reading.value <= from : reading.value >= from) state = name;
  return state;
}

export function makeEntities(now) {
  const entities = new Map();
  const random = rng(42);
  const add = (entity) => entities.set(entity.id, entity);
  streets(add, random, now);
  lights(add, random, now);
  things(add, random, now);
  return entities;
}

export function makeCity(clock) {
  const west = node(0, 0)[0] - 0.008;
  const polygon = (ring) => ({ type: 'Polygon', coordinates: [ring] });
  const bounds = [west, node(0, 0)[1] - 0.002, node(columns - 1, 0)[0] + 0.002, node(0, rows - 1)[1] + 0.002];
  const box = (w, s, e, n) =>
    polygon([
      [w, s],
      [e, s],
      [e, n],
      [w, n],
      [w, s],
    ]);
  return {
    name: { zh: '湖滨区', en: 'Lakeside' },
    center,
    zoom: 13.6,
    bounds,
    clock,
    departments: [
      { id: 'water', name: { zh: '水务局', en: 'Water' } },
      { id: 'traffic', name: { zh: '交警支队', en: 'Traffic' } },
      { id: 'lighting', name: { zh: '路灯所', en: 'Lighting' } },
    ],
    areas: [
      { id: 'lake', kind: 'water', name: { zh: '镜湖', en: 'Mirror Lake' }, geometry: polygon(lake) },
      { id: 'park', kind: 'green', name: { zh: '柳园', en: 'Willow Park' }, geometry: polygon(park) },
      {
        id: 'west',
        kind: 'policy',
        name: { zh: '湖西片区', en: 'West' },
        geometry: box(bounds[0], bounds[1], center[0], bounds[3]),
      },
      {
        id: 'east',
        kind: 'policy',
        name: { zh: '湖东片区', en: 'East' },
        geometry: box(center[0], bounds[1], bounds[2], bounds[3]),
      },
    ],
    staleAfterS,
    types,
    caseKinds: [
      { id: 'flooding', name: { zh: '积水', en: 'Flooding' } },
      { id: 'streetlight', name: { zh: '路灯故障', en: 'Streetlight fault' } },
    ],
  };
}
