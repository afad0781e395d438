// The rows that were turned away, as they came, each with its reason.
import { useQuery } from '@tanstack/react-query';
import { Drawer, Select, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Feed, Reject } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { Failed } from '../ui/states';
import { numberText } from '../ui/values';

interface Props {
  feed: Feed | undefined;
  reason: string;
  choose: (reason: string) => void;
  close: () => void;
}

export function Rejects({ feed, reason, choose, close }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const name = feed?.name ?? '';
  const query = useQuery({
    queryKey: keys.rejects(name, reason),
    queryFn: () => api.rejects(name, reason),
    enabled: feed !== undefined,
  });
  const wordsOf = (code: string) => text(feed?.rejected.find((each) => each.reason === code)?.text) || code;
  const columns: TableColumnsType<Reject> = [
    { title: t('feed.at'), dataIndex: 'at', width: 90, render: (at: string) => <Age at={at} /> },
    {
      title: t('feed.line'),
      dataIndex: 'line',
      width: 70,
      align: 'right',
      render: (line: number | null) => line ?? '—',
    },
    { title: t('feed.reason'), dataIndex: 'reason', width: 150, render: wordsOf },
    { title: t('feed.detail'), dataIndex: 'detail', width: 210 },
    {
      title: t('feed.row'),
      dataIndex: 'row',
      render: (row: Reject['row']) => <code className="raw-row">{row === null ? '' : String(row ?? '')}</code>,
    },
  ];
  const options = [
    { value: '', label: t('feed.anyReason') },
    ...(feed?.rejected ?? []).map((each) => ({
      value: each.reason,
      label: `${text(each.text) || each.reason} (${numberText(each.count)})`,
    })),
  ];
  return (
    <Drawer
      open={feed !== undefined}
      onClose={close}
      size={900}
      title={t('feed.rejectsOf', { name: text(feed?.title) || name })}
      extra={
        <Select
          aria-label={t('feed.reason')}
          options={options}
          value={reason}
          onChange={choose}
          style={{ minWidth: 200 }}
        />
      }
    >
      {query.error ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Table<Reject>
          size="small"
          rowKey={(row) => `${row.at}${row.line ?? ''}${row.row ?? ''}`}
          columns={columns}
          dataSource={query.data?.rejects ?? []}
          loading={query.isPending}
          pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
          locale={{ emptyText: t('feed.noRejects') }}
        />
      )}
    </Drawer>
  );
}
