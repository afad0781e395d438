// The seven steps as one line of marks, and what has happened, newest first.
import type { PublicReportDetail } from '../../api/schema';
import { useText } from '../language';
import { Icon } from '../ui/icons';
import { Pill } from '../ui/parts';
import { Exact, useTimes } from '../ui/Time';
import './follow.css';
import { reachedStep, stepNames, toneOf, wentBack } from './status';
import { useFollowWords } from './words';

export function Steps({ report, rated }: { report: PublicReportDetail; rated: boolean }) {
  const say = useFollowWords();
  const now = rated && report.status === 'fixed' ? 8 : reachedStep(report);
  const stands = (n: number) => (n < now ? 'is-done' : n === now ? 'is-now' : '');
  const word = (n: number) => say(n < now ? 'stepDone' : n === now ? 'stepNow' : 'stepAhead');
  return (
    <ol className="seven" aria-label={say('stepsLabel')} data-step={now}>
      {stepNames.map((name, i) => (
        <li key={name} className={stands(i + 1)} aria-current={i + 1 === now ? 'step' : undefined}>
          <span className="seven-mark">{i + 1 < now ? <Icon name="check" size={16} /> : i + 1}</span>
          <span className="seven-name">{say(`step_${name}`)}</span>
          <span className="visually-hidden"> ({word(i + 1)})</span>
        </li>
      ))}
    </ol>
  );
}

export function Due({ report }: { report: PublicReportDetail }) {
  const say = useFollowWords();
  const times = useTimes();
  if (!report.dueAt || !report.open) return null;
  const late = Date.parse(report.dueAt) < Date.now();
  return (
    <p className={`due ${late ? 'is-late' : ''}`}>
      <Icon name="clock" size={18} /> {say(late ? 'overdue' : 'until', { time: times.exact(report.dueAt) })}
    </p>
  );
}

export function HistoryOf({ report }: { report: PublicReportDetail }) {
  const say = useFollowWords();
  const text = useText();
  const ended = (status: string | undefined) => status !== 'checking';
  return (
    <ol className="history" reversed>
      {report.steps
        .map((step, i) => ({ step, before: report.steps[i - 1], key: `${step.at} ${i}` }))
        .reverse()
        .map(({ step, before, key }) => (
          <li key={key} className={`tone-${toneOf(step.status)}`} data-status={step.status}>
            <p>
              <strong>{text(step.text)}</strong>
              {wentBack(step, before) && (
                <Pill tone="warn" icon="again">
                  {say(ended(before?.status) ? 'openedAgain' : 'sentBack')}
                </Pill>
              )}
            </p>
            {step.reason && <blockquote>{step.reason}</blockquote>}
            <p className="muted small numbers">
              <Exact at={step.at} />
            </p>
          </li>
        ))}
    </ol>
  );
}
