// The case's clocks: how long there is, why, and how much of it is gone.
import { useTranslation } from 'react-i18next';
import type { CaseClock } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { Pill } from '../ui/marks';
import { Section } from '../ui/Page';
import { useCityNow } from '../ui/ticker';
import { dateTime } from '../ui/time';
import { type ClockKey, clockWords } from './clock_words';

const lights = { green: 'ok', yellow: 'warn', red: 'alarm', missed: 'alarm' } as const;

export function useClockWords() {
  const { t } = useTranslation();
  const text = useText();
  const language = useLanguage();
  const now = useCityNow();
  return (clock: CaseClock) =>
    clockWords(
      clock,
      text(clock.calendarName) || clock.calendar,
      now,
      (ms) => dateTime(ms, language, false),
      (key: ClockKey, values) => String(t(`case.${key}`, values as never)),
    );
}

function Clock({ clock }: { clock: CaseClock }) {
  const { t } = useTranslation();
  const text = useText();
  const { head, why } = useClockWords()(clock);
  const share = clock.limitS > 0 ? Math.min(1, clock.usedS / clock.limitS) : 0;
  return (
    <li className={`clock clock-${clock.light}`}>
      <div className="clock-head">
        <strong>{text(clock.name) || clock.id}</strong>
        <Pill tone={lights[clock.light]}>{t(`light.${clock.light}`)}</Pill>
      </div>
      <p>{head}</p>
      <span className="clock-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <p className="muted">{why.join(t('case.clockJoin'))}</p>
    </li>
  );
}

export function Clocks({ clocks }: { clocks: CaseClock[] }) {
  const { t } = useTranslation();
  const running = clocks.filter((clock) => !clock.endedAt);
  if (running.length === 0) return null;
  return (
    <Section title={t('case.clocks')}>
      <ul className="case-list">
        {running.map((clock) => (
          <Clock key={clock.id} clock={clock} />
        ))}
      </ul>
    </Section>
  );
}
