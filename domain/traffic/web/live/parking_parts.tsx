// Small parts of parking: how full a garage is, and how likely a free space.
import type { TrafficGarage } from '@console/api/schema';
import { Pill } from '@console/ui/marks';
import { percent, useWords } from '../words';

export function FreeBar({ garage }: { garage: TrafficGarage }) {
  const taken = garage.free === null ? 0 : Math.min(1, Math.max(0, 1 - garage.free / garage.capacity));
  return (
    <span className={`free-bar${taken > 0.95 ? ' nearly-full' : ''}`} aria-hidden="true">
      <span style={{ width: `${(taken * 100).toFixed(0)}%` }} />
    </span>
  );
}

export function Chance({ of }: { of: number }) {
  const t = useWords();
  return <Pill tone={of >= 0.9 ? 'ok' : of >= 0.5 ? 'warn' : 'alarm'}>{t('parking.chance', { n: percent(of) })}</Pill>;
}
