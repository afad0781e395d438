// Where a report stands now, in plain words: the first that one sees of it.
import type { PublicReportDetail } from '../../api/schema';
import { useText } from '../language';
import { Loop } from '../ui/Loop';
import { Card } from '../ui/parts';
import { Due, Steps } from './Steps';
import { loopTone, reachedStep } from './status';
import { useFollowWords } from './words';

export function Stand({
  report,
  rating = null,
  own = false,
}: {
  report: PublicReportDetail;
  rating?: number | null;
  own?: boolean;
}) {
  const say = useFollowWords();
  const text = useText();
  const body = text(report.with);
  const rated = rating !== null && rating > 0;
  return (
    <Card className={`stand stand-${loopTone(report.status)}`}>
      <div className="stand-head">
        <Loop step={rated ? 8 : reachedStep(report)} tone={loopTone(report.status)} size={68} />
        <div>
          <p className="stand-words" data-status={report.status}>
            {text(report.statusText)}
          </p>
          {body && report.open && !text(report.statusText).includes(body) && (
            <p className="muted small">{say('withNow', { body })}</p>
          )}
          {report.count > 1 && <p className="muted small">{say('count', { count: report.count })}</p>}
        </div>
      </div>
      {report.reason && report.status !== 'asked' && (
        <div className="stand-reason">
          <strong>{say('reason')}</strong>
          <p>{report.reason}</p>
        </div>
      )}
      <Steps report={report} rated={rated} />
      {(own || report.open) && !rated && (
        <p className="stand-next">
          <strong>{say('next')}</strong> {say(`next_${report.status}`)}
        </p>
      )}
      <Due report={report} />
    </Card>
  );
}
