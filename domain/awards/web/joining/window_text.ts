// When something of a cycle is open, by its own clocks.
import type { AwardCycle } from '@console/api/schema';
import { useLanguage } from '@console/citizen/language';
import { toMs } from '@console/ui/time';
import { inZone, lastMinute } from '../parts/zone';
import { useJoiningWords } from './words';

interface Window {
  opens: string | null;
  closes: string | null;
}

export function useWindowText(cycle: AwardCycle) {
  const say = useJoiningWords();
  const language = useLanguage();
  const zone = cycle.timeZone;
  const at = (iso: string | null, end: boolean) => {
    const ms = toMs(iso);
    return ms === null ? '' : inZone(end ? lastMinute(ms) : ms, zone, language);
  };
  return {
    whole: (word: 'entries' | 'from', { opens, closes }: Window) =>
      say(word, { from: at(opens, false), until: at(closes, true), zone }),
    until: ({ closes }: Window) => say('until', { at: at(closes, true), zone }),
  };
}
