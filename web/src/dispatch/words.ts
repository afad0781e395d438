// How ways, times and changes of a plan are said.
import { useTranslation } from 'react-i18next';
import type { ProposalStop } from '../api/schema';
import { useCrewName } from '../ui/Attribute';
import { clockTime, spanText } from '../ui/time';

export const kmText = (metres: number | null | undefined): string => {
  const m = metres ?? 0;
  return Math.abs(m) < 995 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(m < 99_500 ? 1 : 0)} km`;
};

export const hm = (at: string | null | undefined): string => (at ? clockTime(Date.parse(at), false) : '—');

export const signed = (n: number): string => (n > 0 ? `+${n}` : String(n).replace('-', '−'));

// "crew B at 10:20 before"; empty where nothing was appointed.
export function useWas(): (was: ProposalStop['was']) => string {
  const { t } = useTranslation();
  const crewOf = useCrewName();
  return (was) => (was?.crew ? t('dispatch.was', { crew: crewOf(was.crew), time: hm(was.plannedAt) }) : '');
}

export function useSlack(): (stop: Pick<ProposalStop, 'slackS' | 'lateS'>) => string {
  const { t } = useTranslation();
  return ({ slackS, lateS = 0 }) => {
    if (lateS > 0) return t('dispatch.lateBy', { t: spanText(lateS * 1000) });
    return slackS === null ? t('dispatch.noLimit') : t('dispatch.slack', { t: spanText(slackS * 1000) });
  };
}
