// Two controllers on the same streets with the same seed: over time, and in numbers.
import type { TrafficTrial, TrafficTrialRun } from '@console/api/schema';
import { useLanguage } from '@console/i18n';
import { useAddress } from '@console/ui/address';
import { Pill } from '@console/ui/marks';
import { Page, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { dateTime } from '@console/ui/time';
import { numberText } from '@console/ui/values';
import { Segmented, Select } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useTrial, useTrials } from '../api';
import { ChartLegend, LinesChart } from '../chart/LinesChart';
import { useControllerName, useWords } from '../words';
import { changeOf, type Drawable, drawable, queueMax, queueMean, seriesOf, usualPair } from './trial_rows';

function useParam(name: string): [string, (value: string) => void] {
  const [params, change] = useAddress();
  const put = (value: string) => change({ [name]: value });
  return [params.get(name) ?? '', put];
}

function Over({ before, after }: { before: TrafficTrialRun; after: TrafficTrialRun }) {
  const t = useWords();
  const nameOf = useControllerName();
  const [what, draw] = useState<Drawable>('delay');
  const unit = useCallback(
    (value: number) => (what === 'delay' ? t('unit.s', { n: value.toFixed(0) }) : numberText(Math.round(value))),
    [t, what],
  );
  const minute = useCallback((value: number) => t('unit.min', { n: value.toFixed(0) }), [t]);
  const lines = useMemo(
    () => [
      {
        name: `${t('trial.before')}: ${nameOf(before)}`,
        points: seriesOf(before, what),
        colour: (p: { stateText: { warn: string } }) => p.stateText.warn,
        dashed: true,
      },
      {
        name: `${t('trial.after')}: ${nameOf(after)}`,
        points: seriesOf(after, what),
        colour: (p: { accent: string }) => p.accent,
      },
    ],
    [t, nameOf, before, after, what],
  );
  const label = t('trial.chart', { what: t(`trial.${what}`), a: nameOf(before), b: nameOf(after) });
  return (
    <Section
      title={label}
      tools={
        <Segmented<Drawable>
          size="small"
          aria-label={t('trial.series')}
          value={what}
          onChange={draw}
          options={drawable.map((value) => ({ value, label: t(`trial.${value}`) }))}
        />
      }
    >
      <LinesChart lines={lines} unit={unit} at={minute} time={false} zero height={280} label={label} />
      <ChartLegend lines={lines} />
    </Section>
  );
}

function Change({ before, after, less }: { before: number | null; after: number | null; less: boolean }) {
  const change = changeOf(before, after);
  if (change === null) return <span className="muted">—</span>;
  const text = `${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(0)} %`;
  if (Math.abs(change) < 0.005) return <span className="num">0 %</span>;
  return <Pill tone={change < 0 === less ? 'ok' : 'alarm'}>{text}</Pill>;
}

function Numbers({ before, after }: { before: TrafficTrialRun; after: TrafficTrialRun }) {
  const t = useWords();
  const nameOf = useControllerName();
  const seconds = (value: number | null) => (value === null ? '—' : t('unit.s', { n: value.toFixed(1) }));
  const count = (value: number | null) => (value === null ? '—' : numberText(Math.round(value)));
  const rows: [string, (run: TrafficTrialRun) => number | null, (value: number | null) => string, boolean][] = [
    [t('trial.delayAll'), (run) => run.delayS, seconds, true],
    [t('trial.loss'), (run) => run.timeLossS, seconds, true],
    [t('trial.queueMean'), queueMean, count, true],
    [t('trial.queueMax'), queueMax, count, true],
    [t('trial.arrived'), (run) => run.arrived, count, false],
    [t('trial.never'), (run) => run.neverEntered, count, true],
    [
      t('trial.decision'),
      (run) => run.decisionP99Us ?? null,
      (us) => (us === null ? '—' : `${(us / 1000).toFixed(2)} ms`),
      true,
    ],
  ];
  return (
    <Section flush title={`${nameOf(before)} – ${nameOf(after)}`}>
      <TableScroll label={t('trial.measure')}>
        <table className="groups compare">
          <thead>
            <tr>
              <th>{t('trial.measure')}</th>
              <th className="num">{nameOf(before)}</th>
              <th className="num">{nameOf(after)}</th>
              <th className="num">{t('trial.change')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, of, say, less]) => (
              <tr key={name}>
                <th>{name}</th>
                <td className="num">{say(of(before))}</td>
                <td className="num strong">{say(of(after))}</td>
                <td className="num">
                  {name !== t('trial.decision') && <Change before={of(before)} after={of(after)} less={less} />}
                </td>
              </tr>
            ))}
            <tr>
              <th>{t('trial.grid')}</th>
              {[before, after].map((run) => (
                <td key={run.controller} className="num">
                  {run.gridlocked ? <Pill tone="alarm">{t('trial.gridYes')}</Pill> : t('trial.gridNo')}
                </td>
              ))}
              <td />
            </tr>
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Trial({ trial }: { trial: TrafficTrial }) {
  const t = useWords();
  const nameOf = useControllerName();
  const [wantedBefore, setBefore] = useParam('before');
  const [wantedAfter, setAfter] = useParam('after');
  const usual = usualPair(trial.runs);
  const find = (name: string) => trial.runs.find(({ controller }) => controller === name);
  const before = find(wantedBefore) ?? find(usual.before);
  const after = find(wantedAfter) ?? find(usual.after);
  if (!before || !after) return <Blank title={t('trial.none')} />;
  const options = trial.runs.map((run) => ({
    value: run.controller,
    label: `${nameOf(run)} · ${t('unit.s', { n: run.delayS.toFixed(1) })}`,
  }));
  return (
    <>
      <div className="trial-pair">
        <label htmlFor="trial-before">{t('trial.before')}</label>
        <Select id="trial-before" value={before.controller} options={options} onChange={setBefore} />
        <label htmlFor="trial-after">{t('trial.after')}</label>
        <Select id="trial-after" value={after.controller} options={options} onChange={setAfter} />
      </div>
      <Over before={before} after={after} />
      <Numbers before={before} after={after} />
      {trial.command && (
        <p className="muted made-with">
          {t('trial.command')} <code>{trial.command}</code>
        </p>
      )}
    </>
  );
}

export function TrialsPage() {
  const t = useWords();
  const language = useLanguage();
  const query = useTrials();
  const [wanted, choose] = useParam('trial');
  const trials = query.data?.trials ?? [];
  const id = trials.some((each) => each.id === wanted) ? wanted : (trials[0]?.id ?? '');
  const trial = useTrial(id);
  return (
    <Page
      title={t('trial.title')}
      lead={t('trial.lead')}
      tools={
        trials.length > 0 && (
          <Select
            aria-label={t('trial.pick')}
            className="pick-wide"
            popupMatchSelectWidth={false}
            value={id}
            onChange={choose}
            options={trials.map((each) => ({
              value: each.id,
              label: `${each.network} · ${t('trial.seed', { n: each.seed })} · ${dateTime(Date.parse(each.madeAt), language, false)}`,
            }))}
          />
        )
      }
    >
      <Answer query={query}>
        {() =>
          trials.length === 0 ? (
            <Blank title={t('trial.none')} hint={t('trial.noneHint')} />
          ) : (
            <Answer query={trial}>{(data) => <Trial key={data.id} trial={data} />}</Answer>
          )
        }
      </Answer>
    </Page>
  );
}
