// One garage: what is free, and what will be.
import type { TrafficGarage } from '@console/api/schema';
import { Age } from '@console/ui/Age';
import { useWords } from '../words';
import { Chance, FreeBar } from './parking_parts';

export function GaragePanel({ garage }: { garage: TrafficGarage }) {
  const t = useWords();
  return (
    <div className="panel-parts" data-garage={garage.id}>
      <h2>{garage.name}</h2>
      <p className="big-number">
        <strong>{garage.free ?? '—'}</strong> <span>{t('parking.of', { n: garage.capacity })}</span>
      </p>
      <FreeBar garage={garage} />
      <table className="plain-table">
        <thead>
          <tr>
            <th>{t('segment.horizon')}</th>
            <th className="num">{t('segment.middle')}</th>
            <th className="num">{t('segment.range')}</th>
            <th className="num">{t('parking.free')}</th>
          </tr>
        </thead>
        <tbody>
          {garage.forecasts.map((each) => (
            <tr key={each.minutes}>
              <td>{t('unit.min', { n: each.minutes })}</td>
              <td className="num strong">{each.p50.toFixed(0)}</td>
              <td className="num">
                {each.p10.toFixed(0)} – {each.p90.toFixed(0)}
              </td>
              <td className="num">
                <Chance of={each.chance} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted">
        {t('live.updated')} <Age at={garage.observedAt} />
      </p>
    </div>
  );
}
