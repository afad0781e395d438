import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import type { BacktestFinding } from '../api/schema';
import { Lasted, Moment } from '../ui/Age';
import { EntityLink, useAttributeName, useValueText } from '../ui/Attribute';

export function BacktestTable({ findings }: { findings: BacktestFinding[] }) {
  const { t } = useTranslation();
  const nameOf = useAttributeName();
  const textOf = useValueText();
  const columns: TableColumnsType<BacktestFinding> = [
    {
      title: t('finding.about'),
      key: 'about',
      render: (_, finding) => <EntityLink id={finding.about} name={finding.aboutName} />,
    },
    { title: t('finding.openedAt'), dataIndex: 'openedAt', render: (at: string) => <Moment at={at} /> },
    { title: t('finding.clearedAt'), dataIndex: 'clearedAt', render: (at: string | null) => <Moment at={at} /> },
    {
      title: t('finding.lasted'),
      key: 'lasted',
      render: (_, finding) => (finding.clearedAt ? <Lasted from={finding.openedAt} to={finding.clearedAt} /> : '—'),
    },
    {
      title: t('finding.values'),
      key: 'why',
      render: (_, finding) =>
        (finding.why?.values ?? [])
          .slice(0, 3)
          .map((value) => `${nameOf(value.attribute)} ${textOf(value.value, value.unitCode)}`)
          .join(' · '),
    },
  ];
  return (
    <Table<BacktestFinding>
      size="small"
      rowKey={(finding) => finding.about + finding.openedAt}
      columns={columns}
      dataSource={findings}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
    />
  );
}
