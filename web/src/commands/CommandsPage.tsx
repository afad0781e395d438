// What waits for a person's word, and every command with what became of it.
import { SendOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useMay, usePendingCommands } from '../api/queries';
import type { Command, CommandStatus } from '../api/schema';
import { Age } from '../ui/Age';
import { EntityLink, useActor } from '../ui/Attribute';
import { useListKeys } from '../ui/list_keys';
import { Page, Section } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { spanText, toMs } from '../ui/time';
import { Approval } from './Approval';
import './commands.css';
import { NewCommand } from './NewCommand';
import { CommandPill, CommandText } from './parts';

const statuses: CommandStatus[] = [
  'requested',
  'pending_approval',
  'approved',
  'sent',
  'acknowledged',
  'succeeded',
  'failed',
  'timed_out',
  'refused',
];

function Waiting() {
  const { t } = useTranslation();
  const actor = useActor();
  const pending = usePendingCommands();
  const list = useListKeys(undefined);
  return (
    <Section title={t('command.waiting')}>
      <Answer query={pending} rows={2}>
        {({ commands }) =>
          commands.length === 0 ? (
            <Blank title={t('command.nothingWaiting')} hint={t('command.nothingWaitingHint')} />
          ) : (
            <div className="waiting-list" ref={list}>
              {commands.map((command) => (
                <article key={command.id} className="waiting-card" data-row={command.id} tabIndex={-1}>
                  <div>
                    <h3 className="waiting-title">
                      <CommandText command={command} />
                    </h3>
                    <EntityLink id={command.device} name={command.deviceName} />
                    <p className="muted">
                      {t('command.by')}: {actor(command.requestedBy)} · <Age at={command.requestedAt} />
                      {command.reason && ` · ${command.reason}`}
                    </p>
                    {command.forCase && (
                      <Link to={`/cases/${encodeURIComponent(command.forCase)}`}>{t('finding.openCase')}</Link>
                    )}
                  </div>
                  <Approval command={command} />
                </article>
              ))}
            </div>
          )
        }
      </Answer>
    </Section>
  );
}

function useColumns(): TableColumnsType<Command> {
  const { t } = useTranslation();
  const actor = useActor();
  const answeredIn = (command: Command) => {
    const sent = toMs(command.sentAt);
    const answered = toMs(command.answeredAt);
    if (sent === null || answered === null) return '—';
    const took = answered - sent;
    return took < 1000 ? `${took} ms` : spanText(took);
  };
  return [
    { title: t('command.at'), dataIndex: 'requestedAt', width: 110, render: (at: string) => <Age at={at} /> },
    {
      title: t('command.device'),
      key: 'device',
      render: (_, command) => <EntityLink id={command.device} name={command.deviceName} />,
    },
    { title: t('command.command'), key: 'what', render: (_, command) => <CommandText command={command} /> },
    {
      title: t('command.status'),
      dataIndex: 'status',
      width: 120,
      render: (status: CommandStatus) => <CommandPill status={status} />,
    },
    { title: t('command.by'), key: 'by', width: 120, render: (_, command) => actor(command.requestedBy) },
    { title: t('command.approvedBy'), key: 'approved', width: 110, render: (_, command) => actor(command.approvedBy) },
    {
      title: t('command.case'),
      key: 'case',
      width: 90,
      render: (_, command) =>
        command.forCase ? <Link to={`/cases/${encodeURIComponent(command.forCase)}`}>{t('help.open')}</Link> : '—',
    },
    { title: t('command.answered'), key: 'answered', width: 100, render: (_, command) => answeredIn(command) },
    { title: t('command.attempts'), dataIndex: 'attempts', width: 80, align: 'right' },
    {
      title: t('command.reason'),
      dataIndex: 'reason',
      ellipsis: true,
      render: (reason: string | null) => reason || '—',
    },
  ];
}

export function CommandsPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? '';
  const mayRequest = useMay('request_command');
  const [making, setMaking] = useState(false);
  const query = { status, limit: 200 };
  const all = useQuery({
    queryKey: keys.commands(query),
    queryFn: () => api.commands(query),
    placeholderData: keepPreviousData,
  });
  const columns = useColumns();
  const options = [
    { value: '', label: t('command.any') },
    ...statuses.map((value) => ({ value, label: t(`commandStatus.${value}`) })),
  ];
  const tools = mayRequest && (
    <Button icon={<SendOutlined />} onClick={() => setMaking(true)}>
      {t('command.new')}
    </Button>
  );
  return (
    <Page title={t('command.title')} tools={tools}>
      <Waiting />
      <Section
        flush
        title={t('command.history')}
        tools={
          <Select
            aria-label={t('command.status')}
            options={options}
            value={status}
            onChange={(value) => setParams(value ? { status: value } : {}, { replace: true })}
            style={{ minWidth: 130 }}
          />
        }
      >
        <Table<Command>
          size="small"
          rowKey="id"
          columns={columns}
          dataSource={all.data?.commands ?? []}
          loading={all.isPending}
          pagination={false}
          scroll={{ x: 1000 }}
          locale={{ emptyText: t('command.none') }}
        />
      </Section>
      <NewCommand open={making} close={() => setMaking(false)} />
    </Page>
  );
}
