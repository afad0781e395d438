// What a proposal says, field by field; what is written in two languages stands side by side.
import type { AwardCycle, AwardField } from '@console/api/schema';
import { useLanguage, useText } from '@console/i18n';
import { numberText } from '@console/ui/values';
import { placeFrom, placeText } from '../parts/world/place';
import { useWords } from '../words';

export type AnswerMap = Record<string, unknown>;

export const inLanguages = (value: unknown): Record<string, string> | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, string>) : null;

export function usePlainAnswer(): (field: AwardField, value: unknown) => string {
  const t = useWords();
  const text = useText();
  const language = useLanguage();
  return (field, value) => {
    const choice = (id: unknown) => text(field.choices?.find((each) => each.id === id)?.name) || String(id);
    if (field.type === 'choice') return choice(value);
    const place = field.type === 'place' ? placeFrom(value) : null;
    if (place) return placeText(place, language);
    if (Array.isArray(value)) return value.map(choice).join(' · ');
    if (typeof value === 'boolean') return t(value ? 'staff.yes' : 'staff.no');
    if (typeof value === 'number') return `${numberText(value)}${field.unit ? ` ${field.unit}` : ''}`;
    return String(value ?? '');
  };
}

export function Answers({
  cycle,
  answers,
  language: only,
}: {
  cycle: AwardCycle;
  answers: AnswerMap;
  language?: string;
}) {
  const t = useWords();
  const text = useText();
  const plain = usePlainAnswer();
  const own = useLanguage();
  const fields = (cycle.fields ?? []).filter((field) => answers[field.id] !== undefined && answers[field.id] !== '');
  // The reader's own language first.
  const order = [...(cycle.languages ?? ['zh', 'en'])].sort((a) => (a === own ? -1 : 1));
  return (
    <div className="answers">
      {fields.map((field) => {
        const value = answers[field.id];
        const said = inLanguages(value);
        const languages = order.filter((each) => (!only || each === only) && said?.[each]);
        return (
          <section key={field.id} className="answer" data-field={field.id}>
            <h3>{text(field.name)}</h3>
            {said ? (
              <div className={`answer-texts answer-${languages.length}`}>
                {languages.map((each) => (
                  <p key={each} lang={each} className="answer-text">
                    {said[each]}
                  </p>
                ))}
                {languages.length === 0 && <p className="muted">{t('staff.notInLanguage')}</p>}
              </div>
            ) : (
              <p className="answer-text">{plain(field, value)}</p>
            )}
          </section>
        );
      })}
    </div>
  );
}
