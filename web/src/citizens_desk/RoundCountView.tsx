// The count of a round as anybody can recount it: each project with its votes and cost, and what the deciding rule said.
import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import type { CountRule, RoundCount } from '../api/schema';
import { useLanguage } from '../i18n';
import { Pill } from '../ui/marks';
import { Answer } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { moneyText } from './round_form';

function Count({ count }: { count: RoundCount }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [rule, choose] = useState<CountRule>(count.decides);
  const result = count.results.find((each) => each.rule === rule);
  const money = (amount: number | null | undefined) => moneyText(amount, count.currency ?? '', language);
  const most = Math.max(1, ...(result?.steps.map((step) => step.votes) ?? []));
  const titleOf = (code: string) => count.projects.find((each) => each.code === code)?.title ?? code;
  return (
    <div className="round-count">
      <Segmented
        aria-label={t('round.decides')}
        value={rule}
        onChange={choose}
        options={count.results.map((each) => ({
          value: each.rule,
          label: `${t(`countRule.${each.rule}`)}${each.rule === count.decides ? ` ✓` : ''}`,
        }))}
      />
      <TableScroll label={t('round.result')}>
        <table className="groups">
          <thead>
            <tr>
              <th scope="col">{t('round.project')}</th>
              <th scope="col" colSpan={2}>
                {t('round.votes')}
              </th>
              <th scope="col">{t('round.cost')}</th>
              <th scope="col">{t('round.result')}</th>
            </tr>
          </thead>
          <tbody>
            {result?.steps.map((step) => (
              <tr key={step.code} data-chosen={step.chosen}>
                <th scope="row">
                  {titleOf(step.code)} <code>{step.code}</code>
                </th>
                <td className="vote-bar" aria-hidden="true">
                  <i style={{ width: `${(100 * step.votes) / most}%` }} className={step.chosen ? 'vote-chosen' : ''} />
                </td>
                <td className="num">{step.votes}</td>
                <td className="num">{money(step.cost)}</td>
                <td>
                  <Pill tone={step.chosen ? 'ok' : 'stale'}>{t(`countWhy.${step.why}`)}</Pill>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="muted">
        {t('round.sum', {
          cast: count.cast,
          issued: count.issued,
          spent: money(result?.spent),
          budget: money(count.budget),
        })}
      </p>
      <p className="muted">
        SHA-256 <code className="digest">{count.sha256}</code>
      </p>
    </div>
  );
}

export function RoundCountView({ id }: { id: string }) {
  const query = useQuery({ queryKey: keys.roundCount(id), queryFn: () => citizensApi.count(id), staleTime: Infinity });
  return (
    <Answer query={query} rows={4}>
      {(count) => <Count count={count} />}
    </Answer>
  );
}
