// What shapes and colours mean, with how many there are of each.
import { useTranslation } from 'react-i18next';
import type { EntityState } from '../api/schema';
import { StateShape } from '../ui/marks';
import type { Counts } from './counts';

const order: EntityState[] = ['alarm', 'warn', 'ok', 'stale', 'unknown'];

export function Legend({ counts }: { counts: Counts }) {
  const { t } = useTranslation();
  return (
    <section className="legend" aria-label={t('map.legend')}>
      {order.map((state) => (
        <span key={state} className={`legend-item${counts.states[state] ? '' : ' legend-none'}`}>
          <StateShape state={state} size={13} />
          {t(`state.${state}`)}
          <b className="num">{counts.states[state]}</b>
        </span>
      ))}
      <span className="legend-item">
        <svg width="15" height="15" viewBox="0 0 15 15" aria-hidden="true">
          <circle cx="7.5" cy="7.5" r="6.2" fill="none" stroke="var(--state-alarm)" strokeWidth="1.5" />
        </svg>
        {t('map.ring')}
      </span>
    </section>
  );
}
