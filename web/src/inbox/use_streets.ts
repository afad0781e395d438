// The streets, as ground for maps of cases. They come with the live map's picture; read once, they do not move.
import { useQuery } from '@tanstack/react-query';
import { entityTable, loadMap } from '../api/live';
import { streetsOf } from '../map/case_points';
import { orKept } from '../offline/snapshot';

export function useStreets(): GeoJSON.FeatureCollection | undefined {
  return useQuery({
    queryKey: ['streets'],
    queryFn: () =>
      orKept('streets', async () => {
        if (entityTable.version === 0) await loadMap();
        return streetsOf(entityTable.all());
      }),
    staleTime: Infinity,
    gcTime: Infinity,
  }).data;
}
