// A composite index: its ranking and tiers, one unit, how sure it is, what would lift a unit, what it rests on.
import { Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { IndexQuery } from '../../api/evaluation_api';
import type { CompositeReport, IndexAnswer } from '../../api/schema';
import { useAddressByName } from '../../ui/address';
import { Section } from '../../ui/Page';
import { Consistency, Shares } from './Checks';
import { Contributions } from './Contributions';
import { useNames, yearsOf } from './names';
import { Radar } from './Radar';
import { Ranking } from './Ranking';
import { Scatter } from './Scatter';
import { TableView } from './TableView';
import { TierMap } from './TierMap';
import { WhatIfView } from './WhatIfView';

const views = ['ranking', 'unit', 'checks', 'whatIf', 'data'] as const;
type View = (typeof views)[number];

interface Shown {
  index: IndexAnswer;
  report: CompositeReport;
  year: string;
  chosen: number;
  choose: (unit: number) => void;
}

function UnitView({
  report,
  year,
  chosen,
  choose,
  other,
  beside,
}: Shown & { other: number | null; beside: (unit: number | null) => void }) {
  const { t } = useTranslation();
  const name = useNames(report);
  const options = report.units
    .map((unit, i) => ({ unit, i }))
    .filter(({ unit }) => unit.year === year)
    .map(({ i }) => ({ value: i, label: name.unit(i) }));
  const apart = report.charts.contributions.find((each) => each.unit === chosen);
  const changes = report.changes.find((each) => each.after === year);
  const change = changes?.units.find((each) => each.after === chosen);
  return (
    <>
      <Section
        title={t('index.radarOf', { unit: name.unit(chosen) })}
        tools={
          <span className="section-tools">
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('index.unit')}
              value={chosen}
              onChange={choose}
              options={options}
              popupMatchSelectWidth={false}
            />
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('index.beside')}
              placeholder={t('index.beside')}
              value={other ?? undefined}
              onChange={(value?: number) => beside(value ?? null)}
              options={options.filter(({ value }) => value !== chosen)}
              popupMatchSelectWidth={false}
            />
          </span>
        }
      >
        <Radar report={report} unit={chosen} other={other} />
      </Section>
      <div className="columns">
        {apart && (
          <Section flush title={t('index.apart')}>
            <Contributions
              report={report}
              parts={apart.parts}
              whole={apart.against_mean}
              rest={apart.rest}
              label={t('index.apart')}
            />
          </Section>
        )}
        {change && changes && (
          <Section flush title={t('index.changeSince', { year: changes.before })}>
            <Contributions
              report={report}
              parts={change.parts}
              whole={change.whole}
              rest={change.rest}
              label={t('index.changeSince', { year: changes.before })}
            />
          </Section>
        )}
      </div>
    </>
  );
}

export function CompositeView({
  index,
  report,
  query,
}: {
  index: IndexAnswer;
  report: CompositeReport;
  query: IndexQuery;
}) {
  const { t } = useTranslation();
  const [params, put] = useAddressByName();
  const years = yearsOf(report);
  const year = years.find((each) => each === params.get('year')) ?? years[0] ?? '';
  const at = (code: string | null) => report.units.findIndex((unit) => unit.code === code && unit.year === year);
  const named = at(params.get('unit'));
  const first = report.charts.ranking.find((row) => report.units[row.unit]?.year === year)?.unit ?? 0;
  const chosen = named < 0 ? first : named;
  const besides = at(params.get('beside'));
  const view = views.find((each) => each === params.get('view')) ?? 'ranking';
  const choose = (unit: number) => put('unit', report.units[unit]?.code);
  const shown: Shown = { index, report, year, chosen, choose };
  return (
    <>
      <p className="section-tools">
        <Segmented<View>
          aria-label={t('index.view')}
          value={view}
          onChange={(value) => put('view', value)}
          options={views.map((value) => ({ value, label: t(`index.view_${value}`) }))}
        />
        {years.length > 1 && (
          <Segmented
            aria-label={t('index.year')}
            value={year}
            onChange={(value) => put('year', value)}
            options={[...years].reverse()}
          />
        )}
        <Select
          aria-label={t('factor.weights')}
          value={query.weights ?? ''}
          onChange={(value) => put('weights', value)}
          options={[
            { value: '', label: t('index.weightsOfFrame') },
            ...(['given', 'equal', 'principal_components'] as const).map((value) => ({
              value,
              label: t(`method.${value}`),
            })),
          ]}
          popupMatchSelectWidth={false}
        />
      </p>
      {view === 'ranking' && (
        <>
          {report.tiers.length > 0 && (
            <Section title={t('index.tierMap')}>
              <TierMap {...shown} />
            </Section>
          )}
          <Section flush title={t('index.ranking')}>
            {report.uncertainty && (
              <p className="behind-note muted">{t('index.intervalHint', { n: report.uncertainty.samples })}</p>
            )}
            <Ranking {...shown} />
          </Section>
        </>
      )}
      {view === 'unit' && (
        <UnitView
          {...shown}
          other={besides < 0 || besides === chosen ? null : besides}
          beside={(unit) => put('beside', unit === null ? undefined : report.units[unit]?.code)}
        />
      )}
      {view === 'checks' && (
        <>
          <Section title={t('index.scatter')}>
            <Scatter {...shown} />
          </Section>
          <div className="columns">
            <Shares report={report} />
            <Consistency report={report} />
          </div>
        </>
      )}
      {view === 'whatIf' && <WhatIfView {...shown} id={index.id} />}
      {view === 'data' && <TableView index={index} report={report} query={query} />}
    </>
  );
}
