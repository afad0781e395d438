// What the signed-in person may do with the case now. The server says which steps and which fields; the page only asks.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select } from 'antd';
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
const forward = ['dispatch', 'accept', 'report', 'verify', 'close'];
const grave = ['cancel', 'return'];

function useAct(item: Case, done: () => void) {
  const { t } = useTranslation();
  const word = useWord();
  const client = useQueryClient();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: ({ verb, note, fields }: { verb: string; note?: string; fields?: Record<string, string> }) =>
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

function Field({ field }: { field: ActionField }) {
  const { t } = useTranslation();
  const options = useFieldOptions(field);
  const name = known.find((each) => each === field.name);
  return (
    <Form.Item
      name={['fields', field.name]}
      label={name ? t(`case.${name}_field`) : field.name}
      rules={[{ required: field.required, message: t('case.required') }]}
      initialValue={options?.length === 1 ? options[0]?.value : undefined}
    >
      {options ? <Select options={options} /> : <Input maxLength={500} />}
    </Form.Item>
  );
}

interface Values {
  note?: string;
  fields?: Record<string, string>;
}

function ActionForm({ item, action, close }: { item: Case; action: CaseAction; close: () => void }) {
  const { t } = useTranslation();
  const word = useWord();
  const [form] = Form.useForm<Values>();
  const act = useAct(item, close);
  const noteNeeded = action.verb === 'note';
  return (
    <Modal
      open
      title={word('verb', action.verb)}
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
  const word = useWord();
  const [asked, ask] = useState<CaseAction | null>(null);
  const open = (verb: string) => ask(item.actions.find((action) => action.verb === verb) ?? null);
  const hotkeys = Object.fromEntries(Object.entries(caseHotkeys).map(([key, verb]) => [key, () => open(verb)]));
  useHotkeys(hotkeys);
  const main = forward.find((verb) => item.actions.some((action) => action.verb === verb));
  const keyOf = (verb: string) => Object.entries(caseHotkeys).find(([, each]) => each === verb)?.[0];
  const ended = item.state === 'closed' || item.state === 'cancelled';
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
          {word('verb', action.verb)}
          {keyOf(action.verb) && <kbd>{keyOf(action.verb)}</kbd>}
        </Button>
      ))}
      {asked && <ActionForm item={item} action={asked} close={() => ask(null)} />}
    </div>
  );
}
