// A moment by the clocks of a zone, in the reader's language.
import { readersLanguage } from '@console/api/http';

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
