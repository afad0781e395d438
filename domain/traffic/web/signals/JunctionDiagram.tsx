// The junction as it is now: lanes with their queues, movements with their lights. Green is thick, give-way dashed, yellow
// dotted, red thin and faint, so that nobody needs to tell hues apart.
import type { TrafficMovement, TrafficSignalDetail } from '@console/api/schema';
import { useMemo } from 'react';
import { short, useWords } from '../words';
import { type ArmPicture, type JunctionPicture, type LanePicture, laneOf, layOut, wayPath } from './junction_layout';

const looks = {
  G: { name: 'greenWay', className: 'way-green' },
  g: { name: 'yieldWay', className: 'way-yield' },
  y: { name: 'yellowWay', className: 'way-yellow' },
  r: { name: 'redWay', className: 'way-red' },
} as const;

type Letter = keyof typeof looks;
const letterAt = (lights: string, i: number): Letter => {
  const letter = lights[i] ?? 'r';
  return letter in looks ? (letter as Letter) : 'r';
};

function Lane({ lane, picture }: { lane: TrafficSignalDetail['lanes'][number]; picture: LanePicture }) {
  const { from, to } = picture;
  const queue = lane.role === 'approach' ? (lane.queue ?? 0) : 0;
  const [dx, dy] = [from.x - to.x, from.y - to.y];
  const share = Math.min(0.72, queue * 0.06);
  const [qx, qy] = [to.x + dx * share, to.y + dy * share];
  return (
    <g className={lane.known === false ? 'lane lane-unknown' : 'lane'}>
      <line className="lane-bed" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      {queue >= 0.5 && (
        <>
          <line className="lane-queue" x1={to.x + dx * 0.02} y1={to.y + dy * 0.02} x2={qx} y2={qy} />
          <text className="lane-count" x={qx + dx * 0.12} y={qy + dy * 0.12 + 0.26}>
            {queue.toFixed(0)}
          </text>
        </>
      )}
    </g>
  );
}

function Way({ movement, letter, picture }: { movement: TrafficMovement; letter: Letter; picture: JunctionPicture }) {
  const from = laneOf(picture, movement.from);
  const to = laneOf(picture, movement.to);
  if (!from || !to) return null;
  const { className } = looks[letter];
  return (
    <path
      className={`way ${className}`}
      d={wayPath(from, to)}
      markerEnd={letter === 'r' ? undefined : `url(#${className}-head)`}
    />
  );
}

function Crossing({ arm, letter }: { arm: ArmPicture; letter: Letter }) {
  const [{ x: x1, y: y1 }, { x: x2, y: y2 }] = arm.crossing;
  return <line className={`zebra ${looks[letter].className}`} x1={x1} y1={y1} x2={x2} y2={y2} />;
}

export function waysNow(detail: TrafficSignalDetail, kindName: (kind: TrafficMovement['kind']) => string): string[] {
  const { lanes, movements, lights } = detail;
  const green = movements.filter((_, i) => /[gG]/.test(lights[i] ?? ''));
  const words = green.map(({ from, kind, arm }) => {
    const name =
      from >= 0 ? lanes[from]?.name || lanes[from]?.arm : lanes.find((lane) => lane.arm === arm)?.name || arm;
    return [name, kindName(kind)].filter(Boolean).join(' ');
  });
  return [...new Set(words)];
}

function Heads() {
  return (
    <defs>
      {(['way-green', 'way-yield', 'way-yellow'] as const).map((name) => (
        <marker
          key={name}
          id={`${name}-head`}
          className={name}
          viewBox="0 0 6 6"
          refX="3.4"
          refY="3"
          markerWidth="3.2"
          markerHeight="3.2"
          orient="auto"
        >
          <path d="M0 0 L6 3 L0 6 Z" />
        </marker>
      ))}
    </defs>
  );
}

const order: Letter[] = ['r', 'y', 'g', 'G'];

export function JunctionDiagram({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  const { lanes, movements, lights, signal } = detail;
  const picture = useMemo(() => layOut(lanes, movements), [lanes, movements]);
  const ways = waysNow(detail, (kind) => t(`signal.${kind}`));
  const drawn = movements
    .map((movement, i) => ({ movement, letter: letterAt(lights, i), i }))
    .sort((a, b) => order.indexOf(a.letter) - order.indexOf(b.letter));
  const { size } = picture;
  const label = t('signal.diagramOf', { name: signal.name, ways: ways.join(', ') || t('signal.nobody') });
  return (
    <figure className="junction">
      <svg viewBox={`${-size} ${-size} ${2 * size} ${2 * size}`} role="img" aria-label={label}>
        <Heads />
        <circle className="junction-middle" r={picture.radius} />
        {picture.arms.flatMap((arm) =>
          arm.lanes.map((each) => {
            const lane = lanes[each.index];
            return lane && <Lane key={each.index} lane={lane} picture={each} />;
          }),
        )}
        {drawn.map(({ movement, letter, i }) => {
          if (movement.kind !== 'pedestrian')
            return <Way key={i} movement={movement} letter={letter} picture={picture} />;
          const arm = picture.arms.find(
            (each) =>
              each.name === movement.arm ||
              lanes.some((lane) => lane.arm === movement.arm && (lane.name || lane.arm) === each.name),
          );
          return arm && <Crossing key={i} arm={arm} letter={letter} />;
        })}
        {picture.arms.map((arm) => (
          <text
            key={arm.name + arm.bearingDeg}
            className="arm-name"
            x={arm.label.x}
            y={arm.label.y + 0.3}
            textAnchor={anchorOf(arm.label.x, size)}
          >
            {arm.name}
          </text>
        ))}
      </svg>
      <figcaption>
        <ul className="chart-legend">
          {(['G', 'g', 'y', 'r'] as const).map((letter) => (
            <li key={letter}>
              <svg className="junction-sample" viewBox="0 0 5 1" width="30" height="8" aria-hidden="true">
                <line className={`way ${looks[letter].className}`} x1="0.3" y1="0.5" x2="4.7" y2="0.5" />
              </svg>
              {t(`signal.${looks[letter].name}`)}
            </li>
          ))}
          <li>
            <svg className="junction-sample" viewBox="0 0 3 1" width="22" height="8" aria-hidden="true">
              <line className="lane-queue" x1="0.3" y1="0.5" x2="2.7" y2="0.5" />
            </svg>
            {t('signal.queueMark')}
          </li>
        </ul>
        <span className="muted">{picture.known ? t('signal.north') : t('signal.schematic')}</span>
      </figcaption>
    </figure>
  );
}

const anchorOf = (x: number, size: number) => (x > size * 0.4 ? 'end' : x < -size * 0.4 ? 'start' : 'middle');

export const queueText = (queue: number | null | undefined): string => (queue == null ? '—' : short(queue));
