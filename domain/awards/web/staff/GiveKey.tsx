// A holder hands in the key of a sealed review: the file that `cityloop awards key` wrote, and its passphrase. Both are sent
// once and kept nowhere on this machine.
import type { AwardSeal } from '@console/api/schema';
import { Section } from '@console/ui/Page';
import { useProblemText } from '@console/ui/states';
import { Alert, App, Button, Form, Input } from 'antd';
import { useRef, useState } from 'react';
import { useWords } from '../words';
import { awardsApi, type GivenKey, useChange } from './api';

export function GiveKey({
  cycle,
  who,
  seal,
  now,
}: {
  cycle: string;
  who: 'chair' | 'auditor';
  seal: AwardSeal;
  now: number;
}) {
  const t = useWords();
  const problem = useProblemText();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ passphrase: string }>();
  const [wrapped, setWrapped] = useState<{ name: string; key: Record<string, unknown> } | null>(null);
  const [broken, setBroken] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const give = useChange((key: GivenKey) => awardsApi.giveKey(cycle, who, key));
  const early = now < Date.parse(seal.closesAt);
  if (seal.unsealedEntry !== null) return null;
  const read = async (file: File | undefined) => {
    setBroken('');
    if (!file) return;
    try {
      const key = JSON.parse(await file.text()) as Record<string, unknown>;
      setWrapped({ name: file.name, key });
    } catch {
      setWrapped(null);
      setBroken(t('staff.seal.noKeyFile', { name: file.name }));
    }
  };
  const send = ({ passphrase }: { passphrase: string }) => {
    if (!wrapped) return;
    give.mutate(
      { wrapped: wrapped.key, passphrase },
      {
        onSuccess: (after) => {
          form.resetFields();
          setWrapped(null);
          void message.success(t(after.unsealedEntry === null ? 'staff.seal.keyTaken' : 'staff.seal.nowOpen'));
        },
      },
    );
  };
  return (
    <Section title={t('staff.seal.give')}>
      <p className="muted">{t('staff.seal.giveHint')}</p>
      {early && <Alert type="info" showIcon title={t('staff.seal.early')} />}
      {give.error !== null && <Alert type="error" showIcon title={problem(give.error)} />}
      {broken && <Alert type="error" showIcon title={broken} />}
      <Form form={form} layout="vertical" disabled={early} onFinish={send} className="give-key">
        <Form.Item label={t('staff.seal.keyFile')} htmlFor="key-file">
          <input
            id="key-file"
            ref={picker}
            type="file"
            accept=".json,application/json"
            disabled={early}
            onChange={({ target }) => void read(target.files?.[0])}
          />
        </Form.Item>
        <Form.Item
          name="passphrase"
          label={t('staff.seal.passphrase')}
          rules={[{ required: true, message: t('staff.seal.passphrase') }]}
        >
          <Input.Password autoComplete="off" />
        </Form.Item>
        <Button
          type="primary"
          htmlType="submit"
          disabled={early || !wrapped}
          loading={give.isPending}
          data-act="give-key"
        >
          {t('staff.seal.giveIt')}
        </Button>
      </Form>
    </Section>
  );
}
