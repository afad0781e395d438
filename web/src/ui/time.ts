// Times and spans for people. Spans are of city time.
import i18next from 'i18next';
import type { Language } from '../i18n';

const two = (n: number) => String(n).padStart(2, '0');

export function clockTime(ms: number, seconds = true): string {
  const d = new Date(ms);
  const short = `${two(d.getHours())}:${two(d.getMinutes())}`;
  return seconds ? `${short}:${two(d.getSeconds())}` : short;
}

export function dateTime(ms: number, language: Language): string {
  const d = new Date(ms);
  const day =
    language === 'zh'
      ? `${d.getFullYear()}年${d.getMonth() + 1}月${d.getDate()}日`
      : `${d.getDate()} ${d.toLocaleString('en', { month: 'short' })} ${d.getFullYear()}`;
  return `${day} ${clockTime(ms)}`;
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
