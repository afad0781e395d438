// What the map shows, as lists for whoever goes by keyboard: the worst first.
import type {
  TrafficGarage,
  TrafficIncident,
  TrafficSegment,
  TrafficSignal,
  TransitVehicle,
} from '@console/api/schema';
import { useText } from '@console/i18n';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { SeverityMark } from '@console/ui/marks';
import { Input, type InputRef, Segmented } from 'antd';
import { useRef, useState } from 'react';
import { ratioOf, speedClass } from '../map/speed_classes';
import { DelayPill } from '../transit/parts';
import { byTrouble } from '../transit/transit_shapes';
import { useUnits, useWords } from '../words';
import { ModePill, SpeedMark } from './marks';
import { useVehicleName } from './VehiclePanel';

export interface City {
  segments: TrafficSegment[];
  signals: TrafficSignal[];
  incidents: TrafficIncident[];
  garages: TrafficGarage[];
  vehicles: TransitVehicle[];
}

const lists = ['segments', 'incidents', 'signals', 'garages', 'vehicles'] as const;
type List = (typeof lists)[number];
const mostRows = 120;

interface Row {
  id: string;
  title: string;
  side: React.ReactNode;
  sub: React.ReactNode;
}

const bySlowness = (a: TrafficSegment, b: TrafficSegment) => (ratioOf(a) ?? 2) - (ratioOf(b) ?? 2);

function useRows(city: City, list: List): Row[] {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const nameOf = useVehicleName();
  if (list === 'vehicles')
    return [...city.vehicles].sort(byTrouble).map((each) => ({
      id: `vehicle:${each.id}`,
      title: nameOf(each),
      side: <DelayPill delayS={each.delay_s} />,
      sub: text(each.nextStopName),
    }));
  if (list === 'segments')
    return [...city.segments].sort(bySlowness).map((each) => ({
      id: `segment:${each.id}`,
      title: each.name,
      side: <b className="num">{units.kmh(each.speedKmh)}</b>,
      sub: (
        <>
          <SpeedMark of={speedClass(each)} /> {t('segment.usual')} {units.kmh(each.usualKmh)}
        </>
      ),
    }));
  if (list === 'incidents')
    return city.incidents
      .filter(({ active }) => active)
      .map((each) => ({
        id: `incident:${each.id}`,
        title: text(each.title),
        side: <SeverityMark severity={each.severity} />,
        sub: each.segmentName,
      }));
  if (list === 'signals')
    return [...city.signals]
      .sort((a, b) => (b.delayS ?? -1) - (a.delayS ?? -1))
      .map((each) => ({
        id: `signal:${each.id}`,
        title: each.name,
        side: <b className="num">{units.seconds(each.delayS)}</b>,
        sub: (
          <>
            <ModePill mode={each.mode} /> {each.stageName}
          </>
        ),
      }));
  return [...city.garages]
    .sort((a, b) => (a.free ?? 0) / a.capacity - (b.free ?? 0) / b.capacity)
    .map((each) => ({
      id: `garage:${each.id}`,
      title: each.name,
      side: (
        <b className="num">
          {each.free ?? '—'} / {each.capacity}
        </b>
      ),
      sub: t('live.garage'),
    }));
}

export function LiveLists({ city, of, put }: { city: City; of: string; put: (of: string) => void }) {
  const t = useWords();
  const [list, setList] = useState<List>(of.startsWith('signal') ? 'signals' : 'segments');
  const [words, setWords] = useState('');
  const search = useRef<InputRef>(null);
  const keys = useListKeys(of);
  const rows = useRows(city, list).filter((row) => row.title.toLowerCase().includes(words.trim().toLowerCase()));
  useHotkeys({ '/': () => search.current?.focus() });
  const count: Record<List, number> = {
    segments: city.segments.length,
    incidents: city.incidents.filter(({ active }) => active).length,
    signals: city.signals.length,
    garages: city.garages.length,
    vehicles: city.vehicles.length,
  };
  return (
    <section className="live-lists" aria-label={t('live.lists')}>
      <header>
        <h1>{t('live.title')}</h1>
        <Segmented<List>
          size="small"
          aria-label={t('live.lists')}
          value={list}
          onChange={setList}
          options={lists.map((value) => ({
            value,
            label: t(`live.${value}`),
            title: `${t(`live.${value}`)} ${count[value]}`,
          }))}
        />
        <Input
          ref={search}
          allowClear
          aria-label={t('live.search')}
          placeholder={t('live.search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && search.current?.blur()}
        />
      </header>
      <div className="rows" ref={keys}>
        {rows.slice(0, mostRows).map((row) => (
          <button
            key={row.id}
            type="button"
            className="row"
            data-row={row.id}
            aria-current={row.id === of}
            onClick={() => put(row.id)}
          >
            <span className="row-title">{row.title}</span>
            <span className="row-side">{row.side}</span>
            <span className="row-sub">{row.sub}</span>
          </button>
        ))}
        {rows.length === 0 && (
          <p className="muted rows-note">{t(count[list] === 0 ? `live.no_${list}` : 'live.none')}</p>
        )}
        {rows.length > mostRows && <p className="muted rows-note">{t('live.more', { n: rows.length - mostRows })}</p>}
      </div>
    </section>
  );
}
