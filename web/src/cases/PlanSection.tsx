// The plan (预案) that the case brought: what to tick off, whom to call, what to fetch.
import { PhoneOutlined } from '@ant-design/icons';
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Case } from '../api/schema';
import { useText, useWord } from '../i18n';
import { Age } from '../ui/Age';
import { useActor } from '../ui/Attribute';
import { Section } from '../ui/Page';
import { useStep } from './use_step';

type Plan = NonNullable<Case['plan']>;

function Checklist({ item, plan }: { item: Case; plan: Plan }) {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  const actor = useActor();
  const step = useStep(item.id, () => undefined);
  const open = item.actions.find((action) => action.verb === 'check')?.fields.find((field) => field.name === 'item');
  const may = (id: string) => open?.options?.some((option) => option.value === id) ?? false;
  return (
    <ul className="checklist" aria-label={t('seats.checklist')}>
      {plan.checklist.map((check) => (
        <li key={check.id}>
          <Checkbox
            checked={Boolean(check.doneBy)}
            disabled={Boolean(check.doneBy) || !may(check.id) || step.isPending}
            data-check={check.id}
            onChange={() => step.mutate({ verb: 'check', name: word('verb', 'check'), fields: { item: check.id } })}
          >
            {text(check.text)}
          </Checkbox>
          {check.doneBy && (
            <span className="muted">
              {actor(check.doneBy)} · <Age at={check.doneAt} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function PlanSection({ item, plan }: { item: Case; plan: Plan }) {
  const { t } = useTranslation();
  const text = useText();
  const done = plan.checklist.filter((check) => check.doneBy).length;
  return (
    <Section
      title={`${t('case.plan')} · ${text(plan.name)}`}
      tools={plan.checklist.length > 0 && <span className="num muted">{`${done} / ${plan.checklist.length}`}</span>}
    >
      <Checklist item={item} plan={plan} />
      {plan.calls.length > 0 && (
        <>
          <h3>{t('seats.calls')}</h3>
          <ul className="calls">
            {plan.calls.map((call) => (
              <li key={call.phone}>
                <PhoneOutlined aria-hidden="true" /> {text(call.name)} <a href={`tel:${call.phone}`}>{call.phone}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      {plan.resources.length > 0 && (
        <>
          <h3>{t('seats.resources')}</h3>
          <ul className="calls">
            {plan.resources.map((resource) => (
              <li key={text(resource.name)}>
                {text(resource.name)} <span className="num">× {resource.amount}</span>{' '}
                <span className="muted">{text(resource.place)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
