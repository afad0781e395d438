// The map beside the inbox: the same cases, the same choice; a click on a case chooses its row.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import type { CaseSummary } from '../api/schema';
import { useText } from '../i18n';
import { CaseMap } from '../map/CaseMap';
import { pointsOf } from '../map/case_points';
import { useCityNow } from '../ui/ticker';
import { useStreets } from './use_streets';

export const lookAtCase = (id: string) => ({
  queryKey: ['case', id] as const,
  queryFn: () => api.case(id),
});

export function InboxMap(props: {
  cases: readonly CaseSummary[];
  total: number;
  selected: CaseSummary | undefined;
  onSelect: (id: string) => void;
}) {
  const { cases, total, selected, onSelect } = props;
  const { t } = useTranslation();
  const text = useText();
  const streets = useStreets();
  // Urgency moves with the clock, but not with each of its ticks.
  const minute = Math.floor(useCityNow() / 60_000) * 60_000;
  const points = useMemo(() => pointsOf(cases, (item) => text(item.title), minute), [cases, minute, text]);
  const chosen = useMemo(
    () => (selected ? pointsOf([selected], (item) => text(item.title), minute)[0] : undefined),
    [selected, minute, text],
  );
  return (
    <>
      <CaseMap points={points} chosen={chosen} streets={streets} label={t('seats.caseMap')} onPick={onSelect} />
      <p className="map-note muted">{t('seats.mapShows', { n: points.length, all: total })}</p>
    </>
  );
}
