// What happened to a proposal, by whom and when; the newest first.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Moment } from '@console/ui/Age';
import { Blank } from '@console/ui/states';
import { useWords } from '../words';
import { useEventName } from './event_name';

interface Happened {
  what: string;
  by: string;
  why?: string;
  at: string | null;
}

// Why: mostly somebody's own words; of what the server notes itself, what is meant.
function useWhy(cycle: AwardCycle): (one: Happened) => string {
  const t = useWords();
  const text = useText();
  return ({ what, why = '' }) => {
    if (what === 'released') return t('secretariat.mask.filesShown', { n: Number.parseInt(why, 10) || 0 });
    if (what !== 'consented' && what !== 'opted_out') return why;
    const named = why.split(' ').map((id) => text(cycle.channels?.find((one) => one.id === id)?.name) || id);
    return named.join(' · ');
  };
}

function useActor(): (by: string) => string {
  const t = useWords();
  return (by) =>
    by.startsWith('applicant:') ? t('staff.waits.applicant') : by === 'awards' ? t('staff.byItself') : by;
}

export function EventRows({ cycle, events }: { cycle: AwardCycle; events: readonly Happened[] }) {
  const t = useWords();
  const name = useEventName();
  const why = useWhy(cycle);
  const actor = useActor();
  if (events.length === 0) return <Blank title={t('staff.none')} />;
  return (
    <table className="plain-table event-rows">
      <thead>
        <tr>
          <th>{t('staff.at')}</th>
          <th>{t('staff.what')}</th>
          <th>{t('staff.by')}</th>
          {events.some(({ why }) => why) && <th>{t('staff.why')}</th>}
        </tr>
      </thead>
      <tbody>
        {[...events].reverse().map((one, i) => (
          <tr key={i}>
            <td>
              <Moment at={one.at} />
            </td>
            <td>{name(one.what)}</td>
            <td className="muted">{actor(one.by)}</td>
            {events.some(({ why }) => why) && <td className="answer-text">{why(one)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
