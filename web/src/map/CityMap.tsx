// The map as a component. It is drawn anew when theme or language change, and stays where it was.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { arrivals, entityTable } from '../api/live';
import { useActiveFindings, useMapEntity } from '../api/queries';
import type { MapEntity } from '../api/schema';
import { useStore } from '../api/store';
import { Blank } from '../ui/states';
import { useRealNow } from '../ui/ticker';
import { MapButtons, useMapIn } from './map_frame';
import { MapView } from './map_view';

const freshMs = 20_000;

interface Props {
  selected: string | undefined;
  hidden: string[];
  onPick: (id: string | null) => void;
}

function useMarks(view: MapView | null): void {
  const findings = useActiveFindings().data?.findings;
  const arrived = useStore(arrivals);
  const beat = Math.floor(useRealNow() / 5000);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the beat lets what was fresh grow old
  useEffect(() => {
    if (!view || !findings) return;
    const fresh = findings
      .filter((finding) => Date.now() - (arrived.get(finding.id) ?? 0) < freshMs)
      .map((finding) => entityTable.get(finding.about))
      .filter((entity): entity is MapEntity => entity !== undefined);
    view.mark([...new Set(findings.map((finding) => finding.about))], fresh);
  }, [view, findings, arrived, beat]);
}

export function CityMap({ selected, hidden, onPick }: Props) {
  const { t } = useTranslation();
  const pick = useRef(onPick);
  pick.current = onPick;
  const { box, view, failed } = useMapIn(
    (frame) => new MapView({ ...frame, table: entityTable, onPick: (id) => pick.current(id) }),
  );
  const entity = useMapEntity(selected);
  const known = entity !== undefined;
  const flownTo = useRef<string | undefined>(undefined);
  useMarks(view);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value of the same entity moves nothing
  useEffect(() => {
    if (!view) return;
    view.select(entity, known && flownTo.current !== selected);
    if (known || !selected) flownTo.current = selected;
  }, [view, selected, known]);
  const hiddenKey = hidden.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the joined names stand for the array
  useEffect(() => view?.hide(hidden), [view, hiddenKey]);
  if (failed) return <Blank title={t('map.noWebgl')} />;
  return (
    <>
      <section ref={box} className="map-box" aria-label={t('map.region')} />
      <MapButtons view={view} fitName={t('map.fit')} fit={() => view?.fit()} />
    </>
  );
}
