// A design whose stops lie on a plane and not on the earth, as published benchmarks have them.
import type { TrafficDesign } from '@console/api/schema';
import { useMode } from '@console/ui/preferences';
import { palettes } from '@console/ui/theme';
import { useMemo } from 'react';
import { fitted, partsOf, widthOf } from './design_lines';

const [width, height, edge] = [900, 520, 40];

export function PlaneMap(props: {
  design: TrafficDesign;
  chosen: number;
  most: number;
  choose: (route: number) => void;
  label: string;
}) {
  const { design, chosen, most, choose, label } = props;
  const palette = palettes[useMode()];
  const at = useMemo(
    () =>
      fitted(
        design.stops.map(({ position }) => position),
        width,
        height,
        edge,
      ),
    [design],
  );
  const parts = useMemo(() => partsOf(design), [design]);
  const lineOf = ({ from, to, lane, load }: (typeof parts)[number]) => {
    const [[x1, y1], [x2, y2]] = [at[from] ?? [0, 0], at[to] ?? [0, 0]];
    const long = Math.hypot(x2 - x1, y2 - y1) || 1;
    const shift = lane * (widthOf(load, most) * 0.5 + 5);
    const [dx, dy] = [(-(y2 - y1) / long) * shift, ((x2 - x1) / long) * shift];
    return { x1: x1 + dx, y1: y1 + dy, x2: x2 + dx, y2: y2 + dy };
  };
  return (
    <svg className="plane-map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {parts.map((part, i) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the table below offers the same by keyboard
        <line
          key={i}
          {...lineOf(part)}
          stroke={palette.crew[part.route % palette.crew.length]}
          strokeWidth={widthOf(part.load, most)}
          strokeLinecap="round"
          opacity={chosen >= 0 && chosen !== part.route ? 0.16 : 1}
          onClick={() => choose(part.route)}
        />
      ))}
      {at.map(([x, y], i) => (
        <g key={design.stops[i]?.id}>
          <circle cx={x} cy={y} r="9.5" className="plane-stop" />
          <text x={x} y={y + 3.6} className="plane-name">
            {design.stops[i]?.name}
          </text>
        </g>
      ))}
    </svg>
  );
}
