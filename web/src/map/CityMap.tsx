// The map as a component. It is drawn anew when theme or language change, and stays where it was.
import { AimOutlined, MinusOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { arrivals, entityTable } from '../api/live';
import { useActiveFindings, useCity, useMapEntity } from '../api/queries';
import type { MapEntity } from '../api/schema';
import { useStore } from '../api/store';
import { useLanguage } from '../i18n';
import { useMode } from '../ui/preferences';
import { Blank } from '../ui/states';
import { palettes } from '../ui/theme';
import { useRealNow } from '../ui/ticker';
import { MapView } from './map_view';

const freshMs = 20_000;

interface Props {
  selected: string | undefined;
  hidden: string[];
  onPick: (id: string | null) => void;
}

function useMapView(box: React.RefObject<HTMLDivElement | null>, onPick: Props['onPick']) {
  const city = useCity();
  const mode = useMode();
  const language = useLanguage();
  const [view, setView] = useState<MapView | null>(null);
  const [failed, setFailed] = useState(false);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    if (!box.current) return;
    let made: MapView;
    try {
      made = new MapView({
        box: box.current,
        city,
        table: entityTable,
        palette: palettes[mode],
        nameOf: (text) => text[language] || text.en,
        onPick: (id) => pick.current(id),
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
  const box = useRef<HTMLDivElement>(null);
  const { view, failed } = useMapView(box, onPick);
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
      <div className="map-zoom">
        <Button
          icon={<PlusOutlined />}
          aria-label={t('map.zoomIn')}
          title={t('map.zoomIn')}
          onClick={() => view?.zoomBy(1)}
        />
        <Button
          icon={<MinusOutlined />}
          aria-label={t('map.zoomOut')}
          title={t('map.zoomOut')}
          onClick={() => view?.zoomBy(-1)}
        />
        <Button icon={<AimOutlined />} aria-label={t('map.fit')} title={t('map.fit')} onClick={() => view?.fit()} />
      </div>
    </>
  );
}
