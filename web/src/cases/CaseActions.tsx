// What the signed-in person may do with the case now. The server says which steps and which fields; the page only asks.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { ActionField, Case, CaseAction } from '../api/schema';
import { useText, useWord } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { useProblemText } from '../ui/states';
import { caseHotkeys } from './hotkey_names';

const known = ['department', 'holder', 'outcome', 'reason'] as const;
const forward = ['grant', 'take_up', 'dispatch', 'accept', 'report', 'verify', 'close'];
const grave = ['cancel', 'return', 'refuse', 'deny'];

function useAct(item: Case, done: () => void) {
  const { t } = useTranslation();
  const word = useWord();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: ({ verb, note, fields }: { verb: string; note?: string; fields?: Record<string, unknown> }) =>
      api.actOnCase(item.id, { verb, note, fields }),
    onSuccess: (after, { verb }) => {
      client.setQueryData(keys.case(item.id), after);
      void client.invalidateQueries({ queryKey: keys.cases() });
      void client.invalidateQueries({ queryKey: keys.trace(item.id) });
      void message.success(t('case.acted', { verb: word('verb', verb) }));
      done();
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
}

function useFieldOptions(field: ActionField) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  if (field.options) return field.options.map((option) => ({ value: option.value, label: text(option.label) }));
  if (field.name === 'department') return city.departments.map((each) => ({ value: each.id, label: text(each.name) }));
  if (field.name === 'outcome')
    return (['confirmed', 'false_alarm'] as const).map((value) => ({ value, label: t(`outcome.${value}`) }));
  return undefined;
}

// The input that fits what the form asks for. A list without choices takes words, as addresses of photos.
function inputOf(field: ActionField, options: { value: string; label: string }[] | undefined) {
  if (field.type === 'boolean') return <Checkbox />;
  if (field.type === 'array') return <Select mode={options ? 'multiple' : 'tags'} options={options} />;
  if (options) return <Select options={options} />;
  if (field.type === 'number' || field.type === 'integer') return <InputNumber style={{ width: '100%' }} />;
  return <Input maxLength={500} />;
}

function Field({ field }: { field: ActionField }) {
  const { t } = useTranslation();
  const options = useFieldOptions(field);
  const text = useText();
  const name = known.find((each) => each === field.name);
  return (
    <Form.Item
      name={['fields', field.name]}
      label={field.label ? text(field.label) : name ? t(`case.${name}_field`) : field.name}
      valuePropName={field.type === 'boolean' ? 'checked' : 'value'}
      rules={[{ required: field.required, message: t('case.required') }]}
      initialValue={options?.length === 1 && field.type !== 'array' ? options[0]?.value : undefined}
    >
      {inputOf(field, options)}
    </Form.Item>
  );
}

// As the workflow names it; an ellipsis where somebody else must agree.
function useActionName() {
  const word = useWord();
  const text = useText();
  return (action: CaseAction) =>
    `${action.name ? text(action.name) : word('verb', action.verb)}${action.asks ? '…' : ''}`;
}

interface Values {
  note?: string;
  fields?: Record<string, unknown>;
}

function ActionForm({ item, action, close }: { item: Case; action: CaseAction; close: () => void }) {
  const { t } = useTranslation();
  const name = useActionName();
  const [form] = Form.useForm<Values>();
  const act = useAct(item, close);
  const noteNeeded = action.verb === 'note';
  return (
    <Modal
      open
      title={name(action)}
      okText={t('case.submit')}
      okButtonProps={{ danger: grave.includes(action.verb) }}
      cancelText={t('app.cancel')}
      onCancel={close}
      onOk={() => form.submit()}
      confirmLoading={act.isPending}
    >
      <Form form={form} layout="vertical" onFinish={(values) => act.mutate({ verb: action.verb, ...values })}>
        {action.fields
          .filter((field) => field.name !== 'note')
          .map((field) => (
            <Field key={field.name} field={field} />
          ))}
        <Form.Item
          name="note"
          label={t('case.note')}
          rules={[
            {
              required: noteNeeded || action.fields.some((field) => field.name === 'note' && field.required),
              message: t('case.required'),
            },
          ]}
        >
          <Input.TextArea
            rows={3}
            maxLength={2000}
            placeholder={noteNeeded ? undefined : t('case.noteHint')}
            autoFocus
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}

export function CaseActions({ item }: { item: Case }) {
  const { t } = useTranslation();
  const name = useActionName();
  const [asked, ask] = useState<CaseAction | null>(null);
  const open = (verb: string) => ask(item.actions.find((action) => action.verb === verb) ?? null);
  const hotkeys = Object.fromEntries(Object.entries(caseHotkeys).map(([key, verb]) => [key, () => open(verb)]));
  useHotkeys(hotkeys);
  const main = forward.find((verb) => item.actions.some((action) => action.verb === verb));
  const keyOf = (verb: string) => Object.entries(caseHotkeys).find(([, each]) => each === verb)?.[0];
  const ended = item.outcome !== 'open';
  if (item.actions.length === 0) return ended ? null : <p className="muted">{t('case.nothingToDo')}</p>;
  return (
    <div className="case-actions">
      {item.actions.map((action) => (
        <Button
          key={action.verb}
          type={action.verb === main ? 'primary' : 'default'}
          danger={grave.includes(action.verb)}
          data-verb={action.verb}
          onClick={() => ask(action)}
        >
          {name(action)}
          {keyOf(action.verb) && <kbd>{keyOf(action.verb)}</kbd>}
        </Button>
      ))}
      {asked && <ActionForm item={item} action={asked} close={() => ask(null)} />}
    </div>
  );
}
