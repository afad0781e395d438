// What past cases suggest for this one, how sure that is, and which words spoke for it; one click takes it over. Below
// what the city holds to be sure enough nothing is suggested, and a person decides.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case, SuggestedLabel } from '../api/schema';
import { useDepartmentName } from '../ui/Attribute';
import { Section } from '../ui/Page';
import { StepForm } from './StepForm';

const percent = (share: number) => `${Math.round(share * 100)} %`;

function Label(props: { name: string; label: NonNullable<SuggestedLabel>; nameOf: (id: string) => string }) {
  const { name, label, nameOf } = props;
  const { t } = useTranslation();
  const words = label.reasons.slice(0, 6).map((reason) => reason.word);
  return (
    <div className="suggested">
      <span className="muted">{name}</span> <strong>{nameOf(label.label)}</strong>{' '}
      <span className="num">{percent(label.confidence)}</span>
      {label.second && label.secondConfidence >= 0.01 && (
        <span className="muted">
          {' '}
          · {nameOf(label.second)} <span className="num">{percent(label.secondConfidence)}</span>
        </span>
      )}
      {words.length > 0 && <p className="muted">{t('suggested.because', { words: words.join('、') })}</p>}
    </div>
  );
}

export function Suggested({ item }: { item: Case }) {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const [asked, ask] = useState(false);
  const early = item.outcome === 'open' && (item.stage === 'intake' || item.stage === 'filing');
  const query = useQuery({
    queryKey: keys.suggestion(item.id),
    queryFn: () => api.suggestion(item.id),
    enabled: early,
    retry: false,
    staleTime: Infinity,
  });
  const { department, category } = query.data ?? {};
  if (!early || (!department && !category)) return null;
  // Where it is taken up or dispatched, whichever comes next and asks for a department.
  const next = item.actions.find(
    ({ verb, fields }) =>
      (verb === 'dispatch' || verb === 'take_up') && fields.some((field) => field.name === 'department'),
  );
  return (
    <Section
      title={t('suggested.title')}
      tools={
        next &&
        department && (
          <Button size="small" type="primary" data-verb="dispatch-suggested" onClick={() => ask(true)}>
            {t('suggested.dispatch', { name: departmentOf(department.label) })}
          </Button>
        )
      }
    >
      {department && <Label name={t('case.department')} label={department} nameOf={departmentOf} />}
      {category && <Label name={t('suggested.category')} label={category} nameOf={(id) => id} />}
      {asked && next && department && (
        <StepForm
          item={item}
          action={next}
          given={{ fields: { department: department.label } }}
          close={() => ask(false)}
        />
      )}
    </Section>
  );
}
