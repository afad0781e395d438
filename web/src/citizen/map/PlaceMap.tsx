// The map under a pin that stays in the middle: whoever moves the map moves the place. A touch on a point goes there; the
// arrow keys move it, + and - come nearer.
import { useEffect, useRef } from 'react';
import type { PublicCity, PublicGround } from '../../api/schema';
import type { Place } from '../kept/draft';
import { Icon } from '../ui/icons';
import './map.css';
import { distanceM, rounded } from './places';
import { useGroundMap } from './use_ground_map';
import { useMapWords } from './words';

const nearZoom = 16.2;

export function PlaceMap(props: {
  city: PublicCity;
  ground: PublicGround | undefined;
  place: Place | undefined;
  label: string;
  onMove: (place: Place) => void;
}) {
  const say = useMapWords();
  const { city, ground, place, onMove } = props;
  const tell = useRef(onMove);
  tell.current = onMove;
  const first = place && ([place.lon, place.lat] as [number, number]);
  const { box, map, failed, ready } = useGroundMap(
    { city, ground, center: first, zoom: place ? nearZoom : undefined },
    (made) => {
      const moved = (event: { originalEvent?: unknown; byHand?: boolean }) => {
        if (!event.originalEvent && !event.byHand) return; // it was told to, and the place is known
        const { lng, lat } = made.getCenter();
        tell.current(rounded({ lon: lng, lat }));
      };
      made.on('moveend', moved);
      made.on('click', (event) =>
        made.easeTo({ center: event.lngLat, zoom: Math.max(made.getZoom(), 15) }, { byHand: true }),
      );
      return undefined;
    },
  );

  // A place that came from elsewhere: the phone, a photo, a street's name.
  useEffect(() => {
    if (!ready || !map.current || !place) return;
    const { lng, lat } = map.current.getCenter();
    if (distanceM({ lon: lng, lat }, place) < 1) return;
    map.current.easeTo({ center: [place.lon, place.lat], zoom: Math.max(map.current.getZoom(), nearZoom) });
  }, [ready, place, map]);

  if (failed) return <p className="map-failed muted">{say('noMap')}</p>;
  const zoom = (by: number) => map.current?.easeTo({ zoom: map.current.getZoom() + by });
  return (
    <div className="map map-place" data-ready={ready || undefined}>
      <div ref={box} className="map-box" role="application" aria-label={props.label} />
      <svg className={`map-pin${place ? ' is-set' : ''}`} width="44" height="56" viewBox="0 0 44 56" aria-hidden="true">
        <ellipse cx="22" cy="53" rx="6" ry="2.5" className="map-pin-shadow" />
        <path d="M22 52S5 36 5 20.5a17 17 0 0 1 34 0C39 36 22 52 22 52Z" />
        <circle cx="22" cy="20.5" r="6.5" />
      </svg>
      <div className="map-zoom">
        <button type="button" aria-label={say('zoomIn')} onClick={() => zoom(1)}>
          <Icon name="plus" />
        </button>
        <button type="button" aria-label={say('zoomOut')} onClick={() => zoom(-1)}>
          <Icon name="minus" />
        </button>
      </div>
    </div>
  );
}
