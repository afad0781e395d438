// A deadline in words, part by part, so that whoever asks "why then?" reads the answer.
import type { CaseClock } from '../api/schema';
import { spanText, toMs } from '../ui/time';

type Say = (key: ClockKey, values: Record<string, string>) => string;
export type ClockKey =
  | 'clockDue'
  | 'clockOver'
  | 'clockStands'
  | 'clockEnded'
  | 'clockLimit'
  | 'clockFrom'
  | 'clockUsed'
  | 'clockExtended'
  | 'clockStood';

const long = (seconds: number) => spanText(seconds * 1000);

// The head of the sentence, and what explains it.
export function clockWords(
  clock: CaseClock,
  calendar: string,
  now: number,
  timeText: (ms: number) => string,
  say: Say,
): { head: string; why: string[] } {
  const due = toMs(clock.dueAt ?? null);
  const started = toMs(clock.startedAt ?? null);
  const ended = toMs(clock.endedAt ?? null);
  const head =
    ended !== null
      ? say('clockEnded', { time: timeText(ended) })
      : due === null
        ? say('clockStands', { t: clock.standsSince ? spanText(now - Date.parse(clock.standsSince)) : '' })
        : due < now
          ? say('clockOver', { t: spanText(now - due), time: timeText(due) })
          : say('clockDue', { t: spanText(due - now), time: timeText(due) });
  const why = [say('clockLimit', { t: long(clock.limitS), calendar })];
  if (clock.extendedS > 0) why.push(say('clockExtended', { t: long(clock.extendedS) }));
  if (started !== null) why.push(say('clockFrom', { time: timeText(started) }));
  if (ended === null && clock.usedS > 0) why.push(say('clockUsed', { t: long(clock.usedS) }));
  if (clock.stoodS > 0) why.push(say('clockStood', { t: long(clock.stoodS) }));
  return { head, why };
}
