// Receipts of what was handed in: what they say, in plain words, and the files that prove it.
import { DownloadOutlined } from '@ant-design/icons';
import type { AwardCycle, AwardEntry, AwardReceipt } from '@console/api/schema';
import { saveFile } from '@console/ui/files';
import { Facts, Section } from '@console/ui/Page';
import { useProblemText } from '@console/ui/states';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { ZonedTime } from '../parts/times';
import { useWords } from '../words';
import { entryApi } from './api';
import { factsOf, inGroups, receiptFile, receiptName } from './receipt';

export interface ShownReceipt {
  version: number;
  receipt: AwardReceipt;
}

export function ReceiptModal(props: {
  shown: ShownReceipt | null;
  number: string;
  cycle: AwardCycle;
  close: () => void;
  fresh?: boolean; // it has just been handed in
}) {
  const t = useWords();
  const { shown, cycle, close, fresh } = props;
  const facts = shown && factsOf(shown.receipt);
  const number = facts?.subject.split('/')[0] || props.number;
  const save = () => shown && saveFile(receiptFile(shown.receipt), receiptName(number, shown.version));
  return (
    <Modal
      open={shown !== null}
      onCancel={close}
      title={fresh ? t('applicant.receipt.received') : t('applicant.receipt.title')}
      width={680}
      footer={
        <>
          <Button onClick={close}>{t('applicant.receipt.close')}</Button>
          <Button type="primary" icon={<DownloadOutlined />} onClick={save} data-act="save-receipt">
            {t('applicant.receipt.download')}
          </Button>
        </>
      }
    >
      {facts && (
        <div className="receipt" data-receipt={facts.subject}>
          <p className="receipt-number num">{number}</p>
          <Facts
            rows={[
              [t('applicant.receipt.at'), <ZonedTime key="at" at={facts.at} zone={cycle.timeZone} />],
              [t('applicant.receipt.version'), facts.subject.split('/')[1] ?? shown.version],
              [t('applicant.receipt.place'), t('applicant.receipt.placeOf', { n: facts.n + 1, size: facts.size })],
              [
                t('applicant.receipt.fingerprint'),
                <code key="print" className="fingerprint">
                  {inGroups(facts.fingerprint)}
                </code>,
              ],
            ]}
          />
          <h3>{t('applicant.receipt.means')}</h3>
          <ul className="receipt-words">
            <li>{t('applicant.receipt.means1')}</li>
            <li>{t('applicant.receipt.means2')}</li>
            <li>{t('applicant.receipt.means3')}</li>
          </ul>
          <p>
            {t('applicant.receipt.check')} <code>cityloop verify {receiptName(number, shown.version)}</code>
          </p>
        </div>
      )}
    </Modal>
  );
}

export function Receipts({ entry, cycle }: { entry: AwardEntry; cycle: AwardCycle }) {
  const t = useWords();
  const textOf = useProblemText();
  const { message } = App.useApp();
  const [shown, setShown] = useState<ShownReceipt | null>(null);
  if (entry.receipts.length === 0) return null;
  const open = (version: number) =>
    entryApi.receipt(entry.id, version).then(
      (receipt) => setShown({ version, receipt }),
      (error) => void message.error(textOf(error)),
    );
  return (
    <Section title={t('applicant.receipt.all')}>
      <ul className="file-rows entry-part">
        {[...entry.receipts].reverse().map(({ version, at }) => (
          <li key={version} className="file-row">
            <span>{t('applicant.receipt.of', { version })}</span>
            <ZonedTime at={at} zone={cycle.timeZone} />
            <span className="file-acts">
              <Button size="small" onClick={() => void open(version)}>
                {t('applicant.receipt.show')}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      <ReceiptModal shown={shown} number={entry.number} cycle={cycle} close={() => setShown(null)} />
    </Section>
  );
}
