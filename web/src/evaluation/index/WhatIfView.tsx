// "What lifts us by five ranks at least cost?": who, by how many ranks, what a step of each indicator costs → the plan.
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { indexApi } from '../../api/evaluation_api';
import type { CompositeReport } from '../../api/schema';
import { useText } from '../../i18n';
import { csvOf, saveFile } from '../../ui/files';
import { Facts, Section } from '../../ui/Page';
import { Failed } from '../../ui/states';
import { TableScroll } from '../../ui/TableScroll';
import { numberText } from '../../ui/values';
import { rankText, score2, signed, useNames } from './names';

function Plan({ report }: { report: CompositeReport }) {
  const { t } = useTranslation();
  const text = useText();
  const name = useNames(report);
  const plan = report.what_if;
  if (!plan) return null;
  const save = () =>
    saveFile(
      csvOf([
        ['indicator', 'name_zh', 'name_en', 'from', 'to', 'points', 'cost'],
        ...plan.moves.map((move) => {
          const node = report.nodes[move.indicator];
          return [node?.code, node?.name.zh, node?.name.en, move.from, move.to, move.points, move.cost];
        }),
      ]),
      `plan-${report.units[plan.unit]?.code ?? ''}.csv`,
    );
  return (
    <Section
      title={t('whatIf.planFor', { unit: name.unit(plan.unit) })}
      tools={
        <Button size="small" onClick={save}>
          {t('evaluation.csv')}
        </Button>
      }
    >
      {!plan.reachable && <Alert type="warning" showIcon title={t('whatIf.outOfReach')} />}
      <div data-plan={plan.confirmed ? 'confirmed' : 'open'}>
        <Facts
          rows={[
            [
              t('evaluation.rank'),
              <span key="r" className="num">
                {rankText(plan.rank_now)} → <b>{rankText(plan.rank_reached)}</b>
              </span>,
            ],
            [
              t('index.score'),
              <span key="s" className="num">
                {score2(plan.score_now)} → {score2(plan.score_reached)}
              </span>,
            ],
            [
              t('whatIf.cost'),
              <b key="c" className="num">
                {numberText(plan.cost)}
              </b>,
            ],
            [t('whatIf.how'), t(plan.exact ? 'whatIf.exact' : 'whatIf.search')],
            [t('whatIf.computed'), t(plan.confirmed ? 'whatIf.confirmed' : 'whatIf.notConfirmed')],
          ]}
        />
      </div>
      <TableScroll label={t('whatIf.plan')}>
        <table className="groups indicators">
          <caption className="visually-hidden">{t('whatIf.plan')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('evaluation.col_indicator')}</th>
              <th scope="col" className="num">
                {t('whatIf.from')}
              </th>
              <th scope="col" className="num">
                {t('whatIf.to')}
              </th>
              <th scope="col">{t('whatIf.unit')}</th>
              <th scope="col" className="num">
                {t('index.points')}
              </th>
              <th scope="col" className="num">
                {t('whatIf.cost')}
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.moves.map((move) => (
              <tr key={move.indicator} data-move={report.nodes[move.indicator]?.code}>
                <th scope="row">{name.node(move.indicator)}</th>
                <td className="num">{numberText(move.from)}</td>
                <td className="num strong">{numberText(move.to)}</td>
                <td className="muted">{text(report.nodes[move.indicator]?.unit)}</td>
                <td className="num">{signed(move.points)}</td>
                <td className="num">{numberText(move.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Costs(props: {
  report: CompositeReport;
  costs: Record<string, number>;
  put: (code: string, cost: number | null) => void;
}) {
  const { report, costs, put } = props;
  const { t } = useTranslation();
  const text = useText();
  return (
    <details className="costs">
      <summary>
        {t('whatIf.costs')} <span className="muted">{t('whatIf.costsHint')}</span>
      </summary>
      <table className="groups indicators">
        <caption className="visually-hidden">{t('whatIf.costs')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('evaluation.col_indicator')}</th>
            <th scope="col">{t('whatIf.unit')}</th>
            <th scope="col">{t('whatIf.costOfOne')}</th>
          </tr>
        </thead>
        <tbody>
          {report.nodes
            .filter((node) => node.level === 1)
            .map((node) => (
              <tr key={node.code}>
                <th scope="row">{text(node.name)}</th>
                <td className="muted">{text(node.unit)}</td>
                <td>
                  <InputNumber
                    size="small"
                    min={0}
                    aria-label={`${t('whatIf.costOfOne')}: ${text(node.name)}`}
                    data-cost={node.code}
                    value={costs[node.code] ?? node.cost ?? null}
                    placeholder={t('whatIf.noCost')}
                    onChange={(value) => put(node.code, value)}
                  />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
}

export function WhatIfView(props: {
  id: string;
  report: CompositeReport;
  year: string;
  chosen: number;
  choose: (unit: number) => void;
}) {
  const { id, report, year, chosen, choose } = props;
  const { t } = useTranslation();
  const name = useNames(report);
  const [ranks, setRanks] = useState(5);
  const [costs, setCosts] = useState<Record<string, number>>({});
  const planning = useMutation({
    mutationFn: () => indexApi.plan(id, { unit: report.units[chosen]?.code ?? '', ranks, costs }),
  });
  const put = (code: string, cost: number | null) =>
    setCosts(({ [code]: _, ...others }) => (cost === null || cost <= 0 ? others : { ...others, [code]: cost }));
  const offered = report.units
    .map((unit, i) => ({ unit, i }))
    .filter(({ unit }) => unit.year === year && typeof unit.rank === 'number' && unit.rank > 1);
  const first = !offered.some(({ i }) => i === chosen);
  return (
    <>
      <Section title={t('whatIf.title')}>
        <form
          className="what-if"
          onSubmit={(event) => {
            event.preventDefault();
            planning.mutate();
          }}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={t('index.unit')}
            value={chosen}
            onChange={choose}
            options={report.units
              .map((unit, i) => ({ unit, i }))
              .filter(({ unit }) => unit.year === year)
              .map(({ i }) => ({ value: i, label: name.unit(i) }))}
            popupMatchSelectWidth={false}
          />
          <span>{t('whatIf.liftedBy')}</span>
          <InputNumber
            min={1}
            max={report.units.length}
            aria-label={t('whatIf.ranks')}
            value={ranks}
            onChange={(value) => setRanks(value ?? 1)}
          />
          <span>{t('whatIf.ranks')}</span>
          <Button type="primary" htmlType="submit" loading={planning.isPending} disabled={first} data-act="plan">
            {t('whatIf.ask')}
          </Button>
          {first && <span className="muted">{t('whatIf.isFirst')}</span>}
        </form>
        <p className="muted">{t('whatIf.hint')}</p>
        <Costs report={report} costs={costs} put={put} />
      </Section>
      <div aria-live="polite">
        {planning.error && <Failed error={planning.error} />}
        {planning.data && <Plan report={planning.data} />}
      </div>
    </>
  );
}
