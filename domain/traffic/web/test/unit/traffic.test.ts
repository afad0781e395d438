import type {
  TrafficDesign,
  TrafficForecast,
  TrafficGarage,
  TrafficLane,
  TrafficMovement,
  TrafficScore,
  TrafficSegment,
  TrafficTrialRun,
  TransitVehicle,
} from '@console/api/schema';
import { palettes } from '@console/ui/theme';
import { describe, expect, it } from 'vitest';
import { en } from '../../en';
import { pages } from '../../index';
import { bestGarage } from '../../live/ParkingPage';
import { gainText } from '../../live/SignEffect';
import { bandOf, pastLines } from '../../live/segment_lines';
import { parseChosen } from '../../live/use_chosen';
import { middleOf } from '../../map/middle';
import { speedClass } from '../../map/speed_classes';
import { errorsByModel, inOrder } from '../../scores/score_rows';
import { laneOf, layOut, wayPath } from '../../signals/junction_layout';
import { changeOf, queueMean, seriesOf, usualPair } from '../../signals/trial_rows';
import { besideLine, fitted, legsOf, maxLoad, partsOf, widthOf } from '../../transit/design_lines';
import { byTrouble, lineShapes, paintOf, vehicleMarks } from '../../transit/transit_shapes';
import { zh } from '../../zh';

