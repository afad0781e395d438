// The next stop, large: what and where, when one is there, and the way to it.
import { CompassOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { CaseStatePill, Deadline } from '../cases/parts';
import { useText } from '../i18n';
import { placeOfCase } from '../map/case_points';
import { SeverityMark } from '../ui/marks';
import type { DayStop } from './my_day';
import type { WorkItem } from './overlay';
import { PlannedTimes } from './PlannedTimes';
import { QueuedPill } from './WorkCard';

export function NextStop({ work, stop, away }: { work: WorkItem; stop: DayStop | undefined; away?: string }) {
  const { t } = useTranslation();
  const text = useText();
  const { item, queued, stage } = work;
  const at = placeOfCase(item);
  return (
    <section className="next-stop" aria-label={t('field.next')}>
      <span className="next-word">{t(stage === 'begun' ? 'field.atWork' : 'field.next')}</span>
      <Link to={`/field/cases/${encodeURIComponent(item.id)}`} className="next-link" data-row={item.id}>
        <strong>{text(item.title)}</strong>
        <span className="work-line">
          <SeverityMark severity={item.severity} />
          <Deadline item={item} />
          <CaseStatePill state={item.state} name={item.stateName} />
          <QueuedPill queued={queued} />
        </span>
        <span className="work-line">
          {item.aboutName || item.address}
          {away && <span className="num muted">{away}</span>}
        </span>
        {stop && <PlannedTimes stop={stop} />}
      </Link>
      {at && (
        <a className="field-navigate" href={`geo:${at[1]},${at[0]}?q=${at[1]},${at[0]}`}>
          <CompassOutlined aria-hidden="true" /> {t('field.navigate')}
        </a>
      )}
    </section>
  );
}
