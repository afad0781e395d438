// What runs on a case beside its main way: its clocks and why they fall when they do, what waits for a decision, the tasks
// of departments that assist, and the plan that came with it.
import { useTranslation } from 'react-i18next';
import type { Case, CaseClock } from '../api/schema';
import { useText, useWord } from '../i18n';
import { useActor, useDepartmentName } from '../ui/Attribute';
import { Pill } from '../ui/marks';
import { Section } from '../ui/Page';
import { useCityNow } from '../ui/ticker';
import { spanText, toMs } from '../ui/time';

const lights = { green: 'ok', yellow: 'warn', red: 'alarm', missed: 'alarm' } as const;

// "Due in 3 h: 4 h of office hours, 1 h of it granted later; stood still for 40 min".
function Clock({ clock }: { clock: CaseClock }) {
  const { t } = useTranslation();
  const text = useText();
  const now = useCityNow();
  const due = toMs(clock.dueAt ?? null);
  const left = due === null ? null : due - now;
  return (
    <li>
      <Pill tone={lights[clock.light]}>{t(`light.${clock.light}`)}</Pill>{' '}
      <strong>{text(clock.name) || clock.id}</strong>{' '}
      {left === null
        ? t('case.stands')
        : left < 0
          ? t('case.overdue', { t: spanText(-left) })
          : t('case.due', { t: spanText(left) })}
      <p className="muted">
        {t('case.clockLimit', {
          t: spanText(clock.limitS * 1000),
          calendar: text(clock.calendarName) || clock.calendar,
        })}
        {clock.extendedS > 0 && ` · ${t('case.clockExtended', { t: spanText(clock.extendedS * 1000) })}`}
        {clock.stoodS > 0 && ` · ${t('case.clockStood', { t: spanText(clock.stoodS * 1000) })}`}
      </p>
    </li>
  );
}

function Plan({ plan }: { plan: NonNullable<Case['plan']> }) {
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  return (
    <Section title={`${t('case.plan')} · ${text(plan.name)}`}>
      <ul className="case-list">
        {plan.checklist.map((item) => (
          <li key={item.id}>
            {item.doneBy ? '☑' : '☐'} {text(item.text)}{' '}
            {item.doneBy && <span className="muted">{actor(item.doneBy)}</span>}
          </li>
        ))}
        {plan.calls.map((call) => (
          <li key={call.phone}>
            {t('case.call')}: {text(call.name)} <a href={`tel:${call.phone}`}>{call.phone}</a>
          </li>
        ))}
        {plan.resources.map((resource) => (
          <li key={text(resource.name)}>
            {t('case.resource')}: {text(resource.name)} × {resource.amount} {text(resource.place)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function CaseProgress({ item }: { item: Case }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const departmentOf = useDepartmentName();
  const clocks = (item.clocks ?? []).filter((clock) => !clock.endedAt);
  return (
    <>
      {clocks.length > 0 && (
        <Section title={t('case.clocks')}>
          <ul className="case-list">
            {clocks.map((clock) => (
              <Clock key={clock.id} clock={clock} />
            ))}
          </ul>
        </Section>
      )}
      {(item.requests ?? []).length > 0 && (
        <Section title={t('case.requests')}>
          <ul className="case-list">
            {item.requests?.map((request) => (
              <li key={request.number}>
                <strong>{text(request.name) || request.kind}</strong> <span className="muted">{actor(request.by)}</span>{' '}
                {request.note}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {(item.tasks ?? []).length > 0 && (
        <Section title={t('case.tasks')}>
          <ul className="case-list">
            {item.tasks?.map((task) => (
              <li key={task.number}>
                {task.number}. {departmentOf(task.department)} {text(task.name)}{' '}
                <span className="muted">{word('taskState', task.state)}</span> {task.note}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {item.plan && <Plan plan={item.plan} />}
    </>
  );
}
