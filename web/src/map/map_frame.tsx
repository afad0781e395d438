// What every map of the console has in common: it is drawn anew when theme or language change, and it has its buttons.
import { AimOutlined, MinusOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCity } from '../api/queries';
import { useLanguage } from '../i18n';
import { useMode } from '../ui/preferences';
import { palettes } from '../ui/theme';
import './map.css';

interface Drawn {
  destroy: () => void;
  zoomBy: (by: number) => void;
}

export interface Frame {
  box: HTMLDivElement;
  city: ReturnType<typeof useCity>;
  palette: (typeof palettes)[keyof typeof palettes];
  nameOf: (text: { zh: string; en: string }) => string;
}

// `make` is asked once for each theme and language, as it is then: what it calls later, it finds through a ref.
export function useMapIn<V extends Drawn>(make: (frame: Frame) => V) {
  const box = useRef<HTMLDivElement>(null);
  const city = useCity();
  const mode = useMode();
  const language = useLanguage();
  const [view, setView] = useState<V | null>(null);
  const [failed, setFailed] = useState(false);
  const maker = useRef(make);
  maker.current = make;
  useEffect(() => {
    if (!box.current) return;
    let made: V;
    try {
      const nameOf: Frame['nameOf'] = (text) => text[language] || text.en;
      made = maker.current({ box: box.current, city, palette: palettes[mode], nameOf });
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
  }, [city, mode, language]);
  return { box, view, failed };
}

export function MapButtons({ view, fit, fitName }: { view: Drawn | null; fit: () => void; fitName: string }) {
  const { t } = useTranslation();
  const named = (name: string) => ({ 'aria-label': name, title: name });
  return (
    <div className="map-zoom">
      <Button icon={<PlusOutlined />} {...named(t('map.zoomIn'))} onClick={() => view?.zoomBy(1)} />
      <Button icon={<MinusOutlined />} {...named(t('map.zoomOut'))} onClick={() => view?.zoomBy(-1)} />
      <Button icon={<AimOutlined />} {...named(fitName)} onClick={fit} />
    </div>
  );
}
