// Marks of traffic as shape, colour and word together, the same on the map, in lists and in its legend.
import type { TrafficSignalMode } from '@console/api/schema';
import { Pill } from '@console/ui/marks';
import { classWidth, type SpeedClass } from '../map/speed_classes';
import { useWords } from '../words';

const colours: Record<SpeedClass, string> = {
  standing: 'var(--severity-extreme)',
  congested: 'var(--state-alarm)',
  slow: 'var(--state-warn)',
  free: 'var(--state-ok)',
  stale: 'var(--state-stale)',
};

export function SpeedMark({ of }: { of: SpeedClass }) {
  return (
    <svg className="speed-mark" width="20" height="12" viewBox="0 0 20 12" aria-hidden="true">
      <line
        x1="2"
        y1="6"
        x2="18"
        y2="6"
        stroke={colours[of]}
        strokeWidth={classWidth[of]}
        strokeDasharray={of === 'stale' ? '3 3' : undefined}
        strokeLinecap={of === 'stale' ? 'butt' : 'round'}
      />
    </svg>
  );
}

const tones = { adaptive: 'ok', fixed: 'plain', local: 'warn', silent: 'alarm' } as const;

export function ModePill({ mode }: { mode: TrafficSignalMode }) {
  const t = useWords();
  return <Pill tone={tones[mode]}>{t(`mode.${mode}`)}</Pill>;
}

// The letter that a signal's mark bears on the map.
export const modeLetter: Record<TrafficSignalMode, string> = { adaptive: 'A', fixed: 'F', local: 'L', silent: '?' };

export function MarkSample({
  shape,
  letter,
  tone,
}: {
  shape: 'disc' | 'square' | 'triangle';
  letter: string;
  tone: string;
}) {
  return (
    <svg width="17" height="17" viewBox="0 0 17 17" aria-hidden="true">
      {shape === 'disc' && <circle cx="8.5" cy="8.5" r="7.5" fill={tone} />}
      {shape === 'square' && <rect x="1" y="1" width="15" height="15" rx="3" fill={tone} />}
      {shape === 'triangle' && <path d="M8.5 1 L16.5 15.5 H0.5 Z" fill={tone} />}
      <text
        x="8.5"
        y={shape === 'triangle' ? 14 : 12.4}
        textAnchor="middle"
        fontSize="10.5"
        fontWeight="700"
        fill="var(--surface)"
      >
        {letter}
      </text>
    </svg>
  );
}
