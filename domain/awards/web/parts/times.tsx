// Times of a cycle: in its own zone, which is the one that counts, and in the reader's where that is another.
import { readersLanguage } from '@console/api/http';
import { useRealNow } from '@console/ui/ticker';
import { toMs } from '@console/ui/time';
import { useWords } from '../words';

export const readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function formatIn(zone: string, language: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: language === 'zh' ? 'long' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

// A moment by the clocks of a zone; the zone as it is named where this browser does not know it.
export function inZone(ms: number, zone: string, language: string = readersLanguage()): string {
  try {
    return formatIn(zone, language).format(ms);
  } catch {
    return `${formatIn('UTC', language).format(ms)} UTC`;
  }
}

// The end of a window is the first moment that is too late: shown is the last minute that is in time.
export const lastMinute = (ms: number): number => ms - 1;

export function ZonedTime({ at, zone, end = false }: { at: string | null; zone: string; end?: boolean }) {
  const t = useWords();
  const ms = toMs(at);
  if (ms === null) return <span className="muted">{t('parts.noWindow')}</span>;
  const shown = end ? lastMinute(ms) : ms;
  const there = inZone(shown, zone);
  const here = inZone(shown, readersZone());
  return (
    <span className="zoned">
      <time dateTime={at ?? undefined} className="num">
        {there}
      </time>
      {here !== there && <small className="muted num">{t('parts.yourTime', { at: here })}</small>}
    </span>
  );
}

// The server's clock on this screen: it alone says what is late. `askedAt` is when its `now` came.
export function useServerNow(of: { now: string | null } | undefined, askedAt: number): number {
  const now = useRealNow();
  const told = toMs(of?.now);
  return told === null || askedAt === 0 ? now : told + (now - askedAt);
}

export interface Left {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

export function leftUntil(ms: number, now: number): Left | null {
  const s = Math.floor((ms - now) / 1000);
  if (s < 0) return null;
  return {
    days: Math.floor(s / 86400),
    hours: Math.floor((s % 86400) / 3600),
    minutes: Math.floor((s % 3600) / 60),
    seconds: s % 60,
  };
}

// Two units are enough: days and hours, hours and minutes, minutes and seconds.
export function useLeftText(): (left: Left) => string {
  const t = useWords();
  return ({ days, hours, minutes, seconds }) => {
    if (days > 0) return t('parts.daysHours', { days, hours });
    if (hours > 0) return t('parts.hoursMinutes', { hours, minutes });
    return t('parts.minutesSeconds', { minutes, seconds });
  };
}

// How long something is still open. Screen readers are not told each second: it is no live region.
export function Countdown({ until, now, urgentS = 86400 }: { until: string | null; now: number; urgentS?: number }) {
  const t = useWords();
  const say = useLeftText();
  const ms = toMs(until);
  const left = ms === null ? null : leftUntil(ms, now);
  if (ms === null) return null;
  if (!left) return <strong className="countdown is-over">{t('parts.over')}</strong>;
  const urgent = ms - now < urgentS * 1000;
  return (
    <strong className={`countdown num${urgent ? ' is-urgent' : ''}`}>{t('parts.left', { left: say(left) })}</strong>
  );
}
