// The steps of a cycle with their windows, one beside the other: what is over, what is open and until when, what comes.
import type { AwardCycle, AwardStage } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { dateTime, spanText } from '@console/ui/time';
import { lastMinute } from '../parts/zone';
import { useWords } from '../words';
import { type WindowState, windowState } from './stages';

const minute = (at: string | null, language: 'zh' | 'en') => (at ? dateTime(Date.parse(at), language, false) : '');
const lastMinuteOf = (at: string | null, language: 'zh' | 'en') =>
  at ? dateTime(lastMinute(Date.parse(at)), language, false) : '';

function Step({
  name,
  then,
  state,
  window,
  now,
}: {
  name: string;
  then?: string;
  state: WindowState;
  window: Pick<AwardStage, 'opens' | 'closes'>;
  now: number;
}) {
  const t = useWords();
  const language = useLanguage();
  const left = state === 'open' ? Date.parse(window.closes ?? '') - now : 0;
  return (
    <li className={`stage-step stage-${state}`} aria-current={state === 'open' ? 'step' : undefined} title={then}>
      <strong>{name}</strong>
      <span className="stage-state">
        {state === 'open' ? t('staff.left', { span: spanText(left) }) : t(`staff.window.${state}`)}
      </span>
      {state !== 'free' && (
        <span className="stage-window num">
          <time dateTime={window.opens ?? ''}>{minute(window.opens, language)}</time>
          <time dateTime={window.closes ?? ''}>– {lastMinuteOf(window.closes, language)}</time>
        </span>
      )}
    </li>
  );
}

export function StageBar({ cycle, now }: { cycle: AwardCycle; now: number }) {
  const t = useWords();
  const text = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ol className="stage-bar" aria-label={t('staff.stages')} tabIndex={0}>
      <Step name={t('staff.entry')} state={windowState(cycle.entry, now)} window={cycle.entry} now={now} />
      {cycle.stages.map((one) => (
        <Step
          key={one.id}
          name={text(one.name)}
          then={text(one.then)}
          state={windowState(one, now)}
          window={one}
          now={now}
        />
      ))}
    </ol>
  );
}
