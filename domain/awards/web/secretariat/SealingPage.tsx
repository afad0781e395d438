// Locking the review to holders of keys: once, before sheets are handed in, and for good. From then on nobody at the server
// can read what jurors have handed in until so many holders have brought their keys after the closing.
import type { AwardCycle } from '@console/api/schema';
import { Section } from '@console/ui/Page';
import { Answer, useProblemText } from '@console/ui/states';
import { Alert, App, Button, Form, Input, InputNumber } from 'antd';
import { awardsApi, useChange, useSeal } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useRoleName } from '../staff/role_name';
import { SealView } from '../staff/SealView';
import { useWords } from '../words';

const roles = ['chair', 'auditor', 'reserve'] as const;
type Wish = Record<(typeof roles)[number], string> & { need: number };

export const isPublicKey = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text.trim());

function Lock({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const role = useRoleName();
  const problem = useProblemText();
  const { modal } = App.useApp();
  const [form] = Form.useForm<Wish>();
  const lock = useChange((wish: Wish) =>
    awardsApi.seal(cycle.id, {
      need: wish.need,
      holders: roles.flatMap((each) =>
        wish[each]?.trim() ? [{ role: each, key: wish[each].trim().toLowerCase() }] : [],
      ),
    }),
  );
  const review = cycle.stages.find(({ id }) => id === 'review');
  if (!review?.closes) return <Alert type="info" showIcon title={t('secretariat.seal.noWindow')} />;
  const ask = (wish: Wish) =>
    modal.confirm({
      title: t('secretariat.seal.sure'),
      content: t('secretariat.seal.sureHint', { need: wish.need }),
      okText: t('secretariat.seal.lock'),
      cancelText: t('staff.cancel'),
      onOk: () => lock.mutateAsync(wish).catch(() => undefined),
    });
  return (
    <Section title={t('secretariat.seal.title')}>
      <p className="muted">{t('secretariat.seal.hint')}</p>
      {lock.error !== null && <Alert type="error" showIcon title={problem(lock.error)} />}
      <Form form={form} layout="vertical" className="give-key" initialValues={{ need: 2 }} onFinish={ask}>
        {roles.map((each) => (
          <Form.Item
            key={each}
            name={each}
            label={t('secretariat.seal.keyOf', { role: role(each) })}
            rules={[
              {
                validator: (_, value: string | undefined) =>
                  !value?.trim() || isPublicKey(value)
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('secretariat.seal.noKey'))),
              },
            ]}
          >
            <Input className="mono" spellCheck={false} autoComplete="off" placeholder="64 × 0–9 a–f" />
          </Form.Item>
        ))}
        <Form.Item name="need" label={t('secretariat.seal.need')}>
          <InputNumber min={1} max={3} precision={0} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={lock.isPending} data-act="seal">
          {t('secretariat.seal.lock')}
        </Button>
      </Form>
    </Section>
  );
}

function Sealing({ cycle }: { cycle: AwardCycle }) {
  const query = useSeal(cycle.id);
  return <Answer query={query}>{(seal) => (seal ? <SealView seal={seal} /> : <Lock cycle={cycle} />)}</Answer>;
}

export function SealingPage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.sealing')}>{(cycle) => <Sealing key={cycle.id} cycle={cycle} />}</CyclePage>
  );
}
