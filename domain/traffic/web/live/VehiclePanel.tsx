// One bus or tram under way: where to, how late, how far behind the one in front.
import type { TransitVehicle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Facts } from '@console/ui/Page';
import { useCallback } from 'react';
import { Link } from 'react-router';
import { DelayPill, HeadwayPill } from '../transit/parts';
import { lineOf, silentAfterS } from '../transit/transit_shapes';
import { useUnits, useWords } from '../words';

export function useVehicleName(): (vehicle: TransitVehicle) => string {
  const text = useText();
  return useCallback(({ line, headsign }) => [line ?? '?', text(headsign)].filter(Boolean).join(' → '), [text]);
}

export function VehiclePanel({ vehicle }: { vehicle: TransitVehicle }) {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const nameOf = useVehicleName();
  const { headway } = vehicle;
  const rows: [React.ReactNode, React.ReactNode][] = [
    [t('transit.next'), text(vehicle.nextStopName) || '—'],
    [
      t('transit.punctuality'),
      vehicle.age_s > silentAfterS ? (
        t('transit.silent', { t: units.minutes(vehicle.age_s) })
      ) : (
        <DelayPill key="late" delayS={vehicle.delay_s} />
      ),
    ],
  ];
  if (headway) {
    const words = { a: units.minutes(headway.actual_s), p: units.minutes(headway.planned_s) };
    rows.push(
      [t('transit.headwayNow'), t('transit.every', words)],
      [t('transit.evenness'), <HeadwayPill key="even" state={headway.state} />],
    );
  }
  return (
    <div className="panel-parts" data-vehicle={vehicle.id}>
      <h2>{nameOf(vehicle)}</h2>
      <Facts rows={rows} />
      {vehicle.routeId !== undefined && (
        <Link to={`/traffic/transit?of=${encodeURIComponent(`line:${lineOf(vehicle)}`)}`}>{t('live.toLine')}</Link>
      )}
    </div>
  );
}
