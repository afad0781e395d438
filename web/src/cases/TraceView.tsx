// A case's whole journey, from the reading that began it to the verification that ended it.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case, TraceStep, Why } from '../api/schema';
import { useText, useWord } from '../i18n';
import { EntityLink, useActor, useAttributeName, useValueText } from '../ui/Attribute';
import { Sparkline } from '../ui/Sparkline';
import { Answer, Blank } from '../ui/states';
import { clockTime, spanText } from '../ui/time';
import { WhyView } from '../ui/WhyView';
import { TraceChart } from './TraceChart';
import { ms, windowOf } from './trace_window';
import { type TraceHistory, useTraceHistory } from './use_trace_history';

const drawn = new Set(['reading', 'effect', 'receipt', 'verification']);
const aroundMs = 60_000;

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

// What a step has to tell beyond its title, by its stage.
function StepDetail({ step }: { step: TraceStep }) {
  const { t } = useTranslation();
  const nameOf = useAttributeName();
  const textOf = useValueText();
  const word = useWord();
  const detail = step.detail ?? {};
  const unit = asText(detail.unitCode);
  if (step.stage === 'reading' || step.stage === 'effect')
    return detail.attribute === undefined ? null : (
      <p>
        {nameOf(String(detail.attribute))} <strong className="num">{textOf(detail.value, unit)}</strong>
      </p>
    );
  if ((step.stage === 'finding' || step.stage === 'verification') && (detail.condition || detail.values))
    return <WhyView why={detail as Why} />;
  if (step.stage === 'command')
    return <p>{t('command.set', { name: nameOf(String(detail.name ?? '')), value: textOf(detail.value) })}</p>;
  const code = asText(detail.code);
  const words = [asText(detail.reason), code ? word('code', code) : asText(detail.note)].filter(Boolean).join(' · ');
  return words ? <p>{words}</p> : null;
}

function StepRow(props: { step: TraceStep; before: TraceStep | undefined; about: TraceHistory | null }) {
  const { step, before, about } = props;
  const { t } = useTranslation();
  const text = useText();
  const actor = useActor();
  const gap = before ? ms(step.at) - ms(before.at) : 0;
  return (
    <li className={`trace-step trace-${step.stage}`}>
      <div className="trace-when">
        <time className="num" dateTime={step.at}>
          {clockTime(ms(step.at))}
        </time>
        {gap >= 1000 && <small className="muted">{t('trace.after', { t: spanText(gap) })}</small>}
      </div>
      <span className="trace-dot" aria-hidden="true" />
      <div className="trace-what">
        <h3>{t(`stage.${step.stage}`)}</h3>
        <strong>{text(step.title)}</strong>
        <div className="trace-who muted">
          {step.by && <span>{actor(step.by)}</span>}
          {step.entity && !/:(Case|Finding|Command|Action):/.test(step.entity) && <EntityLink id={step.entity} />}
        </div>
        <StepDetail step={step} />
        {about?.history && drawn.has(step.stage) && (
          <Sparkline samples={about.history.samples} at={ms(step.at)} aroundMs={aroundMs} />
        )}
      </div>
    </li>
  );
}

function Journey({ item, steps }: { item: Case; steps: TraceStep[] }) {
  const { t } = useTranslation();
  const about = useTraceHistory(item, steps);
  const window = windowOf(steps);
  if (!window) return <Blank title={t('trace.empty')} />;
  return (
    <section className="trace" aria-label={t('trace.title')}>
      {item.closedAt && <p className="muted">{t('trace.took', { t: spanText(window.last - window.first) })}</p>}
      {about && <TraceChart about={about} steps={steps} />}
      <ol>
        {steps.map((step, i) => (
          <StepRow key={`${step.stage}${step.at}${i}`} step={step} before={steps[i - 1]} about={about} />
        ))}
      </ol>
    </section>
  );
}

export function TraceView({ item }: { item: Case }) {
  const query = useQuery({ queryKey: keys.trace(item.id), queryFn: () => api.trace(item.id) });
  return <Answer query={query}>{({ steps }) => <Journey item={item} steps={steps} />}</Answer>;
}
