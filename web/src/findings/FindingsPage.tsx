// What the rules have found: filtered by state, rule and entity, all kept in the address.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { NavLink, useParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { arrivals } from '../api/live';
import { useMapEntity, useRules } from '../api/queries';
import type { Finding } from '../api/schema';
import { useStore } from '../api/store';
import { useText } from '../i18n';
import { Age, Lasted } from '../ui/Age';
import { useAddressByName } from '../ui/address';
import { useListKeys } from '../ui/list_keys';
import { MasterDetail } from '../ui/MasterDetail';
import { Pill, SeverityMark } from '../ui/marks';
import { Answer, Blank } from '../ui/states';
import { useRealNow } from '../ui/ticker';
import { shortId } from '../ui/values';

const freshMs = 20_000;
const pageSize = 100;

function FindingRow({ finding, search }: { finding: Finding; search: string }) {
  const { t } = useTranslation();
  const text = useText();
  const fresh = useRealNow() - (useStore(arrivals).get(finding.id) ?? 0) < freshMs;
  const active = finding.status === 'active';
  return (
    <NavLink
      to={{ pathname: `/findings/${encodeURIComponent(finding.id)}`, search }}
      className={({ isActive }) => `row${isActive ? ' selected' : ''}${fresh ? ' fresh' : ''}`}
      data-row={finding.id}
    >
      <span className="row-title">{text(finding.title)}</span>
      <span className="row-side">
        <Age at={finding.openedAt} />
      </span>
      <span className="row-sub">
        <SeverityMark severity={finding.severity} word={false} />
        {finding.aboutName}
      </span>
      <span className="row-side">
        {active ? (
          <Pill tone="alarm">{t('finding.active')}</Pill>
        ) : (
          <Lasted from={finding.openedAt} to={finding.clearedAt} />
        )}
      </span>
    </NavLink>
  );
}

export function FindingsPage() {
  const { t } = useTranslation();
  const text = useText();
  const { id } = useParams();
  const [params, put] = useAddressByName();
  const list = useListKeys(id);
  const status = params.get('status') ?? 'active';
  const rule = params.get('rule') ?? '';
  const entity = params.get('entity') ?? '';
  const entityName = useMapEntity(entity)?.name ?? shortId(entity);
  const rules = useRules().data?.rules ?? [];
  const query = { status: status === 'all' ? undefined : status, rule, entity, limit: pageSize };
  const pages = useInfiniteQuery({
    queryKey: keys.findings({ pages: query }),
    queryFn: ({ pageParam }) => api.findings({ ...query, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const tools = (
    <div className="split-tools">
      <Segmented
        aria-label={t('finding.status')}
        value={status}
        onChange={(value) => put('status', value)}
        options={(['active', 'cleared', 'all'] as const).map((value) => ({ value, label: t(`finding.${value}`) }))}
      />
      <Select
        aria-label={t('finding.rule')}
        value={rule}
        onChange={(value) => put('rule', value)}
        style={{ minWidth: 150 }}
        options={[
          { value: '', label: t('finding.anyRule') },
          ...rules.map((each) => ({ value: each.id, label: text(each.name) })),
        ]}
      />
      {entity && (
        <Button size="small" onClick={() => put('entity', '')}>
          {t('finding.onlyEntity', { name: entityName })} ×
        </Button>
      )}
    </div>
  );
  const rows = (
    <Answer query={{ ...pages, data: pages.data?.pages.flatMap((page) => page.findings), refetch: pages.refetch }}>
      {(findings) =>
        findings.length === 0 ? (
          <Blank title={t('finding.none')} />
        ) : (
          <div className="rows" ref={list}>
            {findings.map((finding) => (
              <FindingRow key={finding.id} finding={finding} search={params.toString()} />
            ))}
            {pages.hasNextPage && (
              <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {t('app.more')}
              </Button>
            )}
          </div>
        )
      }
    </Answer>
  );
  return (
    <MasterDetail
      title={t('finding.title')}
      label={t('finding.list')}
      tools={tools}
      list={rows}
      blank={<Blank title={t('finding.select')} hint={t('case.selectHint')} />}
    />
  );
}
