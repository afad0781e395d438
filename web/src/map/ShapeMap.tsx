// The map of shapes as a component. It is drawn anew when theme or language change.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Blank } from '../ui/states';
import { cornersOf } from './corners';
import type { Lonlat } from './ground_view';
import { MapButtons, useMapIn } from './map_frame';
import { ShapeMapView, type Shapes } from './shape_map_view';

interface Props {
  shapes: Shapes;
  label: string;
  chosen?: string;
  chosenAt?: Lonlat | undefined;
  streets?: GeoJSON.FeatureCollection | undefined;
  fitTo?: string; // when this changes, the map shows all its shapes
  scale?: boolean;
  onPick?: (id: string) => void;
  onPlace?: (at: Lonlat) => void;
  children?: React.ReactNode; // upon the map: its legend
}

const cornersIn = ({ areas = [], lines = [], marks = [] }: Shapes): Lonlat[] => [
  ...areas.flatMap((area) => cornersOf(area.geometry)),
  ...lines.flatMap(({ line }) => cornersOf(line)),
  ...marks.map(({ at }) => at),
];

export function ShapeMap(props: Props) {
  const { shapes, chosen = '', chosenAt, streets, fitTo = '', scale = false, label, onPick, onPlace, children } = props;
  const { t } = useTranslation();
  const heard = useRef({ onPick, onPlace });
  heard.current = { onPick, onPlace };
  const { box, view, failed } = useMapIn(
    (frame) =>
      new ShapeMapView({
        ...frame,
        scale,
        onPick: (id) => heard.current.onPick?.(id),
        onPlace: (at) => heard.current.onPlace?.(at),
      }),
  );
  const fitted = useRef('');
  useEffect(() => view?.show(shapes), [view, shapes]);
  useEffect(() => {
    if (streets) view?.drawStreets(streets);
  }, [view, streets]);
  const [lon, lat] = chosenAt ?? [];
  useEffect(() => {
    view?.choose(chosen, lon === undefined || lat === undefined ? undefined : [lon, lat]);
  }, [view, chosen, lon, lat]);
  useEffect(() => {
    const corners = view && fitTo && fitted.current !== fitTo ? cornersIn(shapes) : [];
    if (!view || corners.length === 0) return;
    fitted.current = fitTo;
    view.fit(corners);
  }, [view, fitTo, shapes]);
  if (failed) return <Blank title={t('map.noWebgl')} />;
  return (
    <div className="case-map">
      <section ref={box} className="map-box" aria-label={label} />
      {children}
      <MapButtons view={view} fitName={t('map.fit')} fit={() => view?.fit(cornersIn(shapes))} />
    </div>
  );
}
