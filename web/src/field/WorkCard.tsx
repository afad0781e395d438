// One case in the worker's list: its number on the way, what, where, by when, and what of it is not sent yet.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { CaseStatePill, Deadline } from '../cases/parts';
import { useText } from '../i18n';
import { Pill, SeverityMark } from '../ui/marks';
import type { WorkItem } from './overlay';

export function QueuedPill({ queued }: { queued: WorkItem['queued'] }) {
  const { t } = useTranslation();
  if (queued.length === 0) return null;
  const stuck = queued.some((each) => each.state !== 'waiting');
  return <Pill tone={stuck ? 'alarm' : 'warn'}>{t(stuck ? 'field.stuck' : 'field.toSend', { n: queued.length })}</Pill>;
}

export function WorkCard(props: { work: WorkItem; number?: number; away?: string; times?: React.ReactNode }) {
  const { work, number, away, times } = props;
  const text = useText();
  const { item, queued } = work;
  return (
    <Link to={`/field/cases/${encodeURIComponent(item.id)}`} className="work-card" data-row={item.id}>
      {number !== undefined && (
        <span className="work-number num" aria-hidden="true">
          {number}
        </span>
      )}
      <span className="work-what">
        <strong>{text(item.title)}</strong>
        <span className="work-line">
          <SeverityMark severity={item.severity} />
          <Deadline item={item} />
        </span>
        <span className="work-line muted">
          {item.aboutName}
          {away && <span className="num">{away}</span>}
        </span>
        {times}
        <span className="work-line">
          <CaseStatePill state={item.state} name={item.stateName} />
          <QueuedPill queued={queued} />
        </span>
      </span>
    </Link>
  );
}
