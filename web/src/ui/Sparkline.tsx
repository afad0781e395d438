// A very small chart of what a value did around one moment; the moment is the dot.
const width = 150;
const height = 34;
const edge = 4;

// Points of the line in the box, and the dot's place, or null where there is too little to draw.
export function sparkPoints(samples: readonly number[][], at: number, aroundMs: number) {
  const near = samples.filter(([when = 0]) => Math.abs(when - at) <= aroundMs);
  if (near.length < 2) return null;
  const values = near.map(([, value = 0]) => value);
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const x = (when: number) => edge + ((when - at + aroundMs) / (2 * aroundMs)) * (width - 2 * edge);
  const y = (value: number) => height - edge - ((value - low) / range) * (height - 2 * edge);
  const line = near.map(([when = 0, value = 0]) => `${x(when).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const nearest = near.reduce((best, each) =>
    Math.abs((each[0] ?? 0) - at) < Math.abs((best[0] ?? 0) - at) ? each : best,
  );
  return { line, dot: [x(nearest[0] ?? 0), y(nearest[1] ?? 0)] as const };
}

export function Sparkline(props: { samples: readonly number[][]; at: number; aroundMs: number }) {
  const drawn = sparkPoints(props.samples, props.at, props.aroundMs);
  if (!drawn) return null;
  return (
    <svg className="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline points={drawn.line} fill="none" stroke="var(--accent)" strokeWidth="1.5" />
      <circle cx={drawn.dot[0]} cy={drawn.dot[1]} r="3" fill="var(--state-alarm)" />
    </svg>
  );
}
