// Home: the city as it is now. What is chosen and hidden stands in the address, so a reload shows the same.
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { entityTable, loadMap } from '../api/live';
import { useAddressByName } from '../ui/address';
import { useHotkeys } from '../ui/hotkeys';
import { usePageTitle } from '../ui/Page';
import { Failed } from '../ui/states';
import { CityMap } from './CityMap';
import { useCounts } from './counts';
import { EntityPanel } from './EntityPanel';
import { EventLists } from './EventLists';
import { Legend } from './Legend';
import './map.css';
import { Search } from './Search';
import { TypeFilter } from './TypeFilter';

// The socket's hello loads the map as well; this covers a server whose socket is slow or closed.
function useFirstPicture() {
  return useQuery({
    queryKey: ['first-picture'],
    queryFn: async () => {
      if (entityTable.version === 0) await loadMap();
      return true;
    },
    staleTime: Infinity,
  });
}

export function LivePage() {
  const { t } = useTranslation();
  usePageTitle(t('map.title'));
  const first = useFirstPicture();
  const [params, put] = useAddressByName();
  const selected = params.get('entity') ?? undefined;
  const hidden = params.get('hide')?.split(',').filter(Boolean) ?? [];
  const counts = useCounts(hidden);

  const pick = useCallback((id: string | null) => put('entity', id ?? ''), [put]);
  useHotkeys({ Escape: () => pick(null) });

  return (
    <div className="live">
      <h1 className="visually-hidden">{t('map.title')}</h1>
      <CityMap selected={selected} hidden={hidden} onPick={pick} />
      {first.error && entityTable.size === 0 && <Failed error={first.error} retry={() => void first.refetch()} />}
      <div className="map-tools">
        <Search onPick={pick} />
        <TypeFilter counts={counts} hidden={hidden} onChange={(types) => put('hide', types.join())} />
      </div>
      <EventLists selected={selected} onPick={pick} />
      <Legend counts={counts} />
      {selected && <EntityPanel key={selected} id={selected} close={() => pick(null)} />}
    </div>
  );
}
