// Who is on duty this moment, crew by crew, how long they stay, and who comes next where nobody is.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { dutyApi } from '../api/duty_api';
import { keys } from '../api/keys';
import type { OnDuty } from '../api/schema';
import { useLanguage, useText } from '../i18n';
import { usePersonName } from '../ui/Attribute';
import { StateShape } from '../ui/marks';
import { Answer } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { clockTime, dateOf, dayHead, toMs } from '../ui/time';

type CrewNow = OnDuty['crews'][number];
const refreshMs = 30_000;

function useWhen(): (at: string | null | undefined) => string {
  const language = useLanguage();
  const now = useCityNow();
  return (at) => {
    const ms = toMs(at);
    if (ms === null) return '';
    return dateOf(ms) === dateOf(now) ? clockTime(ms, false) : `${dayHead(ms, language)} ${clockTime(ms, false)}`;
  };
}

function One({ crew, open }: { crew: CrewNow; open: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const personOf = usePersonName();
  const when = useWhen();
  const somebody = crew.members.length > 0;
  const state = crew.ready ? 'ok' : somebody ? 'warn' : 'unknown';
  const standing = crew.ready ? t('duty.ready') : somebody ? t('duty.tooFew') : t('duty.nobody');
  return (
    <li>
      <button type="button" className={`on-duty on-duty-${state}`} onClick={open} data-crew={crew.crew}>
        <span className="on-duty-name">
          <StateShape state={state} /> <strong>{text(crew.name)}</strong>
        </span>
        <span className="muted">{standing}</span>
        <span className="on-duty-who">
          {crew.members.map((each) => text(each.name) || personOf(each.id)).join('、')}
        </span>
        <small className="muted num">
          {somebody && crew.until && t('duty.until', { time: when(crew.until) })}
          {!somebody && (crew.nextDuty ? t('duty.next', { time: when(crew.nextDuty) }) : t('duty.noneAhead'))}
        </small>
      </button>
    </li>
  );
}

export function OnDutyStrip({ department, open }: { department: string; open: (crew: string) => void }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: keys.duty('on-duty', department),
    queryFn: () => dutyApi.onDuty(department || undefined),
    refetchInterval: refreshMs,
  });
  return (
    <section aria-label={t('duty.now')}>
      <Answer query={query} rows={2}>
        {({ crews }) => (
          <ul className="on-duty-strip">
            {crews.map((crew) => (
              <One key={crew.crew} crew={crew} open={() => open(crew.crew)} />
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}
