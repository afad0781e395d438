// Small parts of public transport: a line's name in its colour, how late, how evenly.
import { Pill } from '@console/ui/marks';
import { useUnits, useWords } from '../words';
import { paintOf } from './transit_shapes';

export function LineName({ name, colour }: { name: string; colour?: string | undefined }) {
  const paint = paintOf(colour);
  return (
    <span className="line-name" style={paint ? { borderLeftColor: paint } : undefined}>
      {name}
    </span>
  );
}

const punctualS = 60;

export function DelayPill({ delayS }: { delayS: number | null | undefined }) {
  const t = useWords();
  const units = useUnits();
  if (delayS == null || Math.abs(delayS) < punctualS) return <Pill tone="ok">{t('transit.onTime')}</Pill>;
  const words = { t: units.minutes(Math.abs(delayS)) };
  return <Pill tone="warn">{t(delayS > 0 ? 'transit.late' : 'transit.early', words)}</Pill>;
}

const tones = { even: 'ok', bunched: 'alarm', gap: 'warn' } as const;

export function HeadwayPill({ state }: { state: keyof typeof tones }) {
  const t = useWords();
  return <Pill tone={tones[state]}>{t(`transit.${state}`)}</Pill>;
}
