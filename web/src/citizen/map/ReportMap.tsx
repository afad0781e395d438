// Public reports on the map, gathered where there are many; or one place, as a still picture.
import type { GeoJSONSource, MapGeoJSONFeature, Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import type { PublicCity, PublicGround, PublicMap, PublicPlace } from '../../api/schema';
import { Icon } from '../ui/icons';
import { mapColour as colour } from './ground_map';
import './map.css';
import { useGroundMap } from './use_ground_map';
import { useMapWords } from './words';

const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

function addReports(map: MapLibre): void {
  map.addSource('reports', { type: 'geojson', data: empty, cluster: true, clusterRadius: 44, clusterMaxZoom: 15 });
  const white = { 'circle-stroke-color': colour('surface'), 'circle-stroke-width': 2.5 };
  map.addLayer({
    id: 'many',
    type: 'circle',
    source: 'reports',
    filter: ['has', 'point_count'],
    paint: {
      ...white,
      'circle-color': colour('brand-fill'),
      'circle-radius': ['interpolate', ['linear'], ['log10', ['get', 'point_count']], 0, 14, 3, 32],
    },
  });
  map.addLayer({
    id: 'many-count',
    type: 'symbol',
    source: 'reports',
    filter: ['has', 'point_count'],
    layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-size': 14, 'text-allow-overlap': true },
    paint: { 'text-color': colour('on-brand') },
  });
  map.addLayer({
    id: 'one',
    type: 'circle',
    source: 'reports',
    filter: ['!', ['has', 'point_count']],
    paint: {
      ...white,
      'circle-radius': 11,
      'circle-color': [
        'match',
        ['get', 'status'],
        'fixed',
        colour('ok-strong'),
        ['not_fixed', 'not_taken_up', 'merged'],
        colour('line-strong'),
        ['in_work', 'checking'],
        colour('brand-fill'),
        colour('warn-strong'),
      ],
    },
  });
}

export function ReportMap(props: {
  city: PublicCity;
  ground: PublicGround | undefined;
  reports: PublicMap | undefined;
  label: string;
  onPick: (code: string) => void;
}) {
  const say = useMapWords();
  const { city, ground, reports } = props;
  const pick = useRef(props.onPick);
  pick.current = props.onPick;
  const { box, map, failed, ready } = useGroundMap({ city, ground }, (made) => {
    addReports(made);
    const touch = async ({ features }: { features?: MapGeoJSONFeature[] }) => {
      const found = features?.[0];
      if (!found) return;
      const at = (found.geometry as GeoJSON.Point).coordinates as [number, number];
      const many = found.properties.cluster_id as number | undefined;
      if (many === undefined) return pick.current(String(found.properties.code));
      const source = made.getSource('reports') as GeoJSONSource;
      made.easeTo({ center: at, zoom: await source.getClusterExpansionZoom(many) });
    };
    made.on('click', 'one', touch);
    made.on('click', 'many', touch);
    for (const layer of ['one', 'many']) {
      made.on('mouseenter', layer, () => (made.getCanvas().style.cursor = 'pointer'));
      made.on('mouseleave', layer, () => (made.getCanvas().style.cursor = ''));
    }
    return undefined;
  });

  useEffect(() => {
    if (ready && reports)
      map.current?.getSource<GeoJSONSource>('reports')?.setData(reports as unknown as GeoJSON.FeatureCollection);
  }, [ready, reports, map]);

  if (failed) return <p className="map-failed muted">{say('noMap')}</p>;
  const zoom = (by: number) => map.current?.easeTo({ zoom: map.current.getZoom() + by });
  return (
    <div className="map map-reports" data-ready={ready || undefined} data-points={reports?.features.length}>
      <div ref={box} className="map-box" role="application" aria-label={props.label} />
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

// Where one report is; round where the place is told only roughly.
export function StillMap(props: {
  city: PublicCity;
  ground: PublicGround | undefined;
  place: PublicPlace;
  label: string;
}) {
  const { city, ground, place } = props;
  const rough = place.within_m ?? 0;
  const zoom = rough > 50 ? 14.5 : 16;
  const metresPerPixel = (156_543 * Math.cos((place.lat * Math.PI) / 180)) / 2 ** zoom / 2; // tiles of 512
  const { box, failed, ready } = useGroundMap(
    { city, ground, center: [place.lon, place.lat], zoom, still: true },
    () => undefined,
  );
  if (failed) return null;
  const width = Math.max(26, (2 * rough) / metresPerPixel);
  return (
    <div className="map map-still" role="img" aria-label={props.label} data-ready={ready || undefined}>
      <div ref={box} className="map-box" aria-hidden="true" />
      <span className={rough > 0 ? 'map-round' : 'map-dot'} style={rough > 0 ? { width, height: width } : undefined} />
    </div>
  );
}
