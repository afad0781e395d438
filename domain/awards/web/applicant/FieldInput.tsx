// One field of the entry form, by its type; texts of two languages side by side, each with its count.
import type { AwardField } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Checkbox, Input, InputNumber, Radio, Select } from 'antd';
import { useWords } from '../words';
import { type Answers, charCount, type Lack, textIn, withText } from './form';
import { PlaceInput } from './PlaceInput';

export const fieldId = (where: string, language = '') => `field-${where}${language ? `-${language}` : ''}`;

// A few choices are all in sight; many are a list that opens.
const inSightMax = 6;
const isInSight = (field: AwardField) => field.type === 'choice' && (field.choices?.length ?? 0) <= inSightMax;

interface Props {
  field: AwardField;
  languages: string[];
  secondRequired: boolean;
  answers: Answers;
  lacks: readonly Lack[]; // of this field
  told: boolean; // whether what is missing is marked: not before one has been there
  onChange: (answers: Answers) => void;
  onSeen: () => void;
}

export type Part = Props & { language: string; ids: { input: string; help: string; count: string; flaw: string } };

const describedBy = ({ ids, field }: Part) =>
  [field.help.zh || field.help.en ? ids.help : '', ids.count, ids.flaw].filter(Boolean).join(' ');

function TextPart(props: Part) {
  const { field, language, answers, ids, onChange, onSeen, lacks, told } = props;
  const value = textIn(answers, field, language);
  const bad = told && lacks.length > 0;
  const shared = {
    id: ids.input,
    value,
    lang: language === 'en' ? 'en' : 'zh-CN',
    status: bad ? ('error' as const) : undefined,
    'aria-invalid': bad || undefined,
    'aria-required': field.required || undefined,
    'aria-describedby': describedBy(props),
    onBlur: onSeen,
    onChange: (event: { target: { value: string } }) =>
      onChange(withText(answers, field, language, event.target.value)),
  };
  if (field.type === 'text') return <Input.TextArea {...shared} autoSize={{ minRows: 4, maxRows: 18 }} />;
  const types: Partial<Record<AwardField['type'], string>> = { email: 'email', phone: 'tel', url: 'url', date: 'date' };
  return <Input {...shared} type={types[field.type] ?? 'text'} className={field.type === 'date' ? 'field-date' : ''} />;
}

function Control(props: Part) {
  const text = useText();
  const t = useWords();
  const { field, answers, ids, onChange, onSeen, lacks, told } = props;
  const bad = told && lacks.length > 0;
  const put = (value: unknown) => onChange({ ...answers, [field.id]: value });
  const status = bad ? ('error' as const) : undefined;
  const ties = { 'aria-describedby': describedBy(props), 'aria-invalid': bad || undefined };
  const options = field.choices?.map(({ id, name }) => ({ value: id, label: text(name) }));
  const value = answers[field.id];
  switch (field.type) {
    case 'number':
      return (
        <InputNumber
          id={ids.input}
          value={typeof value === 'number' ? value : null}
          status={status}
          {...ties}
          suffix={field.unit}
          className="field-number"
          onBlur={onSeen}
          onChange={(number) => put(number)}
        />
      );
    case 'choice':
      if (isInSight(field))
        return (
          <Radio.Group
            name={field.id}
            value={value}
            options={options}
            onChange={(event) => {
              put(event.target.value);
              onSeen();
            }}
          />
        );
      return (
        <Select
          id={ids.input}
          value={typeof value === 'string' && value ? value : undefined}
          status={status}
          {...ties}
          options={options}
          placeholder={t('applicant.form.choose')}
          className="field-choice"
          onBlur={onSeen}
          onChange={put}
        />
      );
    case 'choices':
      return (
        <Checkbox.Group
          value={Array.isArray(value) ? (value as string[]) : []}
          options={options}
          onChange={(chosen) => {
            put(chosen);
            onSeen();
          }}
        />
      );
    case 'yes':
      return (
        <Checkbox
          id={ids.input}
          checked={value === true}
          {...ties}
          onChange={(event) => {
            put(event.target.checked);
            onSeen();
          }}
        >
          {text(field.name)}
        </Checkbox>
      );
    case 'place':
      return <PlaceInput {...props} />;
    default:
      return <TextPart {...props} />;
  }
}

function Below({ part }: { part: Part }) {
  const t = useWords();
  const { field, answers, language, ids, lacks, told } = part;
  const counted = field.both || ['line', 'text'].includes(field.type);
  const used = counted ? charCount(textIn(answers, field, language)) : 0;
  const shown = told ? lacks : lacks.filter(({ code }) => code === 'too_long');
  return (
    <span className="field-below">
      <span id={ids.flaw} className="field-flaw">
        {shown.map(({ code }) => (
          <span key={code}>{t(`applicant.lack.${code}` as 'applicant.lack.empty')}</span>
        ))}
      </span>
      {counted && (
        <span id={ids.count} className={`num field-count${used > field.maxChars ? ' is-over' : ''}`}>
          {t('applicant.form.count', { used, max: field.maxChars })}
        </span>
      )}
    </span>
  );
}

export function FieldInput(props: Props) {
  const t = useWords();
  const text = useText();
  const { field, languages, secondRequired, lacks } = props;
  const wanted = field.both ? languages : [''];
  const help = text(field.help);
  const group = field.both || field.type === 'choices' || field.type === 'place' || isInSight(field);
  const name = (
    <>
      {text(field.name)}
      {!field.required && <span className="muted field-optional">{t('applicant.form.optional')}</span>}
    </>
  );
  const Frame = group ? 'fieldset' : 'div';
  return (
    <Frame className="entry-field" id={fieldId(`${field.id}-frame`)}>
      {group ? (
        <legend>{name}</legend>
      ) : field.type === 'yes' ? null : (
        <label htmlFor={fieldId(field.id)}>{name}</label>
      )}
      {help && (
        <p className="muted field-help" id={fieldId(`${field.id}-help`)}>
          {help}
        </p>
      )}
      <div className={wanted.length > 1 ? 'field-languages' : ''}>
        {wanted.map((language, i) => {
          const id = fieldId(field.id, language);
          const part: Part = {
            ...props,
            language,
            lacks: lacks.filter((lack) => lack.language === language),
            ids: {
              input: id,
              help: fieldId(`${field.id}-help`),
              count: ['line', 'text'].includes(field.type) || field.both ? `${id}-count` : '',
              flaw: `${id}-flaw`,
            },
          };
          return (
            <div key={language} className="field-part">
              {language && (
                <label htmlFor={id} className="muted">
                  {t(language === 'en' ? 'applicant.form.inEnglish' : 'applicant.form.inChinese')}
                  {i > 0 && !secondRequired && t('applicant.form.optional')}
                </label>
              )}
              <Control {...part} />
              <Below part={part} />
            </div>
          );
        })}
      </div>
    </Frame>
  );
}
