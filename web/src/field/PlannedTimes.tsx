// When one gets there by the plan, how far it is, and whether that is still in time.
import { CarOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Pill } from '../ui/marks';
import { clockTime, spanText, toMs } from '../ui/time';
import type { DayStop } from './my_day';

const farText = (metres: number) =>
  metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;

export function PlannedTimes({ stop }: { stop: DayStop }) {
  const { t } = useTranslation();
  const arrive = toMs(stop.arriveAt);
  const planned = toMs(stop.plannedAt);
  return (
    <span className="work-line planned-times">
      {arrive !== null && <strong className="num">{t('field.arrive', { time: clockTime(arrive, false) })}</strong>}
      {arrive === null && planned !== null && (
        <strong className="num">{t('field.planned', { time: clockTime(planned, false) })}</strong>
      )}
      {!!stop.travelS && (
        <span className="num muted">
          <CarOutlined aria-hidden="true" /> {spanText(stop.travelS * 1000)}
          {stop.travelM ? ` · ${farText(stop.travelM)}` : ''}
        </span>
      )}
      {!!stop.lateS && <Pill tone="alarm">{t('field.late', { t: spanText(stop.lateS * 1000) })}</Pill>}
    </span>
  );
}