const keysOf = (words: object, under = ''): string[] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${under}${key}`] : keysOf(value, `${under}${key}.`),
  );
const holesOf = (words: object): Record<string, string[]> =>
  Object.fromEntries(
    keysOf(words).map((key) => {
      const text = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], words) as string;
      return [key, (text.match(/\{\{\w+\}\}/g) ?? []).sort()];
    }),
  );

describe('the words of the traffic pages', () => {
  it('are the same in both languages, with the same holes to fill', () => {
    expect(holesOf(en)).toEqual(holesOf(zh));
  });
  it('name a page for each tab', () => {
    const tabs = Object.keys(zh.tabs).filter((key) => key !== 'name');
    expect(pages.pages.map(({ path }) => path).sort()).toEqual(tabs.sort());
  });
});

describe('a speed', () => {
  const segment = (speedKmh: number | null, state: TrafficSegment['state'] = 'free') =>
    ({ id: '', name: '', speedKmh, freeFlowKmh: 50, usualKmh: 40, state, observedAt: null }) as TrafficSegment;
  it('is classed by its share of free flow', () => {
    expect([50, 37.5, 37, 25, 24, 12.5, 12].map((speed) => speedClass(segment(speed)))).toEqual([
      'free',
      'free',
      'slow',
      'slow',
      'congested',
      'congested',
      'standing',
    ]);
  });
  it('that is not known, or old, is no speed', () => {
    expect(speedClass(segment(null))).toBe('stale');
    expect(speedClass(segment(50, 'stale'))).toBe('stale');
    expect(speedClass({ ...segment(50), freeFlowKmh: null })).toBe('stale');
  });
});

describe('a forecast', () => {
  const said = (minutes: number, p10: number, p90: number): TrafficForecast => ({
    minutes,
    madeAt: new Date(0).toISOString(),
    forAt: new Date(minutes * 60_000).toISOString(),
    p10,
    p50: (p10 + p90) / 2,
    p90,
  });
  it('grows out of the last that is known, nearest first', () => {
    const { points } = bandOf('', [0, 40], [said(60, 20, 50), said(15, 30, 44)]);
    expect(points).toEqual([
      [0, 40, 40],
      [15 * 60_000, 30, 44],
      [60 * 60_000, 20, 50],
    ]);
  });
  it('whose moment has passed does not begin before it', () => {
    expect(bandOf('', [20 * 60_000, 40], [said(15, 30, 44)]).points).toHaveLength(1);
  });
  it('of the past keeps its place where its truth has not come, and is left out where it was not made', () => {
    const lines = pastLines({
      minutes: 15,
      samples: [
        [1, 10, 20, 30, 22],
        [2, null, null, null, 25],
        [3, 11, 21, 31, null],
      ],
    });
    expect(lines.truth).toEqual([
      [1, 22],
      [3, null],
    ]);
    expect(lines.band.points).toEqual([
      [1, 10, 30],
      [3, 11, 31],
    ]);
  });
});

describe("a junction's picture", () => {
  const lane = (arm: string, role: TrafficLane['role'], bearingDeg: number | null): TrafficLane => ({
    id: `${arm} ${role}`,
    role,
    arm,
    bearingDeg,
  });
  const cross = (known: boolean) =>
    ['south', 'west', 'north', 'east'].flatMap((arm, i) => {
      const bearing = known ? (180 + i * 90) % 360 : null;
      return [lane(arm, 'approach', bearing), lane(arm, 'approach', bearing), lane(arm, 'exit', bearing)];
    });
  // Of the first arm: lane 0 goes straight and right, lane 1 turns left.
  const movements: TrafficMovement[] = [
    { from: 0, to: 8, kind: 'straight' },
    { from: 0, to: 11, kind: 'right' },
    { from: 1, to: 5, kind: 'left' },
  ];
  const at = (index: number, known = true) => {
    const found = laneOf(layOut(cross(known), movements), index);
    if (!found) throw new Error('no lane');
    return found;
  };
  it('has who drives towards it on the right, turners to the left next to the middle, exits on the other side', () => {
    // From the south one drives up: the right is the greater x.
    expect(at(1).to.x).toBeCloseTo(0.5);
    expect(at(0).to.x).toBeCloseTo(1.5);
    expect(at(2).to.x).toBeCloseTo(-0.5);
    expect(at(0).from.y).toBeGreaterThan(at(0).to.y);
  });
  it('puts arms where they point, or, where nobody knows, where their turns lead', () => {
    const bearings = (known: boolean) =>
      Object.fromEntries(layOut(cross(known), movements).arms.map(({ name, bearingDeg }) => [name, bearingDeg]));
    expect(bearings(true)).toEqual({ south: 180, west: 270, north: 0, east: 90 });
    expect(bearings(false)).toEqual(bearings(true));
    expect(layOut(cross(false), movements).known).toBe(false);
  });
  it('leads a way from the one lane to the other', () => {
    const path = wayPath(at(1), at(5));
    const numbers = path.match(/-?[\d.]+/g)?.map(Number) ?? [];
    expect(numbers.slice(0, 2)).toEqual([at(1).to.x, at(1).to.y].map((each) => Number(each.toFixed(2))));
    expect(numbers.slice(-2)).toEqual([at(5).to.x, at(5).to.y].map((each) => Number(each.toFixed(2))));
  });
  it('of a junction with nothing known is empty', () => {
    expect(layOut([], []).arms).toEqual([]);
  });
});

describe('a trial', () => {
  const run = (controller: string, delayS: number): TrafficTrialRun => ({
    controller,
    vehicles: 10,
    arrived: 9,
    neverEntered: 1,
    delayS,
    timeLossS: delayS,
    gridlocked: false,
    series: [
      [0, 5, 2, 0, null],
      [60, 7, 4, 1, 30],
    ],
  });
  it('is shown as the fixed plan against what did best', () => {
    expect(usualPair([run('greedy', 30), run('fixed', 50), run('planner', 20)])).toEqual({
      before: 'fixed',
      after: 'planner',
    });
    expect(usualPair([])).toEqual({ before: '', after: '' });
  });
  it('is drawn by minutes, with a gap where nobody entered', () => {
    expect(seriesOf(run('fixed', 1), 'delay')).toEqual([
      [0, null],
      [1, 30],
    ]);
    expect(queueMean(run('fixed', 1))).toBe(3);
  });
  it('is compared only where there is something to compare with', () => {
    expect(changeOf(50, 20)).toBeCloseTo(-0.6);
    expect(changeOf(0, 20)).toBeNull();
    expect(changeOf(null, 20)).toBeNull();
  });
});

describe('a design', () => {
  const design = {
    stops: [],
    routes: [
      {
        name: 'a',
        stops: [0, 1, 2],
        minutes: 1,
        passengers: 1,
        loads: [
          [5, 9],
          [3, 2],
        ],
      },
      { name: 'b', stops: [2, 1], minutes: 1, passengers: 1, loads: [[4, 4]] },
    ],
  } as unknown as TrafficDesign;
  it('has routes that share a street beside one another, seen from the same end', () => {
    const parts = partsOf(design);
    expect(parts.map(({ route, from, to, load }) => [route, from, to, load])).toEqual([
      [0, 0, 1, 9],
      [0, 1, 2, 3],
      [1, 2, 1, 4],
    ]);
    expect(parts.map(({ lane }) => lane)).toEqual([0, -0.5, -0.5]);
  });
  it('is as wide as what it carries', () => {
    expect(maxLoad(design.routes[0] as TrafficDesign['routes'][number])).toBe(9);
    expect(widthOf(9, 9)).toBeGreaterThan(widthOf(3, 9));
    expect(widthOf(0, 0)).toBeGreaterThan(0);
  });
  it('of a plane is fitted with its north above', () => {
    const [low, high] = fitted(
      [
        [0, 0],
        [10, 10],
      ],
      100,
      60,
      10,
    );
    expect(low?.[1]).toBeGreaterThan(high?.[1] ?? 0);
    for (const [x, y] of [low ?? [-1, -1], high ?? [-1, -1]]) {
      expect(x).toBeGreaterThanOrEqual(10);
      expect(y).toBeLessThanOrEqual(50);
    }
  });
});

describe('public transport', () => {
  const light = palettes.light;
  const vehicle = (id: string, more: object): TransitVehicle => ({
    id,
    position: [1, 2],
    age_s: 3,
    routeId: 'r',
    ...more,
  });
  const at = (state: 'even' | 'bunched' | 'gap') => ({ headway: { state, actual_s: 60, planned_s: 600 } });

  it('marks who bunches and who leaves a gap by a sign, not by colour alone', () => {
    const marks = vehicleMarks(
      [vehicle('a', at('even')), vehicle('b', at('bunched')), vehicle('c', at('gap'))],
      '',
      light,
      () => 'x',
    );
    expect(marks.map(({ badge }) => badge)).toEqual([undefined, '!', '…']);
  });
  it('shows a silent vehicle hollow, and of one line only its own', () => {
    const [old] = vehicleMarks([vehicle('a', { age_s: 120 }), vehicle('b', { direction: 1 })], 'r/0', light, () => 'x');
    expect(old?.fill).toBe(light.surface);
    expect(vehicleMarks([vehicle('b', { direction: 1 })], 'r/0', light, () => 'x')).toEqual([]);
  });
  it('lists trouble first, then the latest', () => {
    const all = [
      vehicle('even', { ...at('even'), delay_s: 900 }),
      vehicle('gap', at('gap')),
      vehicle('late', { delay_s: 1000 }),
    ];
    expect([...all, vehicle('bunched', at('bunched'))].sort(byTrouble).map(({ id }) => id)).toEqual([
      'bunched',
      'gap',
      'late',
      'even',
    ]);
  });
  it('paints lines as their operator does, if that is a colour', () => {
    expect(['0b66a8', '#0B66A8', 'red', '', undefined].map(paintOf)).toEqual([
      '#0b66a8',
      '#0B66A8',
      undefined,
      undefined,
      undefined,
    ]);
    const line = {
      id: 'r',
      direction: 0,
      line: '1',
      name: '',
      type: 3,
      headsign: { zh: '', en: '' },
      path: [
        [1, 2],
        [3, 4],
      ],
      stops: [],
    };
    const [first, second] = lineShapes(
      [
        { ...line, color: 'red' },
        { ...line, direction: 1 },
      ],
      'r/1',
      light,
      () => 'x',
    );
    expect([first?.faint, second?.faint]).toEqual([true, false]);
    expect(first?.colour).toBe(second?.colour);
  });
});

describe('small choices', () => {
  it('what is chosen is read from the address, and nothing else', () => {
    expect(parseChosen('signal:urn:ngsi-ld:TrafficSignal:1')).toEqual({
      kind: 'signal',
      id: 'urn:ngsi-ld:TrafficSignal:1',
    });
    expect(parseChosen('nothing:1').kind).toBe('');
    expect(parseChosen('').kind).toBe('');
  });
  it('the middle of a straight street lies on it', () => {
    expect(
      middleOf({
        type: 'LineString',
        coordinates: [
          [0, 0],
          [2, 4],
        ],
      }),
    ).toEqual([1, 2]);
  });
  it('the best garage is the nearest of those where a space is nearly sure', () => {
    const garage = (id: string, driveS: number, chance: number) =>
      ({ id, arrival: { driveS, chance, free: 1 } }) as TrafficGarage;
    expect(bestGarage([garage('near', 100, 0.4), garage('far', 500, 0.99), garage('mid', 300, 0.93)])).toBe('mid');
    expect(bestGarage([garage('near', 100, 0.4), garage('far', 500, 0.6)])).toBe('far');
    expect(bestGarage([])).toBe('');
  });
  it('scores stand by horizon, the best first, the champion drawn first', () => {
    const score = (model: string, minutes: number, mae: number, champion = false) =>
      ({ model, minutes, mae, champion }) as TrafficScore;
    const all = [score('b', 30, 3, true), score('a', 15, 2), score('b', 15, 1, true), score('a', 30, 2)];
    expect(inOrder(all).map(({ model, minutes }) => `${minutes}${model}`)).toEqual(['15b', '15a', '30a', '30b']);
    expect(errorsByModel(all)[0]).toEqual({
      model: 'b',
      champion: true,
      points: [
        [15, 1],
        [30, 3],
      ],
    });
  });
});

describe('a route along streets', () => {
  // Out by one street and back by another, past its first stop.
  const line = [
    [10, 56],
    [10.01, 56],
    [10.01, 56.01],
    [10.001, 56.01],
    [10.001, 56.0001],
    [10.02, 56.0001],
  ];
  it('is cut at its stops, in their order', () => {
    const legs = legsOf(line, [
      [10, 56],
      [10.01, 56.01],
      [10.02, 56.0001],
    ]);
    expect(legs).toEqual([line.slice(0, 3), line.slice(2)]);
  });
  it('is straight where no street is known', () => {
    expect(
      legsOf(undefined, [
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [3, 4],
        [5, 6],
      ],
    ]);
  });
  it('lies beside another by metres, to the right of its way', () => {
    const [from, to] = besideLine(
      [
        [10, 56],
        [10, 56.01],
      ],
      40,
    );
    expect(from?.[1]).toBeCloseTo(56, 6);
    expect(((from?.[0] ?? 0) - 10) * 111_320 * Math.cos((56 * Math.PI) / 180)).toBeCloseTo(40, 0);
    expect(to?.[0]).toBeCloseTo(from?.[0] ?? 0, 6);
  });
});

describe('the effect of a sign', () => {
  it('has its sign and one digit', () => {
    expect([0.1, -0.0234, 0].map(gainText)).toEqual(['+10.0', '−2.3', '+0.0']);
  });
});
