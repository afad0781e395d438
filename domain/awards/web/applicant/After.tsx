// What an applicant may decide after a proposal was handed in: where it is published, its certificate, taking it back.
import { DownloadOutlined } from '@ant-design/icons';
import type { AwardCycle, AwardEntry } from '@console/api/schema';
import { useText } from '@console/i18n';
import { saveFile } from '@console/ui/files';
import { Section } from '@console/ui/Page';
import { App, Button, Checkbox } from 'antd';
import { useNavigate } from 'react-router';
import { useWords } from '../words';
import { entryApi, usePutEntry } from './api';
import { useEntryStep } from './Waiting';

interface Props {
  entry: AwardEntry;
  cycle: AwardCycle;
}

export function Publication({ entry, cycle }: Props) {
  const t = useWords();
  const text = useText();
  const put = usePutEntry();
  const { busy, run } = useEntryStep();
  const wish = (what: { optOut?: boolean; consents?: string[] }) =>
    void run(async () => put(await entryApi.publish(entry.id, what)));
  return (
    <Section title={t('applicant.publish.title')}>
      <div className="entry-part">
        <p className="muted">{t('applicant.publish.hint')}</p>
        {(cycle.channels?.length ?? 0) > 0 && (
          <fieldset className="consents">
            <legend>{t('applicant.publish.consent')}</legend>
            <Checkbox.Group
              disabled={busy || entry.optOut}
              value={entry.consents}
              options={cycle.channels?.map(({ id, name }) => ({ value: id, label: text(name) }))}
              onChange={(consents) => wish({ consents })}
            />
          </fieldset>
        )}
        {cycle.optOut ? (
          <Checkbox
            checked={entry.optOut}
            disabled={busy}
            onChange={(event) => wish({ optOut: event.target.checked })}
            data-act="opt-out"
          >
            {t('applicant.publish.optOut')}
          </Checkbox>
        ) : (
          <p className="muted">{t('applicant.publish.always')}</p>
        )}
      </div>
    </Section>
  );
}

export function Certificate({ entry, cycle }: Props) {
  const t = useWords();
  const { busy, run } = useEntryStep();
  if (!cycle.certificate || (entry.stage !== 'awarded' && entry.stage !== 'honoured')) return null;
  return (
    <Section title={t('applicant.certificate.title')}>
      <div className="entry-part">
        <p>{t('applicant.certificate.hint')}</p>
        <div>
          <Button
            type="primary"
            icon={<DownloadOutlined />}
            loading={busy}
            data-act="certificate"
            onClick={() =>
              void run(async () => saveFile(await entryApi.certificate(entry.id), `${entry.number}-certificate.pdf`))
            }
          >
            {t('applicant.certificate.download')}
          </Button>
        </div>
      </div>
    </Section>
  );
}

const ended = ['awarded', 'honoured', 'not_shortlisted', 'lost', 'rejected', 'disqualified', 'withdrawn'];

// A draft is deleted, what was handed in is withdrawn.
export function Withdrawal({ entry }: { entry: AwardEntry }) {
  const t = useWords();
  const go = useNavigate();
  const put = usePutEntry();
  const { modal } = App.useApp();
  const { busy, run } = useEntryStep();
  const draft = entry.number === '';
  if (ended.includes(entry.stage)) return null;
  const ask = () =>
    modal.confirm({
      title: t(draft ? 'applicant.leave.dropAsk' : 'applicant.leave.withdrawAsk', { number: entry.number }),
      content: t(draft ? 'applicant.leave.dropMeans' : 'applicant.leave.withdrawMeans'),
      okText: t(draft ? 'applicant.leave.drop' : 'applicant.leave.withdraw'),
      okButtonProps: { danger: true },
      onOk: () =>
        run(async () => {
          if (!draft) return put(await entryApi.withdraw(entry.id));
          await entryApi.drop(entry.id);
          void go('/awards/entries');
        }),
    });
  return (
    <p>
      <Button danger loading={busy} onClick={ask} data-act={draft ? 'drop' : 'withdraw'}>
        {t(draft ? 'applicant.leave.drop' : 'applicant.leave.withdraw')}
      </Button>
    </p>
  );
}
