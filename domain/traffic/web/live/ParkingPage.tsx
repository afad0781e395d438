// Where one can park, now and on arrival.

import type { TrafficGarage } from '@console/api/schema';
import { Pill } from '@console/ui/marks';
import { Page } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Answer } from '@console/ui/states';
import { palettes } from '@console/ui/theme';
import { Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { type Lonlat, useParking } from '../api';
import { StreetMap } from '../map/StreetMap';
import { PlaceChoice } from '../routes/PlaceChoice';
import { type NamedPlace, usePlaces } from '../routes/use_places';
import { useUnits, useWords } from '../words';
import { garageMarks } from './drawn_city';
import { Chance, FreeBar } from './parking_parts';
import { useChosen } from './use_chosen';

const horizons = [15, 30, 60];

// Most likely to find a space, and of those the nearest.
export function bestGarage(garages: readonly TrafficGarage[]): string {
  const known = garages.filter(({ arrival }) => arrival);
  known.sort((a, b) => {
    const sure = (each: TrafficGarage) => ((each.arrival?.chance ?? 0) >= 0.9 ? 1 : (each.arrival?.chance ?? 0));
    return sure(b) - sure(a) || (a.arrival?.driveS ?? 0) - (b.arrival?.driveS ?? 0);
  });
  return known[0]?.id ?? '';
}

function useColumns(best: string, from: boolean, choose: (id: string) => void): TableColumnsType<TrafficGarage> {
  const t = useWords();
  const units = useUnits();
  return [
    {
      title: t('parking.garage'),
      key: 'name',
      render: (_, garage) => (
        <>
          <button type="button" className="link strong" onClick={() => choose(garage.id)}>
            {garage.name}
          </button>{' '}
          {garage.id === best && <Pill tone="ok">{t('parking.best')}</Pill>}
        </>
      ),
    },
    {
      title: t('parking.free'),
      key: 'free',
      defaultSortOrder: from ? undefined : 'descend',
      sorter: (a, b) => (a.free ?? -1) - (b.free ?? -1),
      render: (_, garage) => (
        <span className="free-cell">
          <b className="num">{garage.free === 0 ? t('parking.full') : (garage.free ?? '—')}</b>
          <span className="muted num">{t('parking.of', { n: garage.capacity })}</span>
          <FreeBar garage={garage} />
        </span>
      ),
    },
    ...horizons.map((minutes) => ({
      title: t('parking.in', { n: minutes }),
      key: minutes,
      align: 'right' as const,
      render: (_: unknown, garage: TrafficGarage) => {
        const said = garage.forecasts.find((each) => each.minutes === minutes);
        if (!said) return '—';
        return (
          <span className="ahead-cell" title={`10–90 %: ${said.p10.toFixed(0)} – ${said.p90.toFixed(0)}`}>
            <span className="num">{said.p50.toFixed(0)}</span> <Chance of={said.chance} />
          </span>
        );
      },
    })),
    {
      title: t('parking.arrival'),
      key: 'arrival',
      align: 'right',
      sorter: (a, b) => (a.arrival?.driveS ?? 0) - (b.arrival?.driveS ?? 0),
      render: (_, { arrival }) =>
        arrival ? (
          <span className="ahead-cell">
            <span className="num">{units.minutes(arrival.driveS)}</span> <Chance of={arrival.chance} />
          </span>
        ) : (
          <span className="muted">{from ? '—' : t('parking.noFrom')}</span>
        ),
    },
  ];
}

export function ParkingPage() {
  const t = useWords();
  const palette = palettes[useMode()];
  const places = usePlaces();
  const [from, setFrom] = useState<NamedPlace>();
  const at: Lonlat | undefined = from?.at;
  const query = useParking(at);
  const { chosen, choose } = useChosen();
  const garages = query.data?.garages;
  const best = bestGarage(garages ?? []);
  const columns = useColumns(best, at !== undefined, (id) => choose('garage', id));
  const drawn = useMemo(() => {
    const start = at && {
      id: 'from',
      at,
      shape: 'pin' as const,
      fill: palette.accent,
      edge: palette.surface,
      ink: palette.surface,
      label: 'A',
      name: t('parking.from'),
    };
    return { marks: [...garageMarks(garages ?? [], palette), ...(start ? [start] : [])] };
  }, [garages, palette, at, t]);
  return (
    <Page
      title={t('parking.title')}
      lead={t('parking.lead')}
      tools={
        <PlaceChoice id="parking-from" label={t('parking.from')} places={places} value={from} onChange={setFrom} />
      }
    >
      <Answer query={query}>
        {({ garages: all }) => (
          <>
            <div className="section section-flush">
              <Table<TrafficGarage>
                size="small"
                rowKey="id"
                columns={columns}
                dataSource={all}
                pagination={false}
                showSorterTooltip={false}
                sortDirections={['descend', 'ascend', 'descend']}
                rowClassName={({ id }) => (id === chosen.id ? 'chosen-row' : '')}
              />
            </div>
            <div className="section map-section parking-map">
              <StreetMap
                shapes={drawn}
                label={t('parking.map')}
                fitTo="all"
                chosen={chosen.kind === 'garage' ? `garage:${chosen.id}` : ''}
                chosenAt={all.find(({ id }) => id === chosen.id)?.position}
                onPick={(id) => id.startsWith('garage:') && choose('garage', id.slice('garage:'.length))}
                onPlace={(place) => setFrom({ value: '', label: '', at: place })}
              />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}
