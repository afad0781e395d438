// The entry form as the cycle declares it: the category first, then its fields.
import type { AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Section } from '@console/ui/Page';
import { Tag } from 'antd';
import { useWords } from '../words';
import type { Draft } from './api';
import { FieldInput, fieldId } from './FieldInput';
import { fieldsOf, type Lack } from './form';

function CategoryChoice(props: {
  cycle: AwardCycle;
  value: string;
  disabled: boolean;
  onChange: (id: string) => void;
}) {
  const t = useWords();
  const text = useText();
  const { cycle, value, disabled, onChange } = props;
  return (
    <fieldset className="category-choice" id={fieldId('category')} tabIndex={-1}>
      <legend className="visually-hidden">{t('applicant.form.category')}</legend>
      {cycle.categories.map((category) => (
        <label key={category.id} className={`category-card${category.id === value ? ' is-chosen' : ''}`}>
          <input
            type="radio"
            name="category"
            value={category.id}
            checked={category.id === value}
            disabled={disabled}
            onChange={() => onChange(category.id)}
          />
          <span>
            <strong>{text(category.name)}</strong>
            <small>{text(category.description)}</small>
            <small className="muted">
              {category.casesMin > 0 && t('applicant.form.casesMin', { n: category.casesMin })}{' '}
              {category.status.length > 0 && !category.status.includes('planned') && t('applicant.form.noPlanned')}
            </small>
          </span>
          {category.theme && <Tag>{t('applicant.form.theme')}</Tag>}
        </label>
      ))}
    </fieldset>
  );
}

export function EntryForm(props: {
  cycle: AwardCycle;
  draft: Draft;
  lacks: readonly Lack[];
  told: ReadonlySet<string>;
  categoryFixed: boolean;
  onChange: (draft: Draft) => void;
  onSeen: (where: string) => void;
}) {
  const t = useWords();
  const { cycle, draft, lacks, told, onChange, onSeen } = props;
  return (
    <>
      <Section title={t('applicant.form.category')}>
        <div className="entry-part">
          <p className="muted">{t('applicant.form.categoryHint')}</p>
          <CategoryChoice
            cycle={cycle}
            value={draft.category}
            disabled={props.categoryFixed}
            onChange={(category) => onChange({ ...draft, category })}
          />
        </div>
      </Section>
      <Section title={t('applicant.form.title')}>
        <div className="entry-part">
          {fieldsOf(cycle, draft.category).map((field) => (
            <FieldInput
              key={field.id}
              field={field}
              languages={cycle.languages ?? ['zh']}
              secondRequired={cycle.secondLanguageRequired ?? false}
              answers={draft.answers}
              lacks={lacks.filter(({ where }) => where === field.id)}
              told={told.has(field.id) || told.has('*')}
              onChange={(answers) => onChange({ ...draft, answers })}
              onSeen={() => onSeen(field.id)}
            />
          ))}
        </div>
      </Section>
    </>
  );
}
