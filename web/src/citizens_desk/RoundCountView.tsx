// The count of a round as anybody can recount it: each project with its votes and cost, what the deciding rule said, and
// whether the published ballots bear it out.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { keys } from '../api/keys';
import type { CountRule, RoundCount } from '../api/schema';
import { useLanguage } from '../i18n';
import { csvOf, saveFile } from '../ui/files';
import { Pill } from '../ui/marks';
import { Answer, useProblemText } from '../ui/states';
import { TableScroll } from '../ui/TableScroll';
import { countRows } from './count_rows';
import { moneyText } from './round_form';
import { proveCount } from './round_proof';

function ProofOfCount({ count }: { count: RoundCount }) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const prove = useMutation({
    mutationFn: async () => {
      const file = await citizensApi.ballots(count.round);
      return proveCount(new Uint8Array(await file.arrayBuffer()), count);
    },
  });
  const save = () =>
    saveFile(
      csvOf(
        countRows(count, [t('round.code'), t('round.project'), t('round.cost'), t('round.votes')], (rule) =>
          t(`countRule.${rule as CountRule}`),
        ),
      ),
      `count-${count.round}.csv`,
    );
  return (
    <div className="round-proof">
      <p className="muted">
        SHA-256 <code className="digest">{count.sha256}</code>
      </p>
      <p className="round-proof-tools">
        <Button size="small" loading={prove.isPending} onClick={() => prove.mutate()} data-act="prove">
          {t('round.prove')}
        </Button>
        <Button
          size="small"
          href={`/public/v1/rounds/${encodeURIComponent(count.round)}/ballots`}
          download={`ballots-${count.round}.json`}
        >
          {t('round.ballots')}
        </Button>
        <Button size="small" onClick={save} data-act="csv">
          {t('round.csv')}
        </Button>
      </p>
      <div role="status">
        {prove.error && <p className="round-flaw">{problemOf(prove.error)}</p>}
        {prove.data && (
          <ul className="round-proofs">
            {prove.data.map(({ proof, holds }) => (
              <li key={proof} data-proof={proof} data-holds={String(holds)}>
                <Pill tone={holds === null ? 'stale' : holds ? 'ok' : 'alarm'}>
                  {t(holds === null ? 'round.unproven' : holds ? 'round.holds' : 'round.holdsNot')}
                </Pill>{' '}
                {t(`roundProof.${proof}`)}
              </li>
            ))}
          </ul>
        )}
      </div>
      <p className="muted">
        {t('round.recount')} <code>cityloop ballot count ballots-{count.round}.json</code>
      </p>
    </div>
  );
}

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
              <th scope="col" className="num">
                {t('round.cost')}
              </th>
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
      <ProofOfCount count={count} />
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
