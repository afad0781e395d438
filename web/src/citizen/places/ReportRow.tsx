// One public report in a list: what, where it stands, since when.
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { PublicReport } from '../../api/schema';
import { publicPhoto } from '../api';
import { loopTone, stepOf } from '../follow/status';
import { useText } from '../language';
import { usePlaceWords } from '../map/use_place_words';
import { Icon } from '../ui/icons';
import { Loop } from '../ui/Loop';
import { Ago } from '../ui/Time';
import { useCityWords } from './words';

export function ReportRow({ report, to, aside }: { report: PublicReport; to: string; aside?: ReactNode }) {
  const say = useCityWords();
  const text = useText();
  const placeWords = usePlaceWords();
  const [first] = report.photos ?? [];
  return (
    <li className="report-row" data-code={report.code}>
      <Link to={to}>
        {first ? (
          <img src={publicPhoto(first, 'thumb')} alt="" loading="lazy" width={64} height={64} />
        ) : (
          <Loop step={stepOf(report.status)} tone={loopTone(report.status)} size={52} />
        )}
        <span className="report-row-words">
          <strong>{text(report.serviceName)}</strong>
          {report.text && <span className="report-row-text">{report.text}</span>}
          <span className={`small status-${loopTone(report.status)}`}>{text(report.statusText)}</span>
          <span className="muted small">
            {report.place && `${placeWords(report.place)} · `}
            <Ago at={report.updatedAt} />
            {report.count > 1 && ` · ×${report.count}`}
          </span>
        </span>
        {aside ?? <Icon name="right" size={20} />}
      </Link>
      {report.reason && !report.open && <p className="report-row-reason small">{report.reason}</p>}
      {(report.place?.within_m ?? 0) > 0 && (
        <p className="muted small report-row-reason">{say('within', { m: report.place?.within_m ?? 0 })}</p>
      )}
    </li>
  );
}
