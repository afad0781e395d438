// The award log: its head, to be kept outside of the city; whether it grew from a head kept before; and receipts, checked
// here in the browser with the files that they are said to be of.
import { get } from '@console/api/http';
import { Moment } from '@console/ui/Age';
import { saveFile } from '@console/ui/files';
import { Facts, Page, Section } from '@console/ui/Page';
import { Answer, Failed } from '@console/ui/states';
import { Alert, Button, Input } from 'antd';
import { useRef, useState } from 'react';
import { logRoot, useLogHead } from '../staff/api';
import '../staff/staff.css';
import { useCycle } from '../staff/use_cycle';
import { useWords } from '../words';
import { checkGrowth, checkHead, type Finding, type Growth, type Head, judge, Wrong } from './verify';

const growthFrom = (size: number) => get<Growth>(`${logRoot}/growth`, { from: String(size) });
const types = { proved: 'success', wrong: 'error', open: 'info' } as const;

function Findings({ findings }: { findings: Finding[] }) {
  const t = useWords();
  return (
    <div role="status" className="findings">
      {findings.map((one, i) => (
        <Alert
          key={i}
          type={types[one.holds]}
          showIcon
          data-finding={one.code}
          title={t(`audit.verify.${one.code as 'received'}`, one.values)}
        />
      ))}
    </div>
  );
}

function Verify({ logKey }: { logKey: string }) {
  const t = useWords();
  const [findings, setFindings] = useState<Finding[]>([]);
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>(null);
  const picker = useRef<HTMLInputElement>(null);
  const check = async (files: readonly File[], pasted: string) => {
    setError(null);
    try {
      const read = await Promise.all(
        files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const asText = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);
      const isReceipt = (one: { name: string; bytes: Uint8Array }) => asText(one).includes('"cityloop_receipt"');
      const receipts = read.filter(isReceipt).map((one) => ({ name: one.name, text: asText(one) }));
      if (pasted.trim()) receipts.push({ name: t('audit.pasted'), text: pasted });
      const others = read.filter((one) => !isReceipt(one));
      const found: Finding[] = [];
      for (const receipt of receipts)
        found.push(...(await judge(receipt.name, receipt.text, others, logKey, growthFrom)));
      if (receipts.length === 0) found.push({ holds: 'open', code: 'nothingToCheck', values: {} });
      setFindings(found);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Section title={t('audit.verify.title')}>
      <p className="muted">{t('audit.verify.hint')}</p>
      <div className="verify-drop">
        <label htmlFor="receipts">{t('audit.verify.files')}</label>
        <input
          id="receipts"
          ref={picker}
          type="file"
          multiple
          onChange={({ target }) => void check([...(target.files ?? [])], '')}
        />
      </div>
      <Input.TextArea
        rows={4}
        className="mono"
        value={text}
        onChange={({ target }) => setText(target.value)}
        aria-label={t('audit.verify.paste')}
        placeholder={t('audit.verify.paste')}
        spellCheck={false}
      />
      <p>
        <Button type="primary" disabled={!text.trim()} onClick={() => void check([], text)} data-act="verify">
          {t('audit.verify.check')}
        </Button>
      </p>
      {error !== null && <Failed error={error} />}
      <Findings findings={findings} />
    </Section>
  );
}

const keptKey = 'cityloop.awards.head';

// The head that was looked at here last: on this machine, so that a log that is not the same any more is found out.
function useKeptHead(): [Head | null, (head: Head) => void] {
  const [kept, set] = useState<Head | null>(() => {
    try {
      return JSON.parse(localStorage.getItem(keptKey) ?? 'null') as Head | null;
    } catch {
      return null;
    }
  });
  return [
    kept,
    (head) => {
      localStorage.setItem(keptKey, JSON.stringify(head));
      set(head);
    },
  ];
}

function LogHead({ head, logKey }: { head: Head; logKey: string }) {
  const t = useWords();
  const [kept, keep] = useKeptHead();
  const [found, setFound] = useState<Finding[]>([]);
  const compare = async () => {
    if (!kept) return;
    try {
      checkHead(head, logKey);
      checkHead(kept, logKey);
      const growth = await growthFrom(kept.size);
      checkGrowth(kept, growth, logKey);
      setFound([{ holds: 'proved', code: 'grown', values: { from: kept.size, to: growth.head.size } }]);
    } catch (error) {
      setFound([
        error instanceof Wrong
          ? {
              holds: 'wrong',
              code: error.code === 'otherLog' ? 'headOther' : 'growth',
              values: { name: t('audit.kept') },
            }
          : { holds: 'open', code: 'noGrowth', values: {} },
      ]);
    }
  };
  const file = () =>
    saveFile(
      new Blob([JSON.stringify({ cityloop_head: 1, head, key: logKey })], { type: 'application/json' }),
      `head-${head.size}.json`,
    );
  return (
    <Section title={t('audit.head')}>
      <p className="muted">{t('audit.headHint')}</p>
      <Facts
        rows={[
          [t('audit.size'), <strong className="num">{head.size}</strong>],
          [t('audit.signedAt'), <Moment at={head.at} />],
          [t('audit.fingerprint'), <code className="digest">{head.log}</code>],
          [t('audit.root'), <code className="digest">{head.root}</code>],
        ]}
      />
      <div className="award-steps">
        <Button onClick={file}>{t('audit.saveHead')}</Button>
        <Button onClick={() => keep(head)} data-act="keep-head">
          {t('audit.keepHead')}
        </Button>
        <Button type="primary" disabled={!kept} onClick={() => void compare()} data-act="compare">
          {t('audit.compare')}
        </Button>
        <Button href={`${logRoot}/key`} target="_blank" rel="noreferrer">
          {t('audit.key')}
        </Button>
        {kept && (
          <span className="muted">
            {t('audit.keptHead', { n: kept.size })} <Moment at={kept.at} />
          </span>
        )}
      </div>
      <Findings findings={found} />
    </Section>
  );
}

export function LogPage() {
  const t = useWords();
  useCycle(); // its time zone
  const query = useLogHead();
  return (
    <Page title={t('audit.tabs.log')}>
      <Answer query={query}>
        {({ head, key }) => (
          <>
            <LogHead head={head} logKey={key} />
            <Verify logKey={key} />
          </>
        )}
      </Answer>
    </Page>
  );
}
