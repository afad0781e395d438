// Prizes without scores: the secretary writes down who is nominated, and why; the jury votes.
import type { AwardCycle, AwardPrize } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Section } from '@console/ui/Page';
import { Answer, Blank, useProblemText } from '@console/ui/states';
import { Alert, Button, Form, Input, Select } from 'antd';
import { awardsApi, useChange, useNominations } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { PrizeList } from '../staff/PrizeList';
import { useWords } from '../words';

function Prize({ cycle, prize }: { cycle: AwardCycle; prize: AwardPrize }) {
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const query = useNominations(cycle.id, prize.id);
  const [form] = Form.useForm<{ name: string; statement: string; group?: string }>();
  const nominate = useChange((wish: { name: string; statement: string; group?: string }) =>
    awardsApi.nominate(cycle.id, { prize: prize.id, ...wish }),
  );
  return (
    <Section
      title={text(prize.name)}
      tools={<span className="muted num">{t('secretariat.prize.winners', { n: prize.winners })}</span>}
    >
      <p className="muted">{text(prize.description)}</p>
      <Answer query={query}>
        {({ nominations }) =>
          nominations.length === 0 ? (
            <Blank title={t('secretariat.prize.none')} />
          ) : (
            <ul className="nominations">
              {nominations.map((one) => (
                <li key={one.id}>
                  <strong>{one.name}</strong>{' '}
                  {one.group && (
                    <span className="muted">{text(prize.groups.find(({ id }) => id === one.group)?.name)}</span>
                  )}
                  <p className="answer-text">{one.statement}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {nominate.error !== null && <Alert type="error" showIcon title={problem(nominate.error)} />}
      <Form
        form={form}
        name={prize.id}
        layout="vertical"
        className="give-key"
        onFinish={(wish) => nominate.mutate(wish, { onSuccess: () => form.resetFields() })}
      >
        {prize.groups.length > 0 && (
          <Form.Item
            name="group"
            label={t('secretariat.prize.group')}
            rules={[{ required: true, message: t('secretariat.prize.group') }]}
          >
            <Select options={prize.groups.map(({ id, name }) => ({ value: id, label: text(name) }))} />
          </Form.Item>
        )}
        <Form.Item
          name="name"
          label={t('secretariat.prize.name')}
          rules={[{ required: true, whitespace: true, message: t('secretariat.prize.name') }]}
        >
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item
          name="statement"
          label={t('secretariat.prize.statement')}
          rules={[{ required: true, whitespace: true, message: t('staff.reasonNeeded') }]}
        >
          <Input.TextArea rows={3} maxLength={4000} showCount />
        </Form.Item>
        <Button htmlType="submit" loading={nominate.isPending}>
          {t('secretariat.prize.nominate')}
        </Button>
      </Form>
    </Section>
  );
}

export function NominatePage() {
  const t = useWords();
  return (
    <CyclePage title={t('secretariat.tabs.nominate')}>
      {({ id }) => (
        <PrizeList id={id} hint={t('secretariat.prize.noPrizesHint')}>
          {(cycle, prize) => <Prize cycle={cycle} prize={prize} />}
        </PrizeList>
      )}
    </CyclePage>
  );
}
