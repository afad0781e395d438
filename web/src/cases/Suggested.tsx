// What past cases suggest for this one, how sure that is in words and as a bar, and which words spoke for it; one key or
// click takes it into the form of the next step. Below what the city holds to be sure enough a person decides, and is told so.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case, CaseAction, CaseSummary, SuggestedLabel, Suggestion } from '../api/schema';
import { useDepartmentName } from '../ui/Attribute';
import { useHotkeys } from '../ui/hotkeys';
import { Section } from '../ui/Page';
import { suggestionKey } from './hotkey_names';
import { StepForm } from './StepForm';

type Label = NonNullable<SuggestedLabel>;

const percent = (share: number) => `${Math.round(share * 100)} %`;
const wordsMax = 6;

// How sure, as people say it.
export const sureness = (confidence: number): 'very' | 'quite' | 'little' =>
  confidence >= 0.9 ? 'very' : confidence >= 0.75 ? 'quite' : 'little';

// Where the case is taken up or dispatched, whichever comes next, and what of the suggestion its form asks for.
export function suggestedStep(item: Pick<Case, 'actions'>, suggestion: Suggestion | undefined) {
  const given = (action: CaseAction) =>
    Object.fromEntries(
      (['department', 'category'] as const).flatMap((name) => {
        const label = suggestion?.[name]?.label;
        const field = action.fields.find((each) => each.name === name);
        const offered = !field?.options || field.options.some((each) => each.value === label);
        return label && field && offered ? [[name, label]] : [];
      }),
    );
  for (const verb of ['take_up', 'dispatch'])
    for (const action of item.actions)
      if (action.verb === verb && Object.keys(given(action)).length > 0) return { action, fields: given(action) };
  return null;
}

const early = (item: CaseSummary) => item.outcome === 'open' && (item.stage === 'intake' || item.stage === 'filing');

function useSuggestion(item: CaseSummary) {
  return useQuery({
    queryKey: keys.suggestion(item.id),
    queryFn: () => api.suggestion(item.id),
    enabled: early(item),
    retry: false,
    staleTime: Infinity,
  }).data;
}

function Confidence({ value }: { value: number }) {
  const { t } = useTranslation();
  return (
    <span className={`confidence confidence-${sureness(value)}`}>
      <span className="confidence-bar" aria-hidden="true">
        <span style={{ width: percent(value) }} />
      </span>
      <span className="num">{percent(value)}</span> <span>{t(`suggested.${sureness(value)}`)}</span>
    </span>
  );
}

// The words that spoke for it, each as heavy as it weighed.
function Words({ label }: { label: Label }) {
  const { t } = useTranslation();
  const words = label.reasons.slice(0, wordsMax);
  if (words.length === 0) return null;
  const most = Math.max(...words.map((each) => each.share));
  return (
    <p className="because">
      <span className="muted">{t('suggested.because')}</span>{' '}
      {words.map(({ word, share }) => (
        <span
          key={word}
          className="because-word"
          style={{ '--weight': most ? share / most : 0 } as React.CSSProperties}
        >
          {word}
        </span>
      ))}
    </p>
  );
}

function Row(props: { name: string; label: Label | null; nameOf: (id: string) => string }) {
  const { name, label, nameOf } = props;
  const { t } = useTranslation();
  if (!label)
    return (
      <div className="suggested suggested-none">
        <span className="muted">{name}</span> <span>{t('suggested.person')}</span>
      </div>
    );
  return (
    <div className="suggested">
      <div className="suggested-line">
        <span className="muted">{name}</span> <strong>{nameOf(label.label)}</strong>
        <Confidence value={label.confidence} />
      </div>
      {label.second && label.secondConfidence >= 0.01 && (
        <p className="muted">
          {t('suggested.second', { name: nameOf(label.second), p: percent(label.secondConfidence) })}
        </p>
      )}
      <Words label={label} />
    </div>
  );
}

// The button and key that take the suggestion into the form of the next step.
function Take({ item, suggestion, short }: { item: Case; suggestion: Suggestion; short?: boolean }) {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const [asked, ask] = useState(false);
  const step = suggestedStep(item, suggestion);
  useHotkeys({ [suggestionKey]: () => ask(true) }, step !== null);
  if (!step) return null;
  const { department, category } = step.fields;
  return (
    <>
      <Button size="small" type={short ? 'default' : 'primary'} data-verb="take-suggestion" onClick={() => ask(true)}>
        {short
          ? t('suggested.take')
          : t('suggested.takeName', { name: department ? departmentOf(department) : (category ?? '') })}
        <kbd>{suggestionKey}</kbd>
      </Button>
      {asked && <StepForm item={item} action={step.action} given={{ fields: step.fields }} close={() => ask(false)} />}
    </>
  );
}

export function Suggested({ item }: { item: Case }) {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const suggestion = useSuggestion(item);
  if (!early(item) || !suggestion) return null;
  const { department = null, category = null } = suggestion;
  return (
    <Section title={t('suggested.title')} tools={<Take item={item} suggestion={suggestion} />}>
      <div className="case-list">
        <Row name={t('case.department')} label={department} nameOf={departmentOf} />
        <Row name={t('suggested.category')} label={category} nameOf={(id) => id} />
      </div>
    </Section>
  );
}

// The same in one line, for going through a list.
export function SuggestedLine({ item }: { item: Case }) {
  const { t } = useTranslation();
  const departmentOf = useDepartmentName();
  const suggestion = useSuggestion(item);
  if (!early(item) || !suggestion) return null;
  const { department, category } = suggestion;
  return (
    <p className="suggested-brief">
      <span className="muted">{t('suggested.title')}</span>{' '}
      {department || category ? (
        <>
          {department && (
            <span className="suggested-line">
              <strong>{departmentOf(department.label)}</strong>
              <Confidence value={department.confidence} />
            </span>
          )}
          {category && (
            <span className="suggested-line">
              <strong>{category.label}</strong>
              <Confidence value={category.confidence} />
            </span>
          )}
          <Take item={item} suggestion={suggestion} short />
        </>
      ) : (
        t('suggested.person')
      )}
    </p>
  );
}
