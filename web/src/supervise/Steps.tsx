// How long cases stand in each state: the median as a bar, the slowest tenth as its tail; in all and by group.
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseStatistics, StepTime } from '../api/schema';
import { useWord } from '../i18n';
import { Section } from '../ui/Page';
import { spanText } from '../ui/time';
import { useGroupName } from './SupervisePage';

const way = ['received', 'filed', 'dispatched', 'working', 'suspended', 'reported', 'verifying', 'closed'];
const rank = (state: string) => (way.includes(state) ? way.indexOf(state) : way.length);

function Bars({ steps }: { steps: StepTime[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const most = Math.max(1, ...steps.map((step) => step.p90S));
  const sorted = [...steps].sort((a, b) => rank(a.state) - rank(b.state) || a.state.localeCompare(b.state));
  if (sorted.length === 0) return <p className="muted">{t('supervise.noSteps')}</p>;
  return (
    <table className="step-times">
      <thead>
        <tr>
          <th scope="col">{t('supervise.step')}</th>
          <th scope="col" className="visually-hidden">
            {t('supervise.chart')}
          </th>
          <th scope="col">{t('supervise.median')}</th>
          <th scope="col">{t('supervise.p90')}</th>
          <th scope="col">{t('supervise.cases')}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((step) => (
          <tr key={step.state}>
            <th scope="row">{word('caseState', step.state)}</th>
            <td className="step-bar" aria-hidden="true">
              <span className="step-bar-box">
                <span className="step-p90" style={{ width: `${(100 * step.p90S) / most}%` }} />
                <span className="step-median" style={{ width: `${(100 * step.medianS) / most}%` }} />
              </span>
            </td>
            <td className="num">{spanText(step.medianS * 1000)}</td>
            <td className="num">{spanText(step.p90S * 1000)}</td>
            <td className="num">{step.count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Steps({ statistics }: { statistics: CaseStatistics }) {
  const { t } = useTranslation();
  const nameOf = useGroupName(statistics.by);
  const [key, choose] = useState('*');
  const group = statistics.groups.find((each) => each.key === key);
  return (
    <Section
      title={t('supervise.steps')}
      tools={
        <Select
          aria-label={t('supervise.stepsOf')}
          value={group ? key : '*'}
          onChange={choose}
          style={{ minWidth: 150 }}
          options={[
            { value: '*', label: t('app.all') },
            ...statistics.groups.map((each) => ({ value: each.key, label: nameOf(each.key) })),
          ]}
        />
      }
    >
      <Bars steps={(group ?? statistics.total).steps} />
    </Section>
  );
}
