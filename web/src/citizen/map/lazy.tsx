// The maps, fetched when first looked at. Where they cannot be (no network, and never looked at on this phone), everything
// beside them still works.
import { lazy } from 'react';
import { Icon } from '../ui/icons';
import { useMapWords } from './words';

function NoMap() {
  const say = useMapWords();
  return (
    <p className="notice tone-rest" data-map="none">
      <Icon name="map" size={22} /> {say('noMapNow')}
    </p>
  );
}
const without = () => ({ default: NoMap });

export const PlaceMap = lazy(() => import('./PlaceMap').then((part) => ({ default: part.PlaceMap })).catch(without));
export const ReportMap = lazy(() => import('./ReportMap').then((part) => ({ default: part.ReportMap })).catch(without));
export const StillMap = lazy(() => import('./ReportMap').then((part) => ({ default: part.StillMap })).catch(without));
