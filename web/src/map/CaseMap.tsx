// The map of cases as a component. It is drawn anew when theme or language change.
import { AimOutlined, MinusOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import { useLanguage } from '../i18n';
import { useMode } from '../ui/preferences';
import { Blank } from '../ui/states';
import { palettes } from '../ui/theme';
import { CaseMapView, type CasePoint, type Gathered, type Lonlat, type Sight } from './case_map_view';
import './map.css';

interface Props {
  points: readonly CasePoint[];
  chosen?: CasePoint;
  way?: readonly Lonlat[];
  streets?: GeoJSON.FeatureCollection;
  gathered?: readonly Gathered[];
  fitTo?: string; // when this changes, the map shows all its points
  label: string;
  onPick: (id: string) => void;
  onSight?: (sight: Sight) => void;
}

function useView(box: React.RefObject<HTMLDivElement | null>, onPick: Props['onPick'], onSight: Props['onSight']) {
  const city = useCity();
  const mode = useMode();
  const language = useLanguage();
  const [view, setView] = useState<CaseMapView | null>(null);
  const [failed, setFailed] = useState(false);
  const pick = useRef(onPick);
  pick.current = onPick;
  const sight = useRef(onSight);
  sight.current = onSight;
  useEffect(() => {
    if (!box.current) return;
    let made: CaseMapView;
    try {
      made = new CaseMapView({
        box: box.current,
        city,
        palette: palettes[mode],
        nameOf: (text) => text[language] || text.en,
        onPick: (id) => pick.current(id),
        onSight: (seen) => sight.current?.(seen),
      });
    } catch (error) {
      console.error(error);
      setFailed(true);
      return;
    }
    setView(made);
    return () => {
      setView(null);
      made.destroy();
    };
  }, [box, city, mode, language]);
  return { view, failed };
}

const none: readonly Gathered[] = [];

export function CaseMap(props: Props) {
  const { points, gathered = none, chosen, way, streets, fitTo = '', label, onPick, onSight } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const { view, failed } = useView(box, onPick, onSight);
  const fitted = useRef('');
  useEffect(() => view?.show(points), [view, points]);
  useEffect(() => view?.showGathered(gathered), [view, gathered]);
  useEffect(() => {
    if (streets) view?.drawStreets(streets);
  }, [view, streets]);
  useEffect(() => view?.drawWay(way ?? []), [view, way]);
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
      <div className="map-zoom">
        <Button icon={<PlusOutlined />} aria-label={t('map.zoomIn')} onClick={() => view?.zoomBy(1)} />
        <Button icon={<MinusOutlined />} aria-label={t('map.zoomOut')} onClick={() => view?.zoomBy(-1)} />
        <Button
          icon={<AimOutlined />}
          aria-label={t('seats.fitCases')}
          title={t('seats.fitCases')}
          onClick={() => view?.fit(onSight ? [] : places())}
        />
      </div>
    </div>
  );
}
