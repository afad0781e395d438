// How a value went over a period, small, beside its number: it holds until the next; the target is a line across.
const width = 116;
const height = 36;
const edge = 3;

type Sample = readonly number[];

// The corners of the line in the box and where the target lies, or null where there is too little to draw.
export function curvePoints(samples: readonly Sample[], from: number, to: number, target: number | null | undefined) {
  const first = samples[0];
  if (!first || to <= from) return null;
  const values = samples.map(([, value = 0]) => value);
  const low = Math.min(...values, ...(typeof target === 'number' ? [target] : []));
  const range = Math.max(...values, ...(typeof target === 'number' ? [target] : [])) - low;
  const x = (at: number) => edge + (Math.min(Math.max(at, from) - from, to - from) / (to - from)) * (width - 2 * edge);
  const y = (value: number) =>
    range === 0 ? height / 2 : height - edge - ((value - low) / range) * (height - 2 * edge);
  const corners: string[] = [];
  let level = y(first[1] ?? 0);
  for (const [at = 0, value = 0] of samples) {
    if (corners.length > 0) corners.push(`${x(at).toFixed(1)},${level.toFixed(1)}`);
    level = y(value);
    corners.push(`${x(at).toFixed(1)},${level.toFixed(1)}`);
  }
  corners.push(`${x(to).toFixed(1)},${level.toFixed(1)}`);
  return { line: corners.join(' '), target: typeof target === 'number' ? y(target) : null };
}

// Beside a row that says the same in numbers, so it is not read aloud.
export function Curve(props: { samples: readonly Sample[]; from: number; to: number; target?: number | null }) {
  const drawn = curvePoints(props.samples, props.from, props.to, props.target);
  if (!drawn) return null;
  return (
    <svg className="curve" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {drawn.target !== null && (
        <line
          x1={edge}
          x2={width - edge}
          y1={drawn.target}
          y2={drawn.target}
          stroke="var(--state-ok)"
          strokeDasharray="4 3"
        />
      )}
      <polyline points={drawn.line} fill="none" stroke="var(--accent)" strokeWidth="1.5" />
    </svg>
  );
}
