// The map beside the inbox: the same cases by the same filters, all of them; where they are many they are counted in
// squares. A click on a case chooses its row.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type CaseQuery } from '../api/client';
import { keys } from '../api/keys';
import type { CaseMap as Answer, CaseSummary } from '../api/schema';
import { useText } from '../i18n';
import { CaseMap } from '../map/CaseMap';
import type { Gathered, Sight } from '../map/case_map_view';
import { pointsOf } from '../map/case_points';
import { useCityNow } from '../ui/ticker';
import { useStreets } from './use_streets';

const refreshMs = 10_000;
const nothing: Answer = { total: 0, cases: [], clusters: [] };

// What is in sight, with some around it, so that a small step needs no question.
function useCasesInSight(query: CaseQuery, sight: Sight | null) {
  const wish = { ...query, ...sight };
  return useQuery({
    queryKey: keys.caseMap(wish),
    queryFn: () => api.caseMap(wish),
    enabled: sight !== null,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  }).data;
}

export function InboxMap(props: {
  query: CaseQuery;
  total: number;
  selected: CaseSummary | undefined;
  onSelect: (id: string) => void;
}) {
  const { query, total, selected, onSelect } = props;
  const { t } = useTranslation();
  const text = useText();
  const streets = useStreets();
  const [sight, setSight] = useState<Sight | null>(null);
  const { cases, clusters, total: inSight } = useCasesInSight(query, sight) ?? nothing;
  // Urgency moves with the clock, but not with each of its ticks.
  const minute = Math.floor(useCityNow() / 60_000) * 60_000;
  const points = useMemo(() => pointsOf(cases, (item) => text(item.title), minute), [cases, minute, text]);
  const gathered = useMemo(
    () =>
      clusters.map(
        (each): Gathered => ({
          at: [each.lon, each.lat],
          count: each.cases,
          alarm: each.overdue > 0,
          bbox: each.bbox as Gathered['bbox'],
        }),
      ),
    [clusters],
  );
  const chosen = useMemo(
    () => (selected ? pointsOf([selected], (item) => text(item.title), minute)[0] : undefined),
    [selected, minute, text],
  );
  return (
    <>
      <CaseMap
        points={points}
        gathered={gathered}
        chosen={chosen}
        streets={streets}
        label={t('seats.caseMap')}
        onPick={onSelect}
        onSight={setSight}
      />
      <p className="map-note muted">{t('seats.mapShows', { n: inSight, all: total })}</p>
    </>
  );
}
