// Lines with their vehicles, and of a stop what leaves it next and how evenly its lines come.

import { CloseOutlined } from '@ant-design/icons';
import { Problem } from '@console/api/http';
import type {
  TrafficDeparture,
  TrafficStopBoard,
  TrafficStopMap,
  TransitLine,
  TransitVehicle,
} from '@console/api/schema';
import { useText } from '@console/i18n';
import type { MapMark } from '@console/map/shape_map_view';
import { useHotkeys } from '@console/ui/hotkeys';
import { useListKeys } from '@console/ui/list_keys';
import { Pill } from '@console/ui/marks';
import { usePageTitle } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { type Palette, palettes } from '@console/ui/theme';
import { useCityNow } from '@console/ui/ticker';
import { clockTime } from '@console/ui/time';
import { Button, Input, type InputRef } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { useBoard, useLines, useStops, useVehicles } from '../api';
import { useChosen } from '../live/use_chosen';
import { middleOf } from '../map/middle';
import { StreetMap } from '../map/StreetMap';
import { useUnits, useWords } from '../words';
import { LinesPanel } from './LinesPanel';
import { DelayPill, HeadwayPill, LineName } from './parts';
import { lineOf, lineShapes, vehicleMarks } from './transit_shapes';

type Features = TrafficStopMap['features'];
const mostRows = 150;

function Punctuality({ departure: { status, delayS } }: { departure: TrafficDeparture }) {
  const t = useWords();
  if (status === 'live') return <DelayPill delayS={delayS} />;
  return (
    <Pill tone={status === 'cancelled' || status === 'skipped' ? 'alarm' : 'plain'}>
      {t(`transit.status_${status}`)}
    </Pill>
  );
}

