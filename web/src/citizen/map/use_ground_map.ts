// A drawn map in a box of the page; made anew when the colours or the language change. `failed` where the device cannot.
import type { Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { PublicCity, PublicGround } from '../../api/schema';
import { useLanguage, useText } from '../language';
import { makeGroundMap } from './ground_map';

const dark = '(prefers-color-scheme: dark)';
function watchColours(listener: () => void): () => void {
  const query = matchMedia(dark);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

interface Wish {
  city: PublicCity;
  ground: PublicGround | undefined;
  center?: [number, number];
  zoom?: number;
  still?: boolean;
}

// `begin` is called once the map is ready, with each map anew; what it gives is called at the map's end.
export function useGroundMap(
  { city, ground, center, zoom, still }: Wish,
  begin: (map: MapLibre) => (() => void) | undefined,
) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const [failed, setFailed] = useState(false);
  const [ready, setReady] = useState(false);
  const text = useText();
  const language = useLanguage();
  const isDark = useSyncExternalStore(watchColours, () => matchMedia(dark).matches);
  const beginNow = useRef(begin);
  beginNow.current = begin;

  // biome-ignore lint/correctness/useExhaustiveDependencies: where it begins does not make another map
  useEffect(() => {
    if (!box.current) return;
    const before = map.current;
    const from = before ? { at: before.getCenter().toArray() as [number, number], zoom: before.getZoom() } : null;
    let end: (() => void) | undefined;
    let made: MapLibre;
    try {
      made = makeGroundMap({
        box: box.current,
        ground,
        bounds: city.bounds,
        center: from?.at ?? center ?? [city.center[0] ?? 0, city.center[1] ?? 0],
        zoom: from?.zoom ?? zoom ?? city.zoom ?? 13,
        nameOf: text,
        still,
      });
    } catch {
      setFailed(true);
      return;
    }
    map.current = made;
    made.on('load', () => {
      setReady(true);
      end = beginNow.current(made);
    });
    return () => {
      end?.();
      setReady(false);
      made.remove();
    };
  }, [city, ground, language, isDark, still]);

  return { box, map, failed, ready };
}
