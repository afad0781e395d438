// The inputs that a step asks for, drawn from its schema as the server lists it.
import { AutoComplete, Checkbox, Form, Input, InputNumber, Rate, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import type { ActionField, CaseAction, Geometry } from '../api/schema';
import { useText } from '../i18n';
import { LocationField } from './LocationField';
import { PhotoField } from './PhotoField';

const known = ['department', 'holder', 'outcome', 'reason'] as const;

interface Option {
  value: string;
  label: string;
}

function useFieldOptions(field: ActionField): Option[] | undefined {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  if (field.options) return field.options.map((option) => ({ value: option.value, label: text(option.label) }));
  if (field.name === 'department') return city.departments.map((each) => ({ value: each.id, label: text(each.name) }));
  if (field.name === 'outcome')
    return (['confirmed', 'false_alarm'] as const).map((value) => ({ value, label: t(`outcome.${value}`) }));
  return undefined;
}

// Stars where the choices are the numbers of a rating; the server takes them as words.
function Stars({ value, onChange, count }: { value?: string; onChange?: (value: string) => void; count: number }) {
  return (
    <Rate count={count} value={Number(value ?? 0)} onChange={(stars) => onChange?.(String(stars))} allowClear={false} />
  );
}

const isRating = (field: ActionField, options: Option[] | undefined) =>
  field.name === 'rating' && options?.every((option, i) => option.value === String(i + 1));

function inputOf(
  field: ActionField,
  options: Option[] | undefined,
  place: Geometry | null | undefined,
  autoFocus: boolean,
) {
  if (field.name === 'photos') return <PhotoField />;
  if (field.name === 'location') return <LocationField place={place ?? null} />;
  if (field.type === 'boolean') return <Checkbox />;
  if (isRating(field, options)) return <Stars count={options?.length ?? 5} />;
  // Another case is one of those suggested, or any by its number.
  if (field.name === 'into') return <AutoComplete options={options} autoFocus={autoFocus} />;
  if (field.name === 'cases') return <Select mode="tags" options={options} autoFocus={autoFocus} />;
  // A list without choices takes words.
  if (field.type === 'array')
    return <Select mode={options ? 'multiple' : 'tags'} options={options} autoFocus={autoFocus} />;
  if (options) return <Select options={options} showSearch={{ optionFilterProp: 'label' }} autoFocus={autoFocus} />;
  if (field.type === 'number' || field.type === 'integer')
    return (
      <InputNumber
        style={{ width: '100%' }}
        precision={field.type === 'integer' ? 0 : undefined}
        autoFocus={autoFocus}
      />
    );
  return <Input maxLength={500} autoFocus={autoFocus} />;
}

function Field({ field, place, first }: { field: ActionField; place: Geometry | null | undefined; first: boolean }) {
  const { t } = useTranslation();
  const options = useFieldOptions(field);
  const text = useText();
  const name = known.find((each) => each === field.name);
  const only = options?.length === 1 && field.type !== 'array' ? options[0]?.value : undefined;
  return (
    <Form.Item
      name={['fields', field.name]}
      label={field.label ? text(field.label) : name ? t(`case.${name}_field`) : field.name}
      valuePropName={field.type === 'boolean' ? 'checked' : 'value'}
      rules={[{ required: field.required, message: t('case.required') }]}
      initialValue={only}
    >
      {inputOf(field, options, place, first)}
    </Form.Item>
  );
}

export function StepFields({ action, place }: { action: CaseAction; place?: Geometry | null }) {
  const { t } = useTranslation();
  const noteNeeded = action.verb === 'note' || action.fields.some((field) => field.name === 'note' && field.required);
  const others = action.fields.filter((field) => field.name !== 'note');
  return (
    <>
      {others.map((field, i) => (
        <Field key={field.name} field={field} place={place} first={i === 0} />
      ))}
      <Form.Item
        name="note"
        label={t('case.note')}
        rules={[{ required: noteNeeded, whitespace: noteNeeded, message: t('case.required') }]}
      >
        <Input.TextArea
          rows={3}
          maxLength={2000}
          placeholder={noteNeeded ? undefined : t('case.noteHint')}
          autoFocus={others.length === 0}
        />
      </Form.Item>
    </>
  );
}
