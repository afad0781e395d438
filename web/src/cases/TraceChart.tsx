// The measured value over the whole case, with the moment of each stage upon it.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { keys } from '../api/keys';
import { useCity, useMapEntity } from '../api/queries';
import type { Case, TraceStep } from '../api/schema';
import { useAttributeName } from '../ui/Attribute';
import { type ChartMark, HistoryChart } from '../ui/HistoryChart';
import { mergeNear, ms, subjectOf, windowOf } from './trace_window';

const margin = 0.12; // of the window, before and after
const marginMinMs = 60_000;
const nearShare = 0.06; // marks closer than this share of the width are told as one
const marked = new Set(['finding', 'command', 'receipt', 'verification', 'closed']);

export function TraceChart({ item, steps }: { item: Case; steps: TraceStep[] }) {
  const { t } = useTranslation();
  const city = useCity();
  const subject = subjectOf(steps, item.about);
  const nameOf = useAttributeName();
  const entity = useMapEntity(subject?.entity);
  const window = windowOf(steps);
  const pad = window ? Math.max(marginMinMs, (window.last - window.first) * margin) : 0;
  const from = (window?.first ?? 0) - pad;
  const to = (window?.last ?? 0) + pad;
  const marks = useMemo(() => {
    const firsts = new Map<string, ChartMark>();
    for (const step of steps)
      if (marked.has(step.stage) && !firsts.has(step.stage))
        firsts.set(step.stage, { at: ms(step.at), label: t(`stage.${step.stage}`) });
    return mergeNear([...firsts.values()], (to - from) * nearShare);
  }, [steps, t, from, to]);
  const query = useQuery({
    queryKey: keys.history(subject?.entity ?? '', subject?.attribute ?? '', { from, to }),
    queryFn: () =>
      api.history({
        entity: subject?.entity ?? '',
        attribute: subject?.attribute ?? '',
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        points: 400,
      }),
    enabled: subject !== null,
    refetchInterval: item.closedAt ? false : 3000,
    placeholderData: (before) => before,
  });
  if (!subject || !query.data || query.data.samples.length === 0) return null;
  const info = city.types[entity?.type ?? ''];
  return (
    <figure className="trace-chart">
      <figcaption className="muted">{t('trace.chart', { name: nameOf(subject.attribute) })}</figcaption>
      <HistoryChart
        history={query.data}
        name={nameOf(subject.attribute)}
        from={from}
        to={to}
        marks={marks}
        scale={info?.main === subject.attribute ? info.scale : undefined}
        height={200}
      />
    </figure>
  );
}
