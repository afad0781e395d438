// How long ago, in city time, kept current; the exact moment on hover.
import { useLanguage } from '../i18n';
import { useCityNow } from './ticker';
import { agoText, dateTime, spanText, toMs } from './time';

export function Age({ at }: { at: string | null | undefined }) {
  const now = useCityNow();
  const language = useLanguage();
  const ms = toMs(at);
  if (ms === null) return <span className="muted">—</span>;
  return (
    <time className="age" dateTime={at ?? ''} title={dateTime(ms, language)}>
      {agoText(ms, now)}
    </time>
  );
}

export function Lasted({ from, to }: { from: string; to: string | null | undefined }) {
  const now = useCityNow();
  const start = toMs(from);
  if (start === null) return <span className="muted">—</span>;
  return <span className="num">{spanText((toMs(to) ?? now) - start)}</span>;
}

export function Moment({ at }: { at: string | null | undefined }) {
  const language = useLanguage();
  const ms = toMs(at);
  if (ms === null) return <span className="muted">—</span>;
  return (
    <time className="num" dateTime={at ?? ''}>
      {dateTime(ms, language)}
    </time>
  );
}
