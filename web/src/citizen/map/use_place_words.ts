// A place in words, as one would tell it on the phone.
import { useCallback } from 'react';
import type { Place } from '../kept/draft';
import { useText } from '../language';
import { useGround } from '../shell/city';
import { describe } from './places';
import { useMapWords } from './words';

const onStreetM = 25;

export function usePlaceWords(): (at: Place) => string {
  const say = useMapWords();
  const text = useText();
  const ground = useGround().data;
  return useCallback(
    (at) => {
      const { street, streetM, area } = describe(at, ground);
      const place = street && say(streetM <= onStreetM ? 'at' : 'near', { street: text(street) });
      if (place) return area ? say('inArea', { place, area: text(area) }) : place;
      if (area) return say('onlyArea', { area: text(area) });
      return say('unnamed', { lat: at.lat.toFixed(5), lon: at.lon.toFixed(5) });
    },
    [say, text, ground],
  );
}
