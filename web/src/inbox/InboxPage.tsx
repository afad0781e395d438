// The inbox: what waits, the most urgent first, the map beside it, one case opened from either. Filters stand in the
// address; everything that is done all day has a key.
import { PlusOutlined, PrinterOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import type { CaseSummary } from '../api/schema';
import { CaseActions } from '../cases/CaseActions';
import '../cases/cases.css';
import { NewCase } from '../cases/NewCase';
import { CaseStatePill, Deadline } from '../cases/parts';
import { SuggestedLine } from '../cases/Suggested';
import { useText } from '../i18n';
import { useHotkeys } from '../ui/hotkeys';
import { SeverityMark } from '../ui/marks';
import { usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { useSettled } from '../ui/use_settled';
import { type RowsHandle, VirtualRows } from '../ui/VirtualRows';
import { BulkBar } from './BulkBar';
import { CaseRow } from './CaseRow';
import { FilterBar } from './FilterBar';
import { type Filters, filtersOf, queryOf, withFilters } from './filters';
import { InboxMap } from './InboxMap';
import './inbox.css';
import { useInbox } from './use_inbox';
import { usePicks } from './use_picks';

const rowHeight = 74;
const settleMs = 180;

// What is chosen, with its steps: the keys work on it without its page being open.
function Preview({ item, search }: { item: CaseSummary; search: string }) {
  const { t } = useTranslation();
  const text = useText();
  const settled = useSettled(item.id, settleMs);
  const detail = useQuery({ queryKey: keys.case(settled), queryFn: () => api.case(settled) });
  const whole = detail.data?.id === item.id ? detail.data : undefined;
  return (
    <section className="preview" aria-label={t('seats.chosen')} aria-live="off">
      <header>
        <Link to={{ pathname: `/cases/${encodeURIComponent(item.id)}`, search }}>
          <strong>{text(item.title)}</strong>
        </Link>
        <SeverityMark severity={item.severity} />
        <CaseStatePill state={item.state} name={whole?.stateName} />
        {item.outcome === 'open' && <Deadline item={item} />}
        <span className="muted">{item.aboutName}</span>
      </header>
      {whole && <SuggestedLine key={whole.id} item={whole} />}
      {whole && <CaseActions item={whole} />}
    </section>
  );
}

function useSelection(cases: readonly CaseSummary[] | undefined, opened: string | undefined) {
  const [selected, select] = useState<string | undefined>(opened);
  useEffect(() => {
    if (opened) select(opened);
  }, [opened]);
  const at = useMemo(() => cases?.findIndex((item) => item.id === selected) ?? -1, [cases, selected]);
  // Where it stood when it was last seen: a case that leaves the list hands the place to the next.
  const place = useRef(0);
  if (at >= 0) place.current = at;
  return { selected, select, at, place };
}

function Rows(props: {
  filters: Filters;
  inbox: ReturnType<typeof useInbox>;
  selection: ReturnType<typeof useSelection>;
  picks: ReturnType<typeof usePicks>;
  search: string;
  rows: React.RefObject<RowsHandle | null>;
}) {
  const { inbox, selection, picks, search, rows } = props;
  const { t } = useTranslation();
  const { pages, cases, total, more } = inbox;
  const { select } = selection;
  const order = useRef<readonly string[]>([]);
  order.current = useMemo(() => cases?.map((item) => item.id) ?? [], [cases]);
  const { toggle, extend } = picks;
  const pick = useCallback(
    (id: string, range: boolean) => (range ? extend(id, order.current) : toggle(id)),
    [toggle, extend],
  );
  return (
    <Answer query={{ ...pages, data: cases, refetch: pages.refetch }}>
      {(items) =>
        items.length === 0 && !pages.hasNextPage ? (
          <Blank title={t('case.none')} hint={t('case.noneHint')} />
        ) : (
          <VirtualRows
            items={items}
            total={Math.max(total, items.length)}
            rowHeight={rowHeight}
            label={t('case.list')}
            keyOf={(item) => item.id}
            onNearEnd={more}
            handle={rows}
            row={(item) => (
              <CaseRow
                item={item}
                search={search}
                selected={item.id === selection.selected}
                picked={picks.ids.has(item.id)}
                onSelect={select}
                onPick={pick}
              />
            )}
            footer={
              <p className="rows-end muted" role="status">
                {pages.hasNextPage
                  ? t('seats.shownOf', { n: items.length, all: total })
                  : t('case.total', { n: items.length })}
              </p>
            }
          />
        )
      }
    </Answer>
  );
}

function useInboxKeys(parts: {
  cases: readonly CaseSummary[];
  selection: ReturnType<typeof useSelection>;
  rows: React.RefObject<RowsHandle | null>;
  toggle: (id: string) => void;
  search: string;
  opened: boolean;
  make: () => void;
}) {
  const { cases, selection, rows, toggle, search, opened, make } = parts;
  const go = useNavigate();
  const { at, place, select } = selection;
  const move = (to: number) => {
    const next = Math.max(0, Math.min(cases.length - 1, to));
    const item = cases[next];
    if (!item) return;
    select(item.id);
    rows.current?.focus(next);
  };
  const open = (id: string | undefined) => id && void go({ pathname: `/cases/${encodeURIComponent(id)}`, search });
  // With a case open, its neighbours open as one goes.
  const step = (to: number) => {
    move(to);
    if (opened) open(cases[Math.max(0, Math.min(cases.length - 1, to))]?.id);
  };
  useHotkeys({
    j: () => step(at < 0 && place.current === 0 ? 0 : at < 0 ? place.current : at + 1),
    k: () => step(at < 0 ? place.current - 1 : at - 1),
    Home: () => move(0),
    End: () => move(cases.length - 1),
    o: () => open(selection.selected),
    ' ': () => selection.selected && toggle(selection.selected),
    N: make,
    p: () => selection.selected && void go(`/cases/${encodeURIComponent(selection.selected)}/print`),
    ...(opened ? { Escape: () => void go({ pathname: '/cases', search }) } : {}),
  });
}

export function InboxPage() {
  const { t } = useTranslation();
  const { id: opened } = useParams();
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => filtersOf(params), [params]);
  const search = params.toString();
  const mayHandle = useMay('handle_case');
  const [making, setMaking] = useState(false);
  const [onMap, setOnMap] = useState<CaseSummary>();
  const client = useQueryClient();
  const rows = useRef<RowsHandle>(null);
  const query = useMemo(() => queryOf(filters), [filters]);
  const inbox = useInbox(query);
  const cases = inbox.cases ?? [];
  const selection = useSelection(inbox.cases, opened);
  const picks = usePicks();
  const chosen = cases[selection.at] ?? onMap;
  usePageTitle(t('app.cases'));
  const change = (next: Filters) => setParams((before) => withFilters(before, next), { replace: true });
  useInboxKeys({
    cases,
    selection,
    rows,
    toggle: picks.toggle,
    search,
    opened: opened !== undefined,
    make: () => mayHandle && setMaking(true),
  });
  // A case far down the list may not be loaded there: then it is looked at by itself.
  const chooseOnMap = (id: string) => {
    selection.select(id);
    const at = cases.findIndex((item) => item.id === id);
    if (at >= 0) rows.current?.focus(at);
    setOnMap(undefined);
    if (at < 0) void client.fetchQuery({ queryKey: keys.case(id), queryFn: () => api.case(id) }).then(setOnMap);
  };
  const shown = useMemo(() => cases.map((item) => item.id), [cases]);
  return (
    <div className={`split inbox${opened ? ' split-open' : ''}`}>
      <section className="split-list" aria-label={t('case.list')}>
        <header className="split-head">
          <div className="split-title">
            <h1>{t('app.cases')}</h1>
            <span>
              <Link to="/handover" className="ant-btn-like" title={t('handover.title')}>
                <PrinterOutlined aria-hidden="true" /> {t('handover.short')}
              </Link>
              {mayHandle && (
                <Button size="small" icon={<PlusOutlined />} onClick={() => setMaking(true)} title="N">
                  {t('case.new')}
                </Button>
              )}
            </span>
          </div>
          <FilterBar filters={filters} onChange={change} />
        </header>
        <BulkBar picks={picks} shown={shown} />
        <Rows filters={filters} inbox={inbox} selection={selection} picks={picks} search={search} rows={rows} />
      </section>
      <section className="split-detail" aria-label={opened ? t('case.detail') : t('seats.caseMap')}>
        {opened ? (
          <Outlet />
        ) : (
          <div className="inbox-map">
            <InboxMap query={query} total={inbox.total} selected={chosen} onSelect={chooseOnMap} />
            {chosen ? (
              <Preview key={chosen.id} item={chosen} search={search} />
            ) : (
              <p className="preview muted">{t('case.selectHint')}</p>
            )}
          </div>
        )}
      </section>
      {making && <NewCase close={() => setMaking(false)} />}
    </div>
  );
}
