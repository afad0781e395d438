// How the machine itself does: its log, its loops, what it counted, whom it turned away.
import { useQuery } from '@tanstack/react-query';
import { Input, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Operations } from '../api/schema';
import { useWord } from '../i18n';
import { Pill } from '../ui/marks';
import { Facts, Page, Section } from '../ui/Page';
import { Answer } from '../ui/states';
import { bytesText, numberText } from '../ui/values';

type Loop = Operations['loops'][number];
type Refusal = Operations['refusals'][number];

const logNames = ['seq', 'records', 'bytesOnDisk', 'flushMsMean', 'flushMsP50', 'flushMsP99'] as const;
const behindMuch = 1000;

function LogFacts({ log }: { log: Operations['log'] }) {
  const { t } = useTranslation();
  const rows = Object.entries(log).map(([name, value]): [React.ReactNode, React.ReactNode] => {
    const known = logNames.find((each) => each === name);
    const shown = name === 'bytesOnDisk' ? bytesText(Number(value)) : numberText(Number(value));
    return [known ? t(`operations.${known}`) : name, <b key={name}>{shown}</b>];
  });
  return <Facts rows={rows} />;
}

function Loops({ loops }: { loops: Loop[] }) {
  const { t } = useTranslation();
  const columns: TableColumnsType<Loop> = [
    {
      title: t('operations.loop'),
      dataIndex: 'name',
      render: (name: string, loop) => (
        <>
          <strong>{name}</strong>
          {loop.rebuilt && (
            <div className="muted">
              {t('operations.rebuilt')} <span lang="en">{loop.rebuilt}</span>
            </div>
          )}
        </>
      ),
    },
    { title: t('operations.done'), dataIndex: 'done', align: 'right', render: (n: number) => numberText(n) },
    {
      title: t('operations.behind'),
      dataIndex: 'behind',
      align: 'right',
      render: (n: number) =>
        n === 0 ? (
          <Pill tone="ok">{t('operations.caughtUp')}</Pill>
        ) : (
          <Pill tone={n > behindMuch ? 'alarm' : 'plain'}>{numberText(n)}</Pill>
        ),
    },
  ];
  return <Table<Loop> size="small" rowKey="name" columns={columns} dataSource={loops} pagination={false} />;
}

function Refusals({ refusals }: { refusals: Refusal[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const columns: TableColumnsType<Refusal> = [
    { title: t('operations.action'), dataIndex: 'action', render: (action: string) => <code>{action}</code> },
    { title: t('operations.role'), dataIndex: 'role', render: (role: string) => word('role', role) },
    { title: t('operations.count'), dataIndex: 'count', align: 'right', render: (n: number) => numberText(n) },
  ];
  return (
    <Table<Refusal>
      size="small"
      rowKey={(row) => row.action + row.role}
      columns={columns}
      dataSource={refusals}
      pagination={false}
      locale={{ emptyText: t('operations.noRefusals') }}
    />
  );
}

function Counters({ counters }: { counters: Operations['counters'] }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const rows = Object.entries(counters)
    .filter(([name]) => name.toLowerCase().includes(words.toLowerCase()))
    .sort((a, b) => a[0].localeCompare(b[0]))
    .map(([name, value]) => ({ name, value }));
  const columns: TableColumnsType<{ name: string; value: number }> = [
    { title: t('operations.counter'), dataIndex: 'name', render: (name: string) => <code>{name}</code> },
    { title: t('operations.count'), dataIndex: 'value', align: 'right', render: (n: number) => numberText(n) },
  ];
  return (
    <Section
      flush
      title={t('operations.counters')}
      tools={
        <Input.Search
          allowClear
          aria-label={t('operations.search')}
          placeholder={t('operations.search')}
          onChange={(event) => setWords(event.target.value)}
          style={{ width: 220 }}
        />
      }
    >
      <Table size="small" rowKey="name" columns={columns} dataSource={rows} pagination={false} />
    </Section>
  );
}

export function OperationsPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: keys.operations, queryFn: api.operations, refetchInterval: 3000 });
  return (
    <Page title={t('operations.title')}>
      <Answer query={query}>
        {(operations) => (
          <>
            <Section title={t('operations.log')}>
              <LogFacts log={operations.log} />
            </Section>
            <div className="columns">
              <Section flush title={t('operations.loops')}>
                <Loops loops={operations.loops} />
              </Section>
              <Section flush title={t('operations.refusals')}>
                <Refusals refusals={operations.refusals} />
              </Section>
            </div>
            <Counters counters={operations.counters} />
          </>
        )}
      </Answer>
    </Page>
  );
}
