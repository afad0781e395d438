// The history that a trace is about, asked for once and shown in several places.
import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client';
import { keys } from '../api/keys';
import type { Case, History, TraceStep } from '../api/schema';
import { subjectOf, windowOf } from './trace_window';

const margin = 0.12; // of the window, before and after
const marginMinMs = 60_000;

export interface TraceHistory {
  entity: string;
  attribute: string;
  from: number;
  to: number;
  history: History | undefined;
}

export function useTraceHistory(item: Case, steps: TraceStep[]): TraceHistory | null {
  const subject = subjectOf(steps, item.about);
  const window = windowOf(steps);
  const pad = window ? Math.max(marginMinMs, (window.last - window.first) * margin) : 0;
  const from = (window?.first ?? 0) - pad;
  const to = (window?.last ?? 0) + pad;
  const { entity = '', attribute = '' } = subject ?? {};
  const query = useQuery({
    queryKey: keys.history(entity, attribute, { from, to }),
    queryFn: () =>
      api.history({
        entity,
        attribute,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        points: 600,
      }),
    enabled: subject !== null,
    refetchInterval: item.closedAt ? false : 3000,
    placeholderData: (before) => before,
  });
  return subject && { ...subject, from, to, history: query.data };
}