function Departures({ board }: { board: TrafficStopBoard }) {
  const t = useWords();
  const now = useCityNow();
  if (board.departures.length === 0) return <Blank title={t('transit.none')} />;
  const minutes = (departure: TrafficDeparture) => {
    const at = departure.expectedAt;
    if (!at) return '—';
    const left = Math.floor((Date.parse(at) - now) / 60_000);
    return left < 1 ? t('transit.due') : t('unit.min', { n: left });
  };
  return (
    <TableScroll label={t('transit.board')}>
      <table className="groups board">
        <thead>
          <tr>
            <th>{t('transit.line')}</th>
            <th>{t('transit.headsign')}</th>
            <th className="num">{t('transit.in')}</th>
            <th>{t('transit.expected')}</th>
            <th>{t('transit.planned')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {board.departures.map((each, i) => (
            <tr key={`${each.trip ?? ''}${each.plannedAt}${i}`} className={each.expectedAt ? '' : 'not-going'}>
              <th>
                <LineName name={each.line} colour={each.colour} />
              </th>
              <td className="wrap">
                {each.headsign}
                {each.platform && <span className="muted"> {t('transit.platform', { n: each.platform })}</span>}
              </td>
              <td className="num strong">{minutes(each)}</td>
              <td className="num-left">{each.expectedAt ? clockTime(Date.parse(each.expectedAt), false) : '—'}</td>
              <td className="num-left muted">{clockTime(Date.parse(each.plannedAt), false)}</td>
              <td>
                <Punctuality departure={each} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Headways({ board }: { board: TrafficStopBoard }) {
  const t = useWords();
  const units = useUnits();
  if (board.headways.length === 0) return <p className="muted">{t('transit.noHeadways')}</p>;
  return (
    <TableScroll label={t('transit.headways')}>
      <table className="groups">
        <thead>
          <tr>
            <th>{t('transit.line')}</th>
            <th>{t('transit.headsign')}</th>
            <th className="num">{t('transit.plannedEvery')}</th>
            <th className="num">{t('transit.actualEvery')}</th>
            <th>{t('transit.evenness')}</th>
          </tr>
        </thead>
        <tbody>
          {board.headways.map((each, i) => (
            <tr key={each.line + each.headsign + i}>
              <th>{each.line}</th>
              <td className="wrap">{each.headsign}</td>
              <td className="num">{units.minutes(each.plannedS)}</td>
              <td className="num strong">{units.minutes(each.actualS)}</td>
              <td>
                <HeadwayPill state={each.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Board({ id, close }: { id: string; close: () => void }) {
  const t = useWords();
  const text = useText();
  const query = useBoard(id);
  return (
    <Answer query={query}>
      {(board) => (
        <div className="panel-parts" data-stop={id}>
          <Button
            className="live-close"
            type="text"
            size="small"
            icon={<CloseOutlined />}
            aria-label={t('transit.toLines')}
            title={`${t('transit.toLines')} (Esc)`}
            onClick={close}
          />
          <h2>
            {board.stop.name} {board.stop.code && <span className="muted">{board.stop.code}</span>}
          </h2>
          {board.alerts.length > 0 && (
            <ul className="alerts" aria-label={t('transit.alerts')}>
              {board.alerts.map((alert, i) => (
                <li key={i}>{text(alert)}</li>
              ))}
            </ul>
          )}
          <Departures board={board} />
          <section>
            <h3>{t('transit.headways')}</h3>
            <Headways board={board} />
          </section>
        </div>
      )}
    </Answer>
  );
}

// Where its lines go from a stop: two stops of one name are told apart by it.
function useWhereTo(lines: readonly TransitLine[]): (stop: string, names: readonly string[]) => string {
  const text = useText();
  return useMemo(() => {
    const to = new Map<string, string[]>();
    for (const line of lines)
      for (const stop of line.stops) to.set(stop, [...(to.get(stop) ?? []), `${line.line} → ${text(line.headsign)}`]);
    return (stop, names) => (to.get(stop) ?? names).join(' · ');
  }, [lines, text]);
}

function StopList(props: { stops: Features; lines: readonly TransitLine[]; of: string; choose: (id: string) => void }) {
  const { stops, of, choose } = props;
  const t = useWords();
  const whereTo = useWhereTo(props.lines);
  const [words, setWords] = useState('');
  const search = useRef<InputRef>(null);
  const keys = useListKeys(of);
  useHotkeys({ '/': () => search.current?.focus() });
  const wanted = words.trim().toLowerCase();
  const rows = stops.filter(({ properties: { name, code = '', lines = [] } }) =>
    [name, code, ...lines].some((each) => each.toLowerCase().includes(wanted)),
  );
  return (
    <section className="live-lists" aria-label={t('transit.stops')}>
      <header>
        <h1>{t('transit.title')}</h1>
        <Input
          ref={search}
          allowClear
          aria-label={t('transit.search')}
          placeholder={t('transit.search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && search.current?.blur()}
        />
      </header>
      <div className="rows" ref={keys}>
        {rows.slice(0, mostRows).map(({ properties: { id, name, code, lines = [] } }) => (
          <button
            key={id}
            type="button"
            className="row"
            data-row={id}
            aria-current={id === of}
            onClick={() => choose(id)}
          >
            <span className="row-title">{name}</span>
            <span className="row-side">{code}</span>
            <span className="row-sub">{whereTo(id, lines)}</span>
          </button>
        ))}
        {rows.length === 0 && <p className="muted rows-note">{t('live.none')}</p>}
        {rows.length > mostRows && <p className="muted rows-note">{t('live.more', { n: rows.length - mostRows })}</p>}
      </div>
    </section>
  );
}

const stopMarks = (stops: Features, p: Palette): MapMark[] =>
  stops.flatMap(({ geometry, properties: { id, name } }) => {
    const at = middleOf(geometry as GeoJSON.Geometry);
    const look = { shape: 'dot' as const, fill: p.surface, edge: p.text, ink: p.text, label: '' };
    return at ? [{ id: `stop:${id}`, at, name, ...look }] : [];
  });

function useVehicleWords() {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  return ({ line = '?', headsign, nextStopName, headway }: TransitVehicle) =>
    [
      headsign ? `${line} → ${text(headsign)}` : line,
      nextStopName && `${t('transit.next')} ${text(nextStopName)}`,
      headway &&
        `${t(`transit.${headway.state}`)} ${t('transit.every', { a: units.minutes(headway.actual_s), p: units.minutes(headway.planned_s) })}`,
    ]
      .filter(Boolean)
      .join(' · ');
}

function useTransitShapes(stops: Features, line: string) {
  const palette = palettes[useMode()];
  const text = useText();
  const words = useVehicleWords();
  const lines = useLines().data?.lines;
  const vehicles = useVehicles().data?.vehicles;
  const shapes = useMemo(
    () => ({
      lines: lineShapes(lines ?? [], line, palette, (each) => `${each.line} → ${text(each.headsign)}`),
      marks: [...stopMarks(stops, palette), ...vehicleMarks(vehicles ?? [], line, palette, words)],
    }),
    [lines, vehicles, stops, line, palette, text],
  );
  return { lines: lines ?? [], vehicles: vehicles ?? [], shapes };
}

function City({ stops }: { stops: Features }) {
  const t = useWords();
  const { of, chosen, put, choose, clear } = useChosen();
  const line = chosen.kind === 'line' ? chosen.id : '';
  const stop = chosen.kind === 'stop' ? chosen.id : '';
  const { lines, vehicles, shapes } = useTransitShapes(stops, line);
  useHotkeys({ Escape: clear });
  const pick = (id: string) => {
    const vehicle = vehicles.find((each) => id === `vehicle:${each.id}`);
    if (vehicle && lineOf(vehicle)) choose('line', lineOf(vehicle));
    else if (!vehicle) put(id);
  };
  return (
    <>
      <StopList stops={stops} lines={lines} of={stop} choose={(id) => choose('stop', id)} />
      <div className="board-panel">
        {stop ? (
          <Board key={stop} id={stop} close={clear} />
        ) : (
          <LinesPanel
            lines={lines}
            vehicles={vehicles}
            chosen={line}
            choose={(id) => (id ? choose('line', id) : clear())}
          />
        )}
      </div>
      <div className="live-map">
        <StreetMap
          shapes={shapes}
          label={t('transit.map')}
          fitTo={lines.length ? 'lines' : 'stops'}
          chosen={of}
          chosenAt={shapes.marks.find(({ id }) => id === of)?.at}
          onPick={pick}
        />
      </div>
    </>
  );
}

export function BoardPage() {
  const t = useWords();
  const query = useStops();
  usePageTitle(t('transit.title'));
  if (query.error instanceof Problem && query.error.status === 404)
    return <Blank title={t('transit.noTimetable')} hint={t('transit.noTimetableHint')} />;
  return (
    <div className="traffic-live board-page">
      <Answer query={query}>{({ features }) => <City stops={features} />}</Answer>
    </div>
  );
}
