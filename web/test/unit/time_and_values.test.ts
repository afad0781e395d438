import { beforeAll, describe, expect, it } from 'vitest';
import { cityNowMs } from '../../src/api/city_clock';
import { preferredLanguage, setLanguage, startI18n } from '../../src/i18n';
import { agoText, clockTime, dateTime, setTimeZone, span, spanText } from '../../src/ui/time';
import { bytesText, numberText, shortId, valueText } from '../../src/ui/values';

beforeAll(async () => {
  await startI18n();
  setLanguage('en');
});

describe('the city clock', () => {
  const clock = { now: 1000, mode: 'wall' as const, speed: 1, paused: false, heardAt: 50 };
  it('goes on between two tellings', () => expect(cityNowMs(clock, 2050)).toBe(3000));
  it('runs at the speed of a replay', () =>
    expect(cityNowMs({ ...clock, mode: 'feed', speed: 60 }, 1050)).toBe(61_000));
  it('runs at the pace of a city that goes faster', () =>
    expect(cityNowMs({ ...clock, speed: 10 }, 2050)).toBe(21_000));
  it('stands when paused', () => expect(cityNowMs({ ...clock, mode: 'feed', paused: true }, 9050)).toBe(1000));
  it('does not invent a replay that fell silent', () =>
    expect(cityNowMs({ ...clock, mode: 'feed', speed: 1 }, 60_050)).toBe(4000));
});

describe('spans and ages', () => {
  it('takes the largest unit that says enough', () => {
    expect(span(59_000)).toEqual({ n: 59, unit: 's' });
    expect(span(61_000)).toEqual({ n: 1, unit: 'm' });
    expect(span(3 * 86_400_000)).toEqual({ n: 3, unit: 'd' });
    expect(span(-5)).toEqual({ n: 0, unit: 's' });
  });
  it('says the rest where it matters', () => {
    expect(spanText(90_000)).toBe('1 min 30 s');
    expect(spanText(5400_000)).toBe('1 h 30 min');
    expect(spanText(20 * 60_000 + 4000)).toBe('20 min');
  });
  it('tells past, now and future', () => {
    expect(agoText(0, 500)).toBe('now');
    expect(agoText(0, 120_000)).toBe('2 min ago');
    expect(agoText(60_000, 0)).toBe('in 1 min');
  });
  it('speaks the language of the person', () => {
    setLanguage('zh');
    expect(agoText(0, 120_000)).toBe('2 分前');
    setLanguage('en');
  });
});

describe('values', () => {
  it('writes UN/CEFACT codes as people do', () => {
    expect(valueText(0.314, 'MTR')).toBe('0.31\u202fm');
    expect(valueText(21.04, 'CEL')).toBe('21\u202f°C');
    expect(valueText(5, 'XYZ')).toBe('5\u202fXYZ');
  });
  it('has an answer for everything', () => {
    expect(valueText(null)).toBe('—');
    expect(valueText('text')).toBe('text');
    expect(valueText({ a: 1 })).toBe('{"a":1}');
    expect(numberText(Number.NaN)).toBe('NaN');
    expect(numberText(1234567)).toBe('1\u2009234\u2009567');
  });
  it('shortens sizes and ids', () => {
    expect(bytesText(1536)).toBe('1.5 KiB');
    expect(shortId('urn:ngsi-ld:Device:pump-1')).toBe('pump-1');
  });
});

describe('the first language', () => {
  it('is the stored one, then the browser’s, then English', () => {
    expect(preferredLanguage('en', ['zh-CN'])).toBe('en');
    expect(preferredLanguage(null, ['fr', 'zh-TW', 'en'])).toBe('zh');
    expect(preferredLanguage(null, ['da-DK'])).toBe('en');
  });
});

describe("the city's zone", () => {
  it('is that of the city, wherever the reader sits', () => {
    const ms = Date.parse('2026-05-21T17:30:05Z');
    setTimeZone('Asia/Shanghai');
    expect(clockTime(ms)).toBe('01:30:05');
    expect(dateTime(ms, 'zh')).toBe('2026年5月22日 01:30:05');
    setTimeZone('Mars/Olympus');
    expect(clockTime(ms, false)).toBe('01:30');
    setTimeZone(undefined);
  });
});
