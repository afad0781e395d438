// The map of cases as a component. It is drawn anew when theme or language change.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Blank } from '../ui/states';
import { CaseMapView, type CasePoint, type Gathered, type Sight } from './case_map_view';
import type { Lonlat } from './ground_view';
import { MapButtons, useMapIn } from './map_frame';

interface Props {
  points: readonly CasePoint[];
  chosen?: CasePoint;
  way?: readonly Lonlat[];
  solidWay?: boolean; // over the streets, not as the crow flies
  streets?: GeoJSON.FeatureCollection;
  gathered?: readonly Gathered[];
  fitTo?: string; // when this changes, the map shows all its points
  label: string;
  onPick: (id: string) => void;
  onSight?: (sight: Sight) => void;
}

const none: readonly Gathered[] = [];

export function CaseMap(props: Props) {
  const { points, gathered = none, chosen, way, solidWay = false, streets, fitTo = '', label, onPick, onSight } = props;
  const { t } = useTranslation();
  const heard = useRef({ onPick, onSight });
  heard.current = { onPick, onSight };
  const { box, view, failed } = useMapIn(
    (frame) =>
      new CaseMapView({
        ...frame,
        onPick: (id) => heard.current.onPick(id),
        onSight: (seen) => heard.current.onSight?.(seen),
      }),
  );
  const fitted = useRef('');
  useEffect(() => view?.show(points), [view, points]);
  useEffect(() => view?.showGathered(gathered), [view, gathered]);
  useEffect(() => {
    if (streets) view?.drawStreets(streets);
  }, [view, streets]);
  useEffect(() => view?.drawWay(way ?? [], solidWay), [view, way, solidWay]);
  const [chosenId, lon, lat] = [chosen?.id, chosen?.at[0], chosen?.at[1]];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new name of the same case moves nothing
  useEffect(() => view?.choose(chosen), [view, chosenId, lon, lat]);
  const places = () => points.map((point) => point.at);
  useEffect(() => {
    if (!view || !fitTo || fitted.current === fitTo || points.length === 0) return;
    fitted.current = fitTo;
    view.fit(points.map((point) => point.at));
  }, [view, fitTo, points]);
  if (failed) return <Blank title={t('map.noWebgl')} />;
  return (
    <div className="case-map">
      <section ref={box} className="map-box" aria-label={label} />
      <MapButtons view={view} fitName={t('seats.fitCases')} fit={() => view?.fit(onSight ? [] : places())} />
    </div>
  );
}
