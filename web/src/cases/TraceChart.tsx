// The measured value over the whole case, with the moment of each stage upon it.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCity, useMapEntity } from '../api/queries';
import type { TraceStep } from '../api/schema';
import { useAttributeName } from '../ui/Attribute';
import { type ChartMark, HistoryChart } from '../ui/HistoryChart';
import { mergeNear, ms } from './trace_window';
import type { TraceHistory } from './use_trace_history';

const nearShare = 0.06; // marks closer than this share of the width are told as one
const marked = new Set(['finding', 'command', 'receipt', 'verification', 'closed']);

export function TraceChart({ about, steps }: { about: TraceHistory; steps: TraceStep[] }) {
  const { t } = useTranslation();
  const city = useCity();
  const nameOf = useAttributeName();
  const { entity, attribute, from, to, history } = about;
  const type = useMapEntity(entity)?.type;
  const marks = useMemo(() => {
    const firsts = new Map<string, ChartMark>();
    for (const step of steps)
      if (marked.has(step.stage) && !firsts.has(step.stage))
        firsts.set(step.stage, { at: ms(step.at), label: t(`stage.${step.stage}`) });
    return mergeNear([...firsts.values()], (to - from) * nearShare);
  }, [steps, t, from, to]);
  if (!history || history.samples.length === 0) return null;
  const info = city.types[type ?? ''];
  return (
    <figure className="trace-chart">
      <figcaption className="muted">{t('trace.chart', { name: nameOf(attribute) })}</figcaption>
      <HistoryChart
        history={history}
        name={nameOf(attribute)}
        from={from}
        to={to}
        marks={marks}
        scale={info?.main === attribute ? info.scale : undefined}
        height={200}
      />
    </figure>
  );
}
