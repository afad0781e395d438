// Every rule: what it watches for, how often it speaks, and how often it was right.
import { Alert, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useRules } from '../api/queries';
import type { Rule, RuleError } from '../api/schema';
import { useText, useWord } from '../i18n';
import { useListKeys } from '../ui/list_keys';
import { Pill, SeverityMark } from '../ui/marks';
import { Page, Section } from '../ui/Page';
import { Answer } from '../ui/states';
import { CaseCounts, findingsOf, Precision } from './parts';
import './rules.css';

function Mistakes({ errors }: { errors: RuleError[] }) {
  const { t } = useTranslation();
  if (errors.length === 0) return null;
  return (
    <Alert
      type="error"
      showIcon
      title={t('rule.errors', { n: errors.length })}
      description={
        <>
          <ul className="rule-errors">
            {errors.map((error) => (
              <li key={`${error.file}:${error.line}:${error.reason}`}>
                <code>
                  {error.file}:{error.line}
                </code>
                : {error.reason}
              </li>
            ))}
          </ul>
          <p className="muted">{t('rule.errorsHint')}</p>
        </>
      }
    />
  );
}

function useColumns(): TableColumnsType<Rule> {
  const { t } = useTranslation();
  const text = useText();
  const word = useWord();
  return [
    {
      title: t('rule.name'),
      key: 'name',
      render: (_, rule) => (
        <Link to={`/rules/${encodeURIComponent(rule.id)}`} data-row={rule.id} className="strong">
          {text(rule.name) || rule.id}
          {!rule.enabled && (
            <>
              {' '}
              <Pill tone="stale">{t('rule.disabled')}</Pill>
            </>
          )}
        </Link>
      ),
    },
    { title: t('rule.kind'), dataIndex: 'kind', width: 100, render: (kind: string) => word('ruleKind', kind) },
    {
      title: t('rule.condition'),
      dataIndex: 'condition',
      render: (text: string) => <code className="condition">{text}</code>,
    },
    {
      title: t('rule.severity'),
      key: 'severity',
      width: 110,
      render: (_, rule) => <SeverityMark severity={rule.severity} />,
    },
    {
      title: t('rule.active'),
      key: 'active',
      width: 76,
      align: 'right',
      sorter: (a, b) => a.findings.active - b.findings.active,
      render: (_, rule) => <Link to={findingsOf(rule.id, 'active')}>{rule.findings.active}</Link>,
    },
    {
      title: t('rule.total'),
      key: 'total',
      width: 76,
      align: 'right',
      sorter: (a, b) => a.findings.total - b.findings.total,
      render: (_, rule) => <Link to={findingsOf(rule.id, 'all')}>{rule.findings.total}</Link>,
    },
    {
      title: t('rule.precision'),
      key: 'precision',
      width: 210,
      sorter: (a, b) => (a.precision ?? -1) - (b.precision ?? -1),
      render: (_, rule) => (
        <div>
          <Precision rule={rule} />
          {rule.precision != null && <CaseCounts rule={rule} />}
        </div>
      ),
    },
    {
      title: t('rule.openCases'),
      key: 'open',
      width: 84,
      align: 'right',
      render: (_, rule) => <Link to={`/cases?rule=${encodeURIComponent(rule.id)}`}>{rule.cases.open}</Link>,
    },
  ];
}

export function RulesPage() {
  const { t } = useTranslation();
  const rules = useRules();
  const go = useNavigate();
  const columns = useColumns();
  const list = useListKeys(undefined);
  return (
    <Page title={t('rule.title')}>
      <Answer query={rules}>
        {(page) => (
          <>
            <Mistakes errors={page.errors} />
            <Section flush title={t('rule.list')}>
              <div ref={list}>
                <Table<Rule>
                  size="small"
                  rowKey="id"
                  columns={columns}
                  dataSource={page.rules}
                  pagination={false}
                  scroll={{ x: 960 }}
                  showSorterTooltip={false}
                  locale={{ emptyText: t('rule.none') }}
                  onRow={(rule) => ({
                    className: 'clickable-row',
                    onClick: (event) => {
                      if (!(event.target as HTMLElement).closest('a')) void go(`/rules/${encodeURIComponent(rule.id)}`);
                    },
                  })}
                />
              </div>
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}
