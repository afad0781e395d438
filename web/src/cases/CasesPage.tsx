// The inbox: what waits, the most urgent first.
import { PlusOutlined } from '@ant-design/icons';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useParams, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { arrivals, openCasesQuery } from '../api/live';
import { useCity, useMay, useOpenCases } from '../api/queries';
import type { CaseSummary } from '../api/schema';
import { useStore } from '../api/store';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useDepartmentName } from '../ui/Attribute';
import { useListKeys } from '../ui/list_keys';
import { MasterDetail } from '../ui/MasterDetail';
import { SeverityMark } from '../ui/marks';
import { Answer, Blank } from '../ui/states';
import { useRealNow } from '../ui/ticker';
import './cases.css';
import { NewCase } from './NewCase';
import { CaseStatePill, Deadline, OutcomePill } from './parts';
import { byUrgency, newestFirst } from './urgency';

const freshMs = 20_000;
const pageSize = 100;

interface Filters {
  state: string;
  department: string;
  rule: string;
  outcome: string;
}

function useFilters() {
  const [params, setParams] = useSearchParams();
  const filters: Filters = {
    state: params.get('state') ?? 'open',
    department: params.get('department') ?? '',
    rule: params.get('rule') ?? '',
    outcome: params.get('outcome') ?? '',
  };
  const put = (name: keyof Filters, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return { filters, put, search: params.toString() };
}

function CaseRow({ item, search }: { item: CaseSummary; search: string }) {
  const { t } = useTranslation();
  const text = useText();
  const departmentOf = useDepartmentName();
  const fresh = useRealNow() - (useStore(arrivals).get(item.id) ?? 0) < freshMs;
  const ended = item.outcome !== 'open';
  return (
    <NavLink
      to={{ pathname: `/cases/${encodeURIComponent(item.id)}`, search }}
      className={({ isActive }) => `row${isActive ? ' selected' : ''}${fresh ? ' fresh' : ''}`}
      data-row={item.id}
    >
      <span className="row-title">{text(item.title)}</span>
      <span className="row-side">{ended ? <Age at={item.closedAt} /> : <Deadline item={item} />}</span>
      <span className="row-sub">
        <SeverityMark severity={item.severity} word={false} />
        <span className="row-name">{item.aboutName}</span>
      </span>
      <span className="row-side">
        {ended && item.state === 'closed' ? (
          <OutcomePill outcome={item.outcome} />
        ) : (
          <CaseStatePill state={item.state} />
        )}
      </span>
      <span className="row-sub">
        {item.department ? departmentOf(item.department) : t('case.unassigned')}
        {item.holder && <span>· {item.holder.replace('user:', '')}</span>}
      </span>
      <span className="row-side">
        <Age at={item.openedAt} />
      </span>
    </NavLink>
  );
}

function CaseRows({ filters, search }: { filters: Filters; search: string }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const list = useListKeys(id);
  const query = { ...filters, limit: pageSize };
  const pages = useInfiniteQuery({
    queryKey: keys.cases({ pages: query }),
    queryFn: ({ pageParam }) => api.cases({ ...query, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  // The plain inbox is the list that live events keep current at once.
  const live = useOpenCases();
  const plain = filters.state === 'open' && !filters.department && !filters.rule && !filters.outcome;
  const order = filters.state === 'closed' || filters.state === 'all' ? newestFirst : byUrgency;
  const total = plain ? live.data?.total : pages.data?.pages[0]?.total;
  const whole = plain && (live.data?.total ?? 0) <= openCasesQuery.limit;
  const shown = whole ? live.data?.cases : pages.data?.pages.flatMap((page) => page.cases);
  return (
    <Answer query={{ ...pages, data: shown, refetch: pages.refetch }}>
      {(cases) =>
        cases.length === 0 ? (
          <Blank title={t('case.none')} hint={t('case.noneHint')} />
        ) : (
          <div className="rows" ref={list}>
            {order(cases).map((item) => (
              <CaseRow key={item.id} item={item} search={search} />
            ))}
            {!whole && pages.hasNextPage && (
              <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {t('app.more')}
              </Button>
            )}
            <p className="rows-end muted">{t('case.total', { n: total ?? cases.length })}</p>
          </div>
        )
      }
    </Answer>
  );
}

export function CasesPage() {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const mayHandle = useMay('handle_case');
  const { filters, put, search } = useFilters();
  const [making, setMaking] = useState(false);
  const states = [
    { value: 'open', label: t('case.open') },
    { value: 'closed', label: t('case.closed') },
    { value: 'cancelled', label: t('case.cancelled') },
    { value: 'all', label: t('case.allStates') },
  ];
  const departments = [
    { value: '', label: t('case.allDepartments') },
    ...city.departments.map((department) => ({ value: department.id, label: text(department.name) })),
  ];
  const tools = (
    <div className="split-tools">
      <Segmented
        options={states}
        value={filters.state}
        onChange={(value) => put('state', value)}
        aria-label={t('app.filter')}
      />
      <Select
        options={departments}
        value={filters.department}
        onChange={(value) => put('department', value)}
        aria-label={t('case.department')}
        style={{ minWidth: 128 }}
      />
      {filters.rule && (
        <Button size="small" onClick={() => put('rule', '')}>
          {t('case.rule')}: {filters.rule} ×
        </Button>
      )}
      {filters.outcome && (
        <Button size="small" onClick={() => put('outcome', '')}>
          {t(`outcome.${filters.outcome as 'confirmed'}`)} ×
        </Button>
      )}
      {mayHandle && (
        <Button icon={<PlusOutlined />} onClick={() => setMaking(true)}>
          {t('case.new')}
        </Button>
      )}
    </div>
  );
  return (
    <>
      <MasterDetail
        title={t('app.cases')}
        label={t('case.list')}
        tools={tools}
        list={<CaseRows filters={filters} search={search} />}
        blank={<Blank title={t('case.select')} hint={t('case.selectHint')} />}
      />
      {making && <NewCase close={() => setMaking(false)} />}
    </>
  );
}
