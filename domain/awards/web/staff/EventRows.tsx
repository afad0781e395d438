// What happened to a proposal, by whom and when; the newest first.
import { Moment } from '@console/ui/Age';
import { Blank } from '@console/ui/states';
import { useWords } from '../words';
import { useEventName } from './event_name';

export function EventRows({
  events,
}: {
  events: readonly { what: string; by: string; why?: string; at: string | null }[];
}) {
  const t = useWords();
  const name = useEventName();
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
            <td className="muted">{one.by.startsWith('applicant:') ? t('staff.waits.applicant') : one.by}</td>
            {events.some(({ why }) => why) && <td className="answer-text">{one.why}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
