// One number, opened: how it is counted, what it rests on, how it went, where it is how high, and who is behind it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { indicatorApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { Indicator, IndicatorHistory } from '../api/schema';
import { useText } from '../i18n';
import { Age, Moment } from '../ui/Age';
import { HistoryChart } from '../ui/HistoryChart';
import { Section, usePageTitle } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { useCityNow } from '../ui/ticker';
import { AreaPicker, inArea, useArea } from './AreaPicker';
import { Counting } from './Counting';
import { IndicatorAreas } from './IndicatorAreas';
import { IndicatorBehind } from './IndicatorBehind';
import { CountedAgo, refreshMs, useIndicators } from './IndicatorsPage';
import { Inputs, InputsBar, StandingMark, Way } from './levels';
import { standingOf, useNumber, useTargetText } from './words';

function Head({ one, area, setArea }: { one: Indicator; area: string; setArea: (area: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const number = useNumber();
  const targetOf = useTargetText();
  const areas = useIndicators(area).data?.areas ?? [one];
  const target = targetOf(one);
  return (
    <header className="indicator-head">
      <nav className="muted" aria-label={t('evaluation.back')}>
        <Link to={`/evaluation/indicators${inArea(area)}`}>{t('evaluation.indicators')}</Link> · {text(one.domainName)}
      </nav>
      <h1>{text(one.name)}</h1>
      <AreaPicker areas={areas} value={area} onChange={setArea} />
      <p className="indicator-now">
        <strong className={`num${one.now.value === null ? ' muted' : ''}`}>{number(one.now.value, one.unit)}</strong>
        <StandingMark standing={standingOf(one.now)} />
        {one.now.level && <span>{text(one.now.meaning)}</span>}
        {target && (
          <span className="muted">
            {t('evaluation.col_target')} <span className="num">{target}</span>
          </span>
        )}
        <Way trend={one.trend} unit={one.unit} />
        <span className="muted">
          {t('evaluation.soSince')} <Age at={one.now.since} />
        </span>
        <span className="muted">
          <CountedAgo seconds={one.now.ageSeconds} />
        </span>
      </p>
    </header>
  );
}

function FormulaInputs({ one }: { one: Indicator }) {
  const { t } = useTranslation();
  const text = useText();
  const number = useNumber();
  const known = useIndicators('city').data?.indicators;
  const unitOf = (name: string) => known?.find((each) => each.id === name)?.unit ?? '';
  return (
    <TableScroll label={t('evaluation.inputs')}>
      <table className="groups indicators">
        <thead>
          <tr>
            <th scope="col">{t('evaluation.col_indicator')}</th>
            <th scope="col">{t('evaluation.area')}</th>
            <th scope="col" className="num">
              {t('evaluation.col_now')}
            </th>
            <th scope="col">{t('evaluation.col_inputs')}</th>
            <th scope="col">{t('evaluation.col_since')}</th>
          </tr>
        </thead>
        <tbody>
          {one.inputs.map((input) => (
            <tr key={`${input.name} ${input.area}`} data-input={input.name}>
              <th scope="row">
                {input.now ? (
                  <Link to={`/evaluation/indicators/${input.name}${inArea(input.area)}`}>{text(input.title)}</Link>
                ) : (
                  t(`constant.${input.name as 'inhabitants'}`)
                )}
              </th>
              <td>{input.area === one.area ? text(one.areaName) : t('evaluation.wholeCity')}</td>
              <td className="num value">
                {input.now ? number(input.now.value, unitOf(input.name)) : number(input.constant, '')}
              </td>
              <td>{input.now && <Inputs inputs={input.now.inputs} />}</td>
              <td className="muted">{input.now && <Age at={input.now.since} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

const hour = 3600_000;
const ranges = { hour, day: 24 * hour, week: 168 * hour, month: 720 * hour, year: 8760 * hour } as const;
type Range = keyof typeof ranges;
const stepMs = 10_000;

function PastTable({ history }: { history: IndicatorHistory }) {
  const { t } = useTranslation();
  const number = useNumber();
  return (
    <TableScroll label={t('evaluation.history')}>
      <table className="groups">
        <thead>
          <tr>
            <th scope="col">{t('evaluation.from')}</th>
            <th scope="col" className="num">
              {t('evaluation.col_now')}
            </th>
          </tr>
        </thead>
        <tbody>
          {history.samples
            .map(([at = 0, value = 0]) => (
              <tr key={at}>
                <th scope="row">
                  <Moment at={new Date(at).toISOString()} />
                </th>
                <td className="num">{number(value, history.unit)}</td>
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Past({ one, area }: { one: Indicator; area: string }) {
  const { t } = useTranslation();
  const text = useText();
  const [range, setRange] = useState<Range>('day');
  const [table, setTable] = useState(false);
  const to = Math.ceil(useCityNow() / stepMs) * stepMs;
  const from = to - ranges[range];
  const query = useQuery({
    queryKey: keys.indicators('history', { id: one.id, area, range, to }),
    queryFn: () =>
      indicatorApi.history(one.id, { area, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
    placeholderData: keepPreviousData,
  });
  const scale = useMemo(
    () =>
      one.thresholds
        .filter(({ level }) => level === 'warn' || level === 'alarm')
        .flatMap(({ level, above, below }) =>
          [above, below].flatMap((limit) =>
            limit === undefined ? [] : [[limit, level] as [number, 'warn' | 'alarm']],
          ),
        ),
    [one.thresholds],
  );
  const targets = useMemo(
    () => [one.target, one.targetTo].filter((each): each is number => typeof each === 'number'),
    [one.target, one.targetTo],
  );
  return (
    <Section
      title={t('evaluation.history')}
      tools={
        <span className="section-tools">
          <Segmented
            aria-label={t('map.range')}
            value={range}
            onChange={setRange}
            options={(Object.keys(ranges) as Range[]).map((value) => ({ value, label: t(`range.${value}`) }))}
          />
          <Segmented
            aria-label={t('evaluation.shape')}
            value={table ? 'table' : 'chart'}
            onChange={(value) => setTable(value === 'table')}
            options={[
              { value: 'chart', label: t('evaluation.asChart') },
              { value: 'table', label: t('evaluation.asTable') },
            ]}
          />
        </span>
      }
    >
      <Answer query={query} rows={4}>
        {(history) => {
          const before = history.before ?? null;
          const begin: [number, number][] = before === null ? [] : [[from, before]];
          const samples = [...begin, ...history.samples] as [number, number][];
          if (samples.length === 0) return <Blank title={t('map.noHistory')} />;
          if (table) return <PastTable history={{ ...history, samples }} />;
          return (
            <>
              <HistoryChart
                history={{ entity: '', attribute: one.id, unitCode: one.unit, samples }}
                name={text(one.name)}
                from={from}
                to={to}
                scale={scale}
                targets={targets}
                holds
                height={220}
              />
              <p className="chart-key muted">
                {targets.length > 0 && (
                  <span>
                    <i className="line-target" aria-hidden="true" /> {t('evaluation.col_target')}
                  </span>
                )}
                {scale.length > 0 && (
                  <span>
                    <i className="line-limit" aria-hidden="true" /> {t('evaluation.thresholds')}
                  </span>
                )}
              </p>
            </>
          );
        }}
      </Answer>
    </Section>
  );
}

function Opened({ one, area, setArea }: { one: Indicator; area: string; setArea: (area: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  usePageTitle(text(one.name));
  const compared = one.values.filter((each) => each.kind !== 'city').length > 0;
  return (
    <>
      <Head one={one} area={area} setArea={setArea} />
      <div className="page-parts">
        <Past one={one} area={area} />
        <div className="columns">
          <Counting one={one} />
          <Section flush={one.over === 'formula'} title={t('evaluation.inputs')}>
            {one.over === 'formula' ? <FormulaInputs one={one} /> : <InputsBar inputs={one.now.inputs} />}
          </Section>
        </div>
        {compared && <IndicatorAreas one={one} chosen={area} choose={setArea} />}
        {one.over !== 'formula' && <IndicatorBehind one={one} area={area} />}
      </div>
    </>
  );
}

export function IndicatorPage() {
  const { id = '' } = useParams();
  const [area, setArea] = useArea();
  const query = useQuery({
    queryKey: keys.indicators('one', { id, area }),
    queryFn: () => indicatorApi.one(id, area),
    placeholderData: (before, earlier) =>
      (earlier?.queryKey[2] as { id?: string } | undefined)?.id === id ? before : undefined,
    refetchInterval: refreshMs,
    retry: false,
  });
  return (
    <div className="page">
      <div className="page-body indicator-page">
        <Answer query={query} rows={12}>
          {(one) => <Opened one={one} area={area} setArea={setArea} />}
        </Answer>
      </div>
    </div>
  );
}
