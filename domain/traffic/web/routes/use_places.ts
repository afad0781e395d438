// Places by name for whoever does not point at the map: garages, stops, junctions and streets of the city.
import { useMemo } from 'react';
import { type Lonlat, useParking, useSegments, useSignals, useStops } from '../api';
import { middleOf } from '../map/middle';

export interface NamedPlace {
  value: string; // empty: a place of the map
  label: string;
  at: Lonlat;
}

const mostStreets = 400;

export function usePlaces(): NamedPlace[] {
  const garages = useParking().data?.garages;
  const stops = useStops().data?.features;
  const signals = useSignals().data?.signals;
  const segments = useSegments().data?.features;
  return useMemo(() => {
    const found: NamedPlace[] = [];
    const add = (kind: string, id: string, label: string, at: Lonlat | undefined) => {
      if (at) found.push({ value: `${kind}:${id}`, label, at });
    };
    for (const each of garages ?? []) add('garage', each.id, `P ${each.name}`, each.position);
    for (const { geometry, properties } of stops ?? [])
      add('stop', properties.id, properties.name, middleOf(geometry as GeoJSON.Geometry));
    for (const each of signals ?? []) add('signal', each.id, each.name, each.position ?? undefined);
    const seen = new Set<string>();
    for (const { geometry, properties } of segments ?? []) {
      if (seen.has(properties.name) || seen.size >= mostStreets) continue;
      seen.add(properties.name);
      add('segment', properties.id, properties.name, middleOf(geometry as GeoJSON.Geometry));
    }
    return found;
  }, [garages, stops, signals, segments]);
}
