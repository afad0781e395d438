// The fields of a step for a thumb: native controls, which every phone knows how to make large.
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import type { ActionField } from '../api/schema';
import { useText } from '../i18n';

interface Props {
  field: ActionField;
  value: unknown;
  missing: boolean;
  put: (value: unknown) => void;
}

const known = ['department', 'holder', 'outcome', 'reason'] as const;

function useOptions(field: ActionField) {
  const city = useCity();
  const text = useText();
  if (field.options) return field.options.map((option) => ({ value: option.value, label: text(option.label) }));
  if (field.name === 'department') return city.departments.map((each) => ({ value: each.id, label: text(each.name) }));
  return undefined;
}

function Many({ field, value, options, put }: Props & { options: { value: string; label: string }[] }) {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <span className="field-many">
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            name={field.name}
            checked={chosen.includes(option.value)}
            onChange={(event) =>
              put(event.target.checked ? [...chosen, option.value] : chosen.filter((each) => each !== option.value))
            }
          />
          {option.label}
        </label>
      ))}
    </span>
  );
}

function Control(props: Props & { id: string }) {
  const { t } = useTranslation();
  const { field, value, put, id, missing } = props;
  const options = useOptions(field);
  const common = { id, name: field.name, 'aria-invalid': missing, required: field.required };
  if (field.type === 'boolean')
    return <input {...common} type="checkbox" checked={value === true} onChange={(e) => put(e.target.checked)} />;
  if (options && field.type === 'array') return <Many {...props} options={options} />;
  if (options)
    return (
      <select {...common} value={String(value ?? '')} onChange={(e) => put(e.target.value)}>
        <option value="">{t('field.choose')}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    );
  if (field.type === 'number' || field.type === 'integer')
    return (
      <input
        {...common}
        type="number"
        inputMode="decimal"
        step={field.type === 'integer' ? 1 : 'any'}
        value={typeof value === 'number' ? value : ''}
        onChange={(e) => put(e.target.value === '' ? undefined : Number(e.target.value))}
      />
    );
  return (
    <input {...common} type="text" maxLength={500} value={String(value ?? '')} onChange={(e) => put(e.target.value)} />
  );
}

export function FieldInput(props: Props) {
  const { t } = useTranslation();
  const text = useText();
  const { field, missing } = props;
  const name = known.find((each) => each === field.name);
  const id = `field-${field.name}`;
  return (
    <div className="field-input">
      <label htmlFor={id}>
        {field.label ? text(field.label) : name ? t(`case.${name}_field`) : field.name}
        {field.required && <span aria-hidden="true"> *</span>}
      </label>
      <Control {...props} id={id} />
      {missing && <span className="problem">{t('case.required')}</span>}
    </div>
  );
}
