// One step of the secretary, for one proposal or many: what is said with it, and what became of each.
import { Problem } from '@console/api/client';
import type { AwardCycle, AwardHead } from '@console/api/schema';
import { useText } from '@console/i18n';
import { inParallel } from '@console/inbox/bulk';
import { Pill } from '@console/ui/marks';
import { useProblemText } from '@console/ui/states';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, Progress, Select } from 'antd';
import { useState } from 'react';
import { awardsApi } from '../staff/api';
import { needsNote, type SecretaryVerb } from '../staff/stages';
import { useWords } from '../words';

interface Outcome {
  id: string;
  why: string; // empty: it was done
}

export function StepDialogue(props: {
  cycle: AwardCycle;
  verb: SecretaryVerb;
  proposals: readonly AwardHead[];
  close: () => void;
}) {
  const { cycle, verb, proposals, close } = props;
  const t = useWords();
  const text = useText();
  const problem = useProblemText();
  const client = useQueryClient();
  const [form] = Form.useForm<{ note?: string; category?: string }>();
  const [running, setRunning] = useState(false);
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const one = proposals[0];
  const run = async (values: { note?: string; category?: string }) => {
    setRunning(true);
    const found: Outcome[] = [];
    await inParallel(proposals, async ({ id }) => {
      const why = await awardsApi.step(id, { verb, ...values }).then(
        () => '',
        (error: unknown) => problem(error instanceof Problem ? error : new Problem(0, String(error))),
      );
      found.push({ id, why });
      setOutcomes([...found]);
    });
    setRunning(false);
    await client.invalidateQueries({ queryKey: ['awards'] });
    if (found.every(({ why }) => !why)) close();
  };
  const failed = outcomes.filter(({ why }) => why);
  const over = outcomes.length > 0 && !running;
  const danger = verb === 'reject_entry' || verb === 'disqualify';
  return (
    <Modal
      open
      title={
        proposals.length === 1
          ? `${t(`secretariat.verb.${verb}`)} · ${one?.number}`
          : t('secretariat.bulk.title', { verb: t(`secretariat.verb.${verb}`), n: proposals.length })
      }
      onCancel={close}
      closable={!running}
      footer={
        over ? (
          <Button type="primary" onClick={close}>
            {t('secretariat.bulk.close')}
          </Button>
        ) : (
          <>
            <Button onClick={close} disabled={running}>
              {t('staff.cancel')}
            </Button>
            <Button type="primary" danger={danger} loading={running} onClick={() => form.submit()} data-act="take-step">
              {t(`secretariat.verb.${verb}`)}
            </Button>
          </>
        )
      }
    >
      {outcomes.length === 0 && <p className="muted">{t(`secretariat.about.${verb}`)}</p>}
      <Form
        form={form}
        layout="vertical"
        scrollToFirstError={{ focus: true }}
        hidden={over}
        disabled={running}
        onFinish={(values) => void run(values)}
      >
        {verb === 'announce_transfer' && (
          <Form.Item
            name="category"
            label={t('secretariat.toCategory')}
            rules={[{ required: true, message: t('secretariat.toCategory') }]}
          >
            <Select
              options={cycle.categories
                .filter(({ id }) => id !== one?.category)
                .map(({ id, name }) => ({ value: id, label: text(name) }))}
            />
          </Form.Item>
        )}
        <Form.Item
          name="note"
          label={needsNote(verb) ? t(`secretariat.noteOf.${verb as 'reject_entry'}`) : t('secretariat.noteMay')}
          rules={needsNote(verb) ? [{ required: true, whitespace: true, message: t('staff.reasonNeeded') }] : []}
        >
          <Input.TextArea rows={4} maxLength={4000} showCount autoFocus />
        </Form.Item>
      </Form>
      {running && proposals.length > 1 && <Progress percent={Math.round((100 * outcomes.length) / proposals.length)} />}
      {over && (
        <div role="status">
          <Alert
            type="warning"
            showIcon
            title={t('secretariat.bulk.summary', { done: outcomes.length - failed.length, refused: failed.length })}
          />
          <table className="plain-table">
            <caption>{t('secretariat.bulk.refused')}</caption>
            <tbody>
              {failed.map(({ id, why }) => (
                <tr key={id}>
                  <td className="num">{proposals.find((each) => each.id === id)?.number}</td>
                  <td>
                    <Pill tone="alarm">{t('secretariat.bulk.notDone')}</Pill> {why}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Modal>
  );
}
