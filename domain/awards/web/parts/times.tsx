// Times of a cycle: in its own zone, which is the one that counts, and in the reader's where that is another.
import { useRealNow } from '@console/ui/ticker';
import { toMs } from '@console/ui/time';
import { useWords } from '../words';
import { inZone, lastMinute, readersZone } from './zone';

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
