// Where the lanes of a junction lie in its picture: arms around the middle, approaches on the right of who drives towards
// it, exits on the other side, turners to the left next to the middle of the street. Units are lane widths; y grows down.
import type { TrafficLane, TrafficMovement } from '@console/api/schema';

export interface Place {
  x: number;
  y: number;
}

export interface LanePicture {
  index: number; // in the junction's lanes
  from: Place; // far end
  to: Place; // at the junction
}

export interface ArmPicture {
  name: string;
  bearingDeg: number;
  lanes: LanePicture[];
  label: Place;
  crossing: [Place, Place]; // where people walk over it
}

export interface JunctionPicture {
  arms: ArmPicture[];
  radius: number; // of the middle
  size: number; // of half the picture
  known: boolean; // bearings are of the street, not made up
}

const armLength = 6.2;
const kindRank = { u_turn: -2, left: -1, straight: 0, right: 1, pedestrian: 0 };

const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

// By what they let through, from the middle of the street outwards.
function rankOf(lane: number, movements: readonly TrafficMovement[]): number {
  return mean(movements.filter(({ from }) => from === lane).map(({ kind }) => kindRank[kind]));
}

// Where directions are unknown, they follow from who turns where: left of an arm that points south lies west.
function guessed(arms: string[], lanes: readonly TrafficLane[], movements: readonly TrafficMovement[]) {
  const bearings = new Map<string, number>();
  const turn = { straight: 180, left: 90, right: 270, u_turn: 0, pedestrian: 0 };
  const first = arms[0];
  if (first === undefined) return bearings;
  bearings.set(first, 180);
  for (const { from, to, kind } of movements) {
    const [a, b] = [lanes[from]?.arm, lanes[to]?.arm];
    if (a !== first || b === undefined || b === first || kind === 'u_turn' || bearings.has(b)) continue;
    const bearing = (180 + turn[kind]) % 360;
    if (![...bearings.values()].includes(bearing)) bearings.set(b, bearing);
  }
  const free = [0, 90, 270, 45, 135, 225, 315].filter((each) => ![...bearings.values()].includes(each));
  for (const arm of arms) if (!bearings.has(arm)) bearings.set(arm, free.shift() ?? 0);
  return bearings;
}

export function layOut(lanes: readonly TrafficLane[], movements: readonly TrafficMovement[]): JunctionPicture {
  const names = [...new Set(lanes.map(({ arm }) => arm))];
  const told = new Map(
    lanes.flatMap(({ arm, bearingDeg }) => (bearingDeg == null ? [] : [[arm, bearingDeg] as const])),
  );
  const known = names.every((name) => told.has(name));
  const bearings = known ? told : guessed(names, lanes, movements);
  const of = (arm: string, role: TrafficLane['role']) =>
    lanes.map((lane, index) => ({ lane, index })).filter(({ lane }) => lane.arm === arm && lane.role === role);
  const widest = Math.max(1, ...names.map((name) => Math.max(of(name, 'approach').length, of(name, 'exit').length)));
  const radius = widest + 1.6;
  const arms = names.map((name) => {
    const bearingDeg = bearings.get(name) ?? 0;
    const angle = (bearingDeg * Math.PI) / 180;
    const out = { x: Math.sin(angle), y: -Math.cos(angle) };
    // To the right of who drives towards the middle.
    const side = { x: out.y, y: -out.x };
    const at = (along: number, across: number): Place => ({
      x: out.x * along + side.x * across,
      y: out.y * along + side.y * across,
    });
    const picture = (across: number, index: number): LanePicture => ({
      index,
      from: at(radius + armLength, across),
      to: at(radius, across),
    });
    const approaches = of(name, 'approach').sort((a, b) => rankOf(a.index, movements) - rankOf(b.index, movements));
    const exits = of(name, 'exit');
    return {
      name: lanes.find((lane) => lane.arm === name)?.name || name,
      bearingDeg,
      lanes: [
        ...approaches.map(({ index }, i) => picture(i + 0.5, index)),
        ...exits.map(({ index }, i) => picture(-(i + 0.5), index)),
      ],
      label: at(radius + armLength + 0.9, 0),
      crossing: [at(radius + 0.55, -exits.length), at(radius + 0.55, approaches.length)] as [Place, Place],
    };
  });
  return { arms, radius, size: radius + armLength + 1.9, known };
}

// A curve from where a lane ends to where another begins, leaving and arriving in the lanes' own directions.
export function wayPath(from: LanePicture, to: LanePicture): string {
  const toward = (lane: LanePicture, share: number): Place => ({
    x: lane.to.x + (lane.to.x - lane.from.x) * share,
    y: lane.to.y + (lane.to.y - lane.from.y) * share,
  });
  const reach = Math.hypot(from.to.x - to.to.x, from.to.y - to.to.y) / armLength / 2.2;
  const [a, b] = [toward(from, reach), toward(to, reach)];
  const text = ({ x, y }: Place) => `${x.toFixed(2)} ${y.toFixed(2)}`;
  return `M${text(from.to)} C${text(a)} ${text(b)} ${text(to.to)}`;
}

export const laneOf = (picture: JunctionPicture, index: number): LanePicture | undefined =>
  picture.arms.flatMap(({ lanes }) => lanes).find((lane) => lane.index === index);
