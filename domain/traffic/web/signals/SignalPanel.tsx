// One junction: what it shows and why, who decides, the last decisions, and what it saves against the fixed plan.
import type { TrafficDecision, TrafficSignal, TrafficSignalDetail } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Age } from '@console/ui/Age';
import { Facts } from '@console/ui/Page';
import { Answer } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { clockTime } from '@console/ui/time';
import { useCallback, useMemo } from 'react';
import { useSignal } from '../api';
import { ChartLegend, LinesChart, type Point } from '../chart/LinesChart';
import { ModePill } from '../live/marks';
import { percent, short, useUnits, useWords } from '../words';
import { JunctionDiagram, queueText } from './JunctionDiagram';

// What is saved against the fixed plan, in words; empty where either is unknown.
export function useSaving(): (signal: TrafficSignal) => string {
  const t = useWords();
  return ({ delayS, delayBeforeS }) => {
    if (delayS == null || !delayBeforeS) return '';
    const saved = delayBeforeS - delayS;
    const values = { s: short(Math.abs(saved)), p: percent(Math.abs(saved) / delayBeforeS) };
    return saved >= 0 ? t('signal.savedOf', values) : t('signal.lostOf', values);
  };
}

function Phase({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  const text = useText();
  const { signal, decisions } = detail;
  const newest = decisions[0];
  const green = signal.greenS;
  const since =
    green == null
      ? ''
      : green >= 0
        ? t('signal.greenFor', { n: green.toFixed(0) })
        : t('signal.changing', { n: (-green).toFixed(0) });
  return (
    <section className="why-phase" aria-label={t('signal.why')}>
      <h3>{t('signal.why')}</h3>
      <p>
        <strong>{signal.stageName || '—'}</strong> <span className="muted num">{since}</span>
      </p>
      <p>{text(signal.why)}</p>
      {newest && <DecisionNumbers decision={newest} />}
    </section>
  );
}

function DecisionNumbers({ decision }: { decision: TrafficDecision }) {
  const t = useWords();
  const cost = (value: number | null | undefined) => (value == null ? '—' : value.toFixed(0));
  return (
    <dl className="why-numbers" title={t('signal.costHint')}>
      <div>
        <dt>{t('signal.queue')}</dt>
        <dd>{queueText(decision.queue)}</dd>
      </div>
      <div>
        <dt>{t('signal.cost')}</dt>
        <dd>{cost(decision.expectedDelayS)}</dd>
      </div>
      <div>
        <dt>{t('signal.other')}</dt>
        <dd>{cost(decision.otherDelayS)}</dd>
      </div>
    </dl>
  );
}

function Stages({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  return (
    <section>
      <h3>{t('signal.stages')}</h3>
      <ol className="stages">
        {detail.stages.map((stage, i) => (
          <li key={stage.name + i} aria-current={i === detail.signal.stage ? 'step' : undefined}>
            <strong>{stage.name}</strong>
            <span className="num">
              {t('signal.min')} {stage.minGreenS} · {t('signal.max')} {stage.maxGreenS}
              {stage.planS != null && ` · ${t('signal.plan')} ${stage.planS}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Decisions({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  const text = useText();
  if (detail.decisions.length === 0) return null;
  return (
    <section>
      <h3>{t('signal.decisions')}</h3>
      <TableScroll label={t('signal.decisions')}>
        <table className="plain-table decisions">
          <thead>
            <tr>
              <th>{t('signal.at')}</th>
              <th>{t('signal.stage')}</th>
              <th className="num">{t('signal.shown')}</th>
              <th className="num">{t('signal.cost')}</th>
              <th className="num">{t('signal.other')}</th>
            </tr>
          </thead>
          <tbody>
            {detail.decisions.slice(0, 10).map((each, i) => (
              <tr key={each.at + i}>
                <td className="num-left">{clockTime(Date.parse(each.at))}</td>
                <td>
                  {detail.stages[each.stage]?.name ?? each.stage}
                  <br />
                  <span className="muted" title={text(each.why)}>
                    {t(`reason.${each.reason}`)}
                  </span>
                </td>
                <td className="num">{each.shownS == null ? '—' : each.shownS.toFixed(0)}</td>
                <td className="num">{each.expectedDelayS == null ? '—' : each.expectedDelayS.toFixed(0)}</td>
                <td className="num">{each.otherDelayS == null ? '—' : each.otherDelayS.toFixed(0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </section>
  );
}

function Delays({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  const saving = useSaving()(detail.signal);
  const unit = useCallback((value: number) => t('unit.s', { n: value.toFixed(0) }), [t]);
  const lines = useMemo(() => {
    const column = (i: number): Point[] => detail.delays.map((row) => [row[0] ?? 0, row[i] ?? null]);
    return [
      { name: t('signal.measured'), points: column(1), colour: (p: { accent: string }) => p.accent },
      {
        name: t('signal.byPlan'),
        points: column(2),
        colour: (p: { muted: string }) => p.muted,
        dashed: true,
        faint: true,
      },
    ];
  }, [detail.delays, t]);
  if (detail.delays.length === 0) return null;
  return (
    <section>
      <h3>{t('signal.delays')}</h3>
      <LinesChart lines={lines} unit={unit} zero height={150} label={`${t('signal.delays')}; ${saving}`} />
      <ChartLegend lines={lines} />
    </section>
  );
}

function Modes({ detail }: { detail: TrafficSignalDetail }) {
  const t = useWords();
  const text = useText();
  return (
    <section>
      <h3>{t('signal.modes')}</h3>
      <ul className="mode-list">
        {detail.modes.slice(0, 6).map((each, i) => (
          <li key={each.at + i}>
            <ModePill mode={each.mode} /> <span>{text(each.reason)}</span> <Age at={each.at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Head({ signal }: { signal: TrafficSignal }) {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const saving = useSaving()(signal);
  return (
    <>
      <h2>{signal.name}</h2>
      <p className="signal-mode">
        <ModePill mode={signal.mode} /> {text(signal.modeReason)}
      </p>
      <Facts
        rows={[
          [t('signal.delay'), <b key="delay">{units.seconds(signal.delayS)}</b>],
          [t('signal.before'), units.seconds(signal.delayBeforeS)],
          [t('signal.queue'), queueText(signal.queue)],
        ]}
      />
      {saving && <p className="muted">{saving}</p>}
    </>
  );
}

export function SignalPanel({ id }: { id: string }) {
  const query = useSignal(id);
  return (
    <Answer query={query}>
      {(detail) => (
        <div className="panel-parts" data-signal={id}>
          <Head signal={detail.signal} />
          <JunctionDiagram detail={detail} />
          <Phase detail={detail} />
          <Delays detail={detail} />
          <Decisions detail={detail} />
          <Stages detail={detail} />
          <Modes detail={detail} />
        </div>
      )}
    </Answer>
  );
}
