// Made-up stops, boards and designed routes of the stand-in.
const iso = (ms) => new Date(ms).toISOString();
const text = (zh, en) => ({ zh, en });
const minute = 60_000;

const lines = [
  ['3', '0b66a8', '北山换乘', 8],
  ['12', 'a84a14', '南塘公园', 12],
  ['夜 1', '843a9b', '火车站', 20],
  ['K28', '24714a', '湖滨路', 6],
];

export function makeStops(roads) {
  const features = roads
    .filter((_, i) => i % 9 === 4)
    .map((road, i) => {
      const [[a, b], [c, d]] = road.geometry.coordinates;
      return {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [(a * 2 + c) / 3, (b * 2 + d) / 3] },
        properties: {
          id: `urn:ngsi-ld:PublicTransportStop:s${i}`,
          name: `${road.name}站 ${(i % 3) + 1}`,
          code: String(1001 + i),
          lines: lines.filter((_, k) => (i + k) % 3 !== 0).map(([name]) => name),
        },
      };
    });
  return { type: 'FeatureCollection', features };
}

export function board(stops, id, now) {
  const i = stops.features.findIndex(({ properties }) => properties.id === id);
  if (i < 0) throw Object.assign(new Error(), { status: 404, title: 'Not found', detail: id });
  const stop = stops.features[i].properties;
  const mine = lines.filter(([name]) => stop.lines.includes(name));
  const begin = Math.floor(now / minute) * minute;
  const departures = mine
    .flatMap(([line, colour, headsign, every], k) =>
      Array.from({ length: 5 }, (_, n) => {
        const plannedAt = begin + (n * every + ((i + k * 3) % every)) * minute;
        const status = n === 3 && k === 0 ? 'cancelled' : n === 4 ? 'planned' : n === 2 && k === 1 ? 'added' : 'live';
        const delayS = status === 'live' ? [0, 140, -70, 30][(i + n + k) % 4] : null;
        return {
          line,
          colour,
          headsign,
          trip: `${line}-${n}`,
          plannedAt: iso(plannedAt),
          expectedAt: status === 'cancelled' ? null : iso(plannedAt + (delayS ?? 0) * 1000),
          delayS,
          status,
          ...(k === 1 ? { platform: 'B' } : {}),
        };
      }),
    )
    .filter(({ expectedAt }) => expectedAt === null || Date.parse(expectedAt) >= now - 30_000)
    .sort((a, b) => a.plannedAt.localeCompare(b.plannedAt));
  return {
    stop,
    at: iso(now),
    departures,
    headways: mine.map(([line, , headsign, every], k) => ({
      line,
      headsign,
      plannedS: every * 60,
      actualS: every * 60 * [1.08, 0.22, 1.9, 0.97][(i + k) % 4],
      state: ['even', 'bunched', 'gap', 'even'][(i + k) % 4],
      at: iso(now - 3 * minute),
    })),
    alerts:
      i % 4 === 0
        ? [text('望江路施工,12 路绕行至 22:00。', 'Road works on 望江路: line 12 is diverted until 22:00.')]
        : [],
  };
}

// Each line runs through the stops that it serves, from west to east and back.
const wayOf = (stops, name, direction) => {
  const mine = stops.features.filter(({ properties }) => properties.lines.includes(name)).slice(0, 14);
  const along = [...mine].sort((a, b) => a.geometry.coordinates[0] - b.geometry.coordinates[0]);
  return direction ? along.reverse() : along;
};

export const transitLines = (stops) => ({
  lines: lines.flatMap(([name, color, headsign, every], k) =>
    [0, 1].map((direction) => {
      const way = wayOf(stops, name, direction);
      const last = way.at(-1)?.properties.name ?? headsign;
      return {
        id: `r${k}`,
        line: name,
        direction,
        name: `${way[0]?.properties.name} – ${last}`,
        type: 3,
        color: `#${color}`,
        headsign: text(last, `${last} (en)`),
        path: way.map(({ geometry }) => geometry.coordinates),
        stops: way.map(({ properties }) => properties.id),
        regularity: {
          headways: 42 - 7 * k,
          actualWaitingTime: every * 33 + 40 * k,
          scheduledWaitingTime: every * 30,
          excessWaitingTime: every * 3 + 40 * k,
          bunchedShare: [0.02, 0.14, 0, 0.06][k],
          gapShare: [0, 0.11, 0.05, 0.03][k],
        },
      };
    }),
  ),
});

export const transitVehicles = (stops, now) => ({
  vehicles: transitLines(stops).lines.flatMap((line, k) =>
    [0, 1, 2].map((n) => {
      const parts = line.path.length - 1;
      const at = ((now / 240_000 + n / 3 + k * 0.13) % 1) * parts;
      const [i, share] = [Math.min(parts - 1, Math.floor(at)), at % 1];
      const [[a, b], [c, d]] = [line.path[i], line.path[i + 1]];
      const planned = 60 * lines[Math.floor(k / 2)][3];
      const state = ['even', 'bunched', 'gap'][(k + n) % 5 === 1 ? 1 : (k + n) % 7 === 3 ? 2 : 0];
      return {
        id: `urn:ngsi-ld:Vehicle:${line.id}-${line.direction}-${n}`,
        position: [a + (c - a) * share, b + (d - b) * share],
        age_s: k === 5 && n === 2 ? 190 : 4,
        line: line.line,
        routeId: line.id,
        tripId: `${line.id}-${n}`,
        direction: line.direction,
        headsign: line.headsign,
        delay_s: [0, 150, -80][n],
        nextStop: line.stops[i + 1],
        nextStopName: text(
          ...[0, 1].map(
            () => stops.features.find(({ properties }) => properties.id === line.stops[i + 1]).properties.name,
          ),
        ),
        headway: { state, actual_s: planned * { even: 1.1, bunched: 0.15, gap: 1.9 }[state], planned_s: planned },
      };
    }),
  ),
});

