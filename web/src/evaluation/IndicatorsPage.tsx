// The city's vital signs by domain: value, target, state, way, what they rest on and how old they are. Each one opens.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { indicatorApi } from '../api/evaluation_api';
import { keys } from '../api/keys';
import type { IndicatorList, IndicatorRow } from '../api/schema';
import { useText } from '../i18n';
import { Age } from '../ui/Age';
import { useAddress } from '../ui/address';
import { useListKeys } from '../ui/list_keys';
import { Page, Section } from '../ui/Page';
import { Answer, Blank } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { spanText } from '../ui/time';
import { AreaPicker, inArea, useArea } from './AreaPicker';
import { Inputs, StandingMark, Way } from './levels';
import { byDomain, type Standing, standingOf, standings, useNumber, useTargetText } from './words';

export const refreshMs = 10_000;

// How many stand how; each is a button that shows those alone.
function Counts({ rows, only, show }: { rows: IndicatorRow[]; only: string; show: (standing: string) => void }) {
  const { t } = useTranslation();
  const of = (standing: Standing) => rows.filter((row) => standingOf(row.now) === standing).length;
  return (
    <ul className="standings" aria-label={t('evaluation.counts')}>
      {standings.map((standing) => {
        const n = of(standing);
        return (
          (n > 0 || only === standing) && (
            <li key={standing}>
              <button
                type="button"
                className="standing"
                aria-pressed={only === standing}
                onClick={() => show(only === standing ? '' : standing)}
              >
                <b className="num">{n}</b>
                <StandingMark standing={standing} />
              </button>
            </li>
          )
        );
      })}
    </ul>
  );
}

function Row({ row, area }: { row: IndicatorRow; area: string }) {
  const text = useText();
  const number = useNumber();
  const targetOf = useTargetText();
  const standing = standingOf(row.now);
  return (
    <tr data-indicator={row.id}>
      <th scope="row">
        <Link to={`/evaluation/indicators/${row.id}${inArea(area)}`} data-row={row.id}>
          {text(row.name)}
        </Link>
      </th>
      <td className={`num value${row.now.value === null ? ' muted' : ''}`}>{number(row.now.value, row.unit)}</td>
      <td>
        <StandingMark standing={standing} />
        {row.now.level && row.now.level !== 'good' && <small className="muted meaning">{text(row.now.meaning)}</small>}
      </td>
      <td className="num">{targetOf(row) || <span className="muted">—</span>}</td>
      <td>
        <Way trend={row.trend} unit={row.unit} />
      </td>
      <td>
        <Inputs inputs={row.now.inputs} />
      </td>
      <td className="muted">
        <Age at={row.now.since} />
      </td>
    </tr>
  );
}

function Domains({ page, area, only }: { page: IndicatorList; area: string; only: string }) {
  const { t } = useTranslation();
  const text = useText();
  const list = useListKeys(undefined);
  const rows = page.indicators.filter((row) => !only || standingOf(row.now) === only);
  const columns = ['indicator', 'now', 'standing', 'target', 'way', 'inputs', 'since'] as const;
  if (rows.length === 0) return <Blank title={t('evaluation.none')} />;
  return (
    <div ref={list} className="page-parts">
      {byDomain(rows, page.domains).map((domain) => (
        <Section flush key={domain.id} title={text(domain.name)}>
          <TableScroll label={text(domain.name)}>
            <table className="groups indicators sheet">
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th
                      key={column}
                      scope="col"
                      className={column === 'now' || column === 'target' ? 'num' : undefined}
                    >
                      {t(`evaluation.col_${column}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {domain.rows.map((row) => (
                  <Row key={row.id} row={row} area={area} />
                ))}
              </tbody>
            </table>
          </TableScroll>
        </Section>
      ))}
    </div>
  );
}

// What the files say wrong stands above the numbers: those are still counted by the old ones.
export function Mistakes({ text, hint }: { text: string; hint: string }) {
  const { t } = useTranslation();
  if (!text) return null;
  const lines = text.split('\n');
  return (
    <Alert
      type="error"
      showIcon
      title={t('rule.errors', { n: lines.length })}
      description={
        <>
          <ul className="mistakes">
            {lines.map((line) => (
              <li key={line}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
          <p className="muted">{hint}</p>
        </>
      }
    />
  );
}

// A value says its age: so long ago the log was counted to.
export function CountedAgo({ seconds }: { seconds: number }) {
  const { t } = useTranslation();
  return <span className="num">{t('evaluation.countedAgo', { t: spanText(seconds * 1000) })}</span>;
}

export const useIndicators = (area: string) =>
  useQuery({
    queryKey: keys.indicators('list', { area }),
    queryFn: () => indicatorApi.list(area),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
    retry: false,
  });

export function IndicatorsPage() {
  const { t } = useTranslation();
  const [area, setArea] = useArea();
  const [params, change] = useAddress();
  const only = params.get('standing') ?? '';
  const query = useIndicators(area);
  const show = (standing: string) => change({ standing: standing || undefined });
  const picker = query.data && <AreaPicker areas={query.data.areas} value={area} onChange={setArea} />;
  return (
    <Page
      title={t('evaluation.indicators')}
      lead={query.data && <CountedAgo seconds={query.data.ageSeconds} />}
      tools={picker}
    >
      <Answer query={query} rows={12}>
        {(page) => (
          <>
            <Mistakes text={page.mistakes} hint={t('evaluation.mistakesHint')} />
            <Counts rows={page.indicators} only={only} show={show} />
            <Domains page={page} area={area} only={only} />
          </>
        )}
      </Answer>
    </Page>
  );
}
