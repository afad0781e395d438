// Times and spans for people. Spans are of city time.
import i18next from 'i18next';
import type { Language } from '../i18n';

// All times are shown in the city's zone, wherever the reader sits; until it is known, in the browser's.
let zone: string | undefined;
let parts = partsIn(undefined);

function partsIn(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

export function setTimeZone(name: string | undefined): void {
  if (name === zone) return;
  try {
    parts = partsIn(name);
    zone = name;
  } catch {
    // A zone that this browser does not know: its own stays.
  }
}

function split(ms: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(ms).map((part) => [part.type, part.value]));
}

export function clockTime(ms: number, seconds = true): string {
  const { hour, minute, second } = split(ms);
  return seconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function dayOf(ms: number, language: Language): string {
  const { year, month, day } = split(ms);
  return language === 'zh' ? `${year}年${months.indexOf(month ?? '') + 1}月${day}日` : `${day} ${month} ${year}`;
}

export function dateTime(ms: number, language: Language, seconds = true): string {
  const date = dayOf(ms, language);
  return `${date} ${clockTime(ms, seconds)}`;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const weekdaysZh = ['一', '二', '三', '四', '五', '六', '日'];
const dayMs = 86_400_000;

// Monday is 0.
const weekdayAt = (ms: number) => weekdays.indexOf(split(ms).weekday ?? '');

// "周五 5/21", "Fri 21 May": the head of a column.
export function dayHead(ms: number, language: Language): string {
  const { month, day } = split(ms);
  const at = weekdayAt(ms);
  if (language === 'zh') return `周${weekdaysZh[at] ?? ''} ${months.indexOf(month ?? '') + 1}/${day}`;
  return `${weekdays[at] ?? ''} ${day} ${month}`;
}

// "2026-11-21", of the city.
export function dateOf(ms: number): string {
  const { year, month, day } = split(ms);
  return `${year}-${String(months.indexOf(month ?? '') + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

// Midnight of the city before a moment. On a day when the clock is put on, midnight is found all the same.
export function startOfDay(ms: number): number {
  const { hour = '0', minute = '0', second = '0' } = split(ms);
  const back = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const at = Math.floor(ms / 1000) * 1000 - back;
  if (dateOf(at) !== dateOf(ms)) return at + 3600_000;
  return dateOf(at - 1) === dateOf(ms) ? at - 3600_000 : at;
}

// The days of the city that begin in a period's order: the first may begin before it.
export function daysIn(from: number, to: number): number[] {
  const days: number[] = [];
  for (let at = startOfDay(from); at < to; at = startOfDay(at + dayMs + dayMs / 2)) days.push(at);
  return days;
}

export const startOfWeek = (ms: number): number => startOfDay(startOfDay(ms) - weekdayAt(ms) * dayMs + dayMs / 2);

// The city's clock read as a moment: "2026-11-21" and "08:30".
export function momentOf(date: string, clock: string): number {
  const near = Date.parse(`${date}T12:00:00Z`);
  const midnight = [near - dayMs, near, near + dayMs].map(startOfDay).find((at) => dateOf(at) === date) ?? near;
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return midnight + (hours * 60 + minutes) * 60_000;
}

// "5/21 08:30": for the axis of a chart over days.
export function dayAndTime(ms: number): string {
  const { month, day } = split(ms);
  return `${months.indexOf(month ?? '') + 1}/${day} ${clockTime(ms, false)}`;
}

export const toMs = (text: string | null | undefined): number | null => {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
};

// A span in the largest unit that says enough, and its next while small: "2 h", "3 min", "45 s".
export function span(ms: number): { n: number; unit: 's' | 'm' | 'h' | 'd' } {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return { n: s, unit: 's' };
  if (s < 3600) return { n: Math.floor(s / 60), unit: 'm' };
  if (s < 48 * 3600) return { n: Math.floor(s / 3600), unit: 'h' };
  return { n: Math.floor(s / 86400), unit: 'd' };
}

export function spanText(ms: number): string {
  const { n, unit } = span(ms);
  const main = i18next.t(`age.${unit}`, { n });
  // Minutes of the first hours and seconds of the first minutes matter to someone who waits.
  if (unit === 'h' && n < 6) {
    const rest = Math.floor((ms % 3600_000) / 60_000);
    return rest ? `${main} ${i18next.t('age.m', { n: rest })}` : main;
  }
  if (unit === 'm' && n < 5) {
    const rest = Math.floor((ms % 60_000) / 1000);
    return rest ? `${main} ${i18next.t('age.s', { n: rest })}` : main;
  }
  return main;
}

export function agoText(thenMs: number, nowMs: number): string {
  const gone = nowMs - thenMs;
  if (gone < -1500) return i18next.t('age.ahead', { t: spanText(-gone) });
  if (gone < 1500) return i18next.t('age.now');
  const { n, unit } = span(gone);
  return i18next.t('age.ago', { t: i18next.t(`age.${unit}`, { n }) });
}