const figures = (minutes) => ({
  minutes,
  direct: 0.902,
  oneChange: 0.094,
  twoChanges: 0.004,
  unserved: 0,
  operatorMinutes: 148,
});
const loadsOf = (stops, seed) =>
  stops.slice(1).map((_, i) => [220 + ((i * 370 + seed * 530) % 1900), 180 + ((i * 290 + seed * 410) % 1500)]);
const plane = [
  [1, 9],
  [3, 8],
  [4.6, 7],
  [6.2, 7.6],
  [2.4, 6.2],
  [4.2, 5.4],
  [6.4, 5.2],
  [8.2, 6],
  [3, 3.8],
  [5.2, 3.2],
  [7.6, 3.4],
  [9.2, 4],
  [4.2, 1.4],
  [6.6, 1],
  [9, 1.6],
];
const planeRoutes = [
  [0, 1, 2, 5, 9, 12],
  [4, 2, 3, 7, 11],
  [8, 5, 6, 7, 10, 14],
  [12, 9, 10, 6, 3, 2],
];
const made = [
  ['night', '夜间公交', 4, 9.84, 26],
  ['benchmark', 'Mandl-like', 4, 10.4, 90],
];

export const designs = (now) => ({
  designs: made.map(([id, name, routes, minutes, ago]) => ({
    id,
    name,
    madeAt: iso(now - ago * minute),
    seed: 7,
    routes,
    figures: figures(minutes),
  })),
});

export function design(id, now, cityStops) {
  const found = made.find(([each]) => each === id);
  if (!found) throw Object.assign(new Error(), { status: 404, title: 'Not found', detail: id });
  const [, name, , minutes, ago] = found;
  const geographic = id === 'night';
  const stops = geographic
    ? cityStops.features.slice(0, 28).map(({ geometry, properties }) => ({
        id: properties.id,
        name: properties.name,
        position: geometry.coordinates,
      }))
    : plane.map((position, i) => ({ id: String(i + 1), name: String(i + 1), position }));
  const routes = geographic
    ? [0, 1, 2, 3].map((k) => stops.map((_, i) => i).filter((i) => i % 4 === k || (k < 2 && i === 14)))
    : planeRoutes;
  return {
    id,
    name,
    madeAt: iso(now - ago * minute),
    seed: 7,
    command: `cityloop traffic design --problem ${id} --routes 4 --seed 7`,
    tookS: 212,
    figures: figures(minutes),
    geographic,
    stops,
    routes: routes.map((path, k) => ({
      name: geographic ? `夜 ${k + 1}` : `R${k + 1}`,
      stops: path,
      minutes: 22 + k * 7,
      headwayMinutes: [10, 15, 12, 20][k],
      vehicles: [6, 4, 5, 3][k],
      passengers: 2400 - k * 410,
      loads: loadsOf(path, k),
      ...(geographic && {
        line: { type: 'LineString', coordinates: aroundCorners(path.map((at) => stops[at].position)) },
      }),
    })),
  };
}

// Streets of a grid: along, then across.
const aroundCorners = (places) =>
  places.flatMap(([lon, lat], i) =>
    i === 0
      ? [[lon, lat]]
      : [
          [lon, places[i - 1][1]],
          [lon, lat],
        ],
  );

// Designs on order: searched for a few seconds, then like the first of the stored ones.
export class DesignDesk {
  orders = [];
  removed = new Set();
  list(now) {
    const kept = designs(now).designs.filter(({ id }) => !this.removed.has(id));
    const share = ({ askedAt, seconds }) => Math.min(1, (now - askedAt) / 1000 / seconds);
    const done = this.orders.filter((each) => share(each) >= 1);
    const asOne = ({ id, name, routes, seed, askedAt }) => ({
      id,
      name,
      routes,
      seed,
      madeAt: iso(askedAt),
      figures: figures(10.12),
    });
    const asJob = (each) => ({
      id: each.id,
      name: each.name,
      demand: each.demand,
      by: 'user:lin.yue',
      askedAt: iso(each.askedAt),
      state: 'running',
      progress: { stage: 'searching', share: share(each), minutes: 11.2 - share(each) },
    });
    return {
      designs: [...done.map(asOne), ...kept],
      jobs: this.orders.filter((each) => share(each) < 1).map(asJob),
      demands: ['night', 'commute'],
    };
  }
  order({ name, demand, routes = 6, seconds = 30, seed = 1 }, now) {
    if (!this.list(now).demands.includes(demand))
      throw Object.assign(new Error(), { status: 404, title: 'Not found', detail: demand });
    const id = `d${this.orders.length + 1}`;
    this.orders.push({ id, name: name || demand, demand, routes, seconds, seed, askedAt: now });
    return { id };
  }
  remove(id) {
    this.orders = this.orders.filter((each) => each.id !== id);
    this.removed.add(id);
    return {};
  }
  show(id, now, cityStops) {
    const order = this.orders.find((each) => each.id === id);
    return order
      ? { ...design('night', now, cityStops), id, name: order.name, seed: order.seed }
      : design(id, now, cityStops);
  }
}
