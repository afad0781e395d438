// For whoever answers for the whole: load, overdue, returns, and how long each step takes. Every number opens its cases.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented, Select } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useCity } from '../api/queries';
import type { CaseCounts, CaseStatistics } from '../api/schema';
import { useText } from '../i18n';
import { useActor } from '../ui/Attribute';
import { useAddress } from '../ui/address';
import { Page, Section } from '../ui/Page';
import { Answer } from '../ui/states';
import { useCityNow } from '../ui/ticker';
import { Behind, type Counted } from './Behind';
import { Groups } from './Groups';
import { groupings, periods, queryOf, share, wishOf } from './period';
import { Steps } from './Steps';
import { Suggestions } from './Suggestions';
import './supervise.css';

const refreshMs = 60_000;

// What a group is called, whatever it is a group of.
export function useGroupName(by: string): (key: string) => string {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const actor = useActor();
  return (key) => {
    if (!key) return t('supervise.none');
    if (by === 'holder') return actor(key);
    const list =
      by === 'department' ? city.departments : by === 'area' ? city.areas : by === 'kind' ? city.caseKinds : [];
    return text(list?.find((each) => each.id === key)?.name) || key;
  };
}

interface Tile {
  measure: Counted['measure'];
  rate?: string;
  tone?: 'alarm' | 'warn';
}

function tilesOf(total: CaseCounts): Tile[] {
  return [
    { measure: 'open' },
    { measure: 'overdue', rate: share(total.overdue, total.open), tone: total.overdue ? 'alarm' : undefined },
    { measure: 'supervised', tone: total.supervised ? 'warn' : undefined },
    { measure: 'waiting', tone: total.waiting ? 'warn' : undefined },
    { measure: 'opened' },
    { measure: 'closed' },
    { measure: 'late', rate: share(total.late, total.closed) },
    { measure: 'returned', rate: share(total.returned, total.opened) },
    { measure: 'reworked', rate: share(total.reworked, total.closed) },
    { measure: 'falseAlarm', rate: share(total.falseAlarm, total.closed) },
  ];
}

function Tiles({ total, open }: { total: CaseCounts; open: (number: Counted) => void }) {
  const { t } = useTranslation();
  return (
    <ul className="tiles">
      {tilesOf(total).map(({ measure, rate, tone }) => (
        <li key={measure}>
          <button
            type="button"
            className={`tile${tone ? ` tile-${tone}` : ''}`}
            data-measure={measure}
            onClick={() => open({ measure })}
          >
            <span className="muted">{t(`measure.${measure}`)}</span>
            <strong className="num">{total[measure]}</strong>
            <small className="muted num">{rate ?? ' '}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function useWish() {
  const [params, put] = useAddress();
  const wish = useMemo(() => wishOf(params), [params]);
  const measure = params.get('measure') as Counted['measure'] | null;
  const number: Counted | null = measure ? { measure, key: params.get('key') ?? undefined } : null;
  const show = (next: Counted | null) => put({ measure: next?.measure, key: next?.key });
  return { wish, put, number, show };
}

function Tools({ wish, put }: Pick<ReturnType<typeof useWish>, 'wish' | 'put'>) {
  const { t } = useTranslation();
  const city = useCity();
  const text = useText();
  const named = (list: readonly { id: string; name: { zh: string; en: string } }[]) =>
    list.map(({ id, name }) => ({ value: id, label: text(name) }));
  const filters = [
    { name: 'department', label: t('case.department'), options: named(city.departments), value: wish.department },
    {
      name: 'area',
      label: t('case.area'),
      options: named(city.areas.filter((area) => (area.kind ?? 'policy') === 'policy')),
      value: wish.area,
    },
    { name: 'kind', label: t('case.kind'), options: named(city.caseKinds ?? []), value: wish.kind },
  ];
  return (
    <div className="supervise-tools">
      <Segmented
        aria-label={t('supervise.period')}
        value={wish.period}
        onChange={(period) => put({ period })}
        options={periods.map((value) => ({ value, label: t(`period.${value}`) }))}
      />
      {filters.map(({ name, label, options, value }) => (
        <Select
          key={name}
          allowClear
          placeholder={label}
          aria-label={label}
          options={options}
          value={value || undefined}
          onChange={(next?: string) => put({ [name]: next || undefined })}
          style={{ minWidth: 120 }}
        />
      ))}
    </div>
  );
}

export function SupervisePage() {
  const { t } = useTranslation();
  const { wish, put, number, show } = useWish();
  const now = Math.floor(useCityNow() / refreshMs) * refreshMs;
  const query = useMemo(() => queryOf(wish, now), [wish, now]);
  const statistics = useQuery<CaseStatistics>({
    queryKey: keys.statistics(query),
    queryFn: () => api.caseStatistics(query),
    placeholderData: keepPreviousData,
    staleTime: refreshMs,
  });
  return (
    <Page title={t('supervise.title')} lead={t('supervise.lead')} tools={<Tools wish={wish} put={put} />}>
      <Answer query={statistics} rows={10}>
        {(data) => (
          <>
            <Tiles total={data.total} open={show} />
            <Section
              flush
              title={t('supervise.groups')}
              tools={
                <Segmented
                  aria-label={t('supervise.by')}
                  value={wish.by}
                  onChange={(by) => put({ by })}
                  options={groupings.map((value) => ({ value, label: t(`grouping.${value}`) }))}
                />
              }
            >
              <Groups groups={data.groups} by={data.by} open={show} />
            </Section>
            <Steps statistics={data} />
            <Suggestions />
          </>
        )}
      </Answer>
      {number && <Behind number={number} query={query} close={() => show(null)} />}
    </Page>
  );
}
