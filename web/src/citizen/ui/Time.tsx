// Times as people say them, in the city's time zone; the exact one is a touch away (title) and in the markup.
import { useLanguage } from '../language';
import { useCity } from '../shell/city';
import { useCommon } from './words';

const minute = 60_000;

export function useTimes() {
  const language = useLanguage();
  const say = useCommon();
  const timeZone = useCity().data?.timeZone;
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const format = (at: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(new Date(at));
  return {
    day: (at: string) => format(at, { day: 'numeric', month: 'long' }),
    exact: (at: string) =>
      format(at, { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ago: (at: string, now = Date.now()) => {
      const past = Math.max(0, now - Date.parse(at));
      if (past < minute) return say('justNow');
      if (past < 60 * minute) return say('minutes', { count: Math.floor(past / minute) });
      if (past < 24 * 60 * minute) return say('hours', { count: Math.floor(past / (60 * minute)) });
      if (past < 7 * 24 * 60 * minute) return say('days', { count: Math.floor(past / (24 * 60 * minute)) });
      return format(at, { day: 'numeric', month: 'short', year: 'numeric' });
    },
  };
}

export function Ago({ at }: { at: string }) {
  const times = useTimes();
  return (
    <time dateTime={at} title={times.exact(at)}>
      {times.ago(at)}
    </time>
  );
}

export function Exact({ at }: { at: string }) {
  return <time dateTime={at}>{useTimes().exact(at)}</time>;
}
