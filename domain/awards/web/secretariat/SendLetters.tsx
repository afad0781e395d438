// Sending the letters that were picked: which, once more before it is done, and afterwards what could not be sent.
import type { AwardLettersSent } from '@console/api/schema';
import { useText } from '@console/i18n';
import { useProblemText } from '@console/ui/states';
import { Alert, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { awardsApi, useChange } from '../staff/api';
import { useWords } from '../words';
import { byCode, type Letter, portions, together, wishOf } from './letters';

function Outcome({ done, letters }: { done: AwardLettersSent; letters: readonly Letter[] }) {
  const t = useWords();
  const text = useText();
  const whose = (proposal: string) => {
    const one = letters.find((letter) => letter.proposal === proposal);
    return one?.number || one?.title || proposal;
  };
  return (
    <>
      <p role="status">
        {t(done.server ? 'secretariat.letters.done' : 'secretariat.letters.doneWaiting', { n: done.sent })}
        {done.already > 0 && ` ${t('secretariat.letters.already', { n: done.already })}`}
      </p>
      {done.left.length > 0 && (
        <>
          <strong>{t('secretariat.letters.left', { n: done.left.length })}</strong>
          <ul className="letters-left">
            {done.left.map((one) => (
              <li key={one.proposal + one.code}>
                <span className="num">{whose(one.proposal)}</span> · {t(`secretariat.letters.code.${one.code}`)}:{' '}
                {text(one.why)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

export function SendLetters(props: {
  cycle: string;
  letters: readonly Letter[];
  again: boolean;
  server: boolean;
  close: () => void;
}) {
  const { cycle, letters, again, server, close } = props;
  const t = useWords();
  const problem = useProblemText();
  const [form] = Form.useForm<{ reason?: string }>();
  const [done, setDone] = useState<AwardLettersSent>();
  const send = useChange(async (reason: string) => {
    const all: AwardLettersSent[] = [];
    for (const some of portions(letters))
      all.push(await awardsApi.sendLetters(cycle, { letters: some.map(wishOf), reason }));
    return together(all);
  });
  const run = ({ reason }: { reason?: string }) =>
    send.mutate(reason?.trim() ?? '', { onSuccess: (outcome) => setDone(outcome) });
  const act = t(again ? 'secretariat.letters.again' : 'secretariat.letters.send');
  return (
    <Modal
      open
      title={t(again ? 'secretariat.letters.sureAgain' : 'secretariat.letters.sure', { n: letters.length })}
      onCancel={close}
      closable={!send.isPending}
      footer={
        done ? (
          <Button type="primary" onClick={close}>
            {t('secretariat.bulk.close')}
          </Button>
        ) : (
          <>
            <Button onClick={close} disabled={send.isPending}>
              {t('staff.cancel')}
            </Button>
            <Button type="primary" loading={send.isPending} onClick={() => form.submit()} data-act="send-letters">
              {act}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <Outcome done={done} letters={letters} />
      ) : (
        <>
          <ul className="letters-left">
            {byCode(letters).map(({ code, n }) => (
              <li key={code}>
                {t(`secretariat.letters.code.${code}`)} <span className="num">{n}</span>
              </li>
            ))}
          </ul>
          {!server && <Alert type="warning" showIcon title={t('secretariat.letters.noServer')} />}
        </>
      )}
      {send.isError && <Alert type="error" showIcon title={problem(send.error)} />}
      <Form form={form} layout="vertical" hidden={done !== undefined} disabled={send.isPending} onFinish={run}>
        {again && (
          <Form.Item
            name="reason"
            label={t('secretariat.letters.reason')}
            rules={[{ required: true, whitespace: true, message: t('secretariat.letters.noReason') }]}
          >
            <Input.TextArea autoFocus rows={2} maxLength={1000} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
