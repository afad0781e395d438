// All lines with how regularly they run, and the vehicles under way: those that bunch or leave gaps first.
import type { TransitLine, TransitVehicle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { Button } from 'antd';
import { percent, useUnits, useWords } from '../words';
import { DelayPill, HeadwayPill, LineName } from './parts';
import { byTrouble, lineId, lineOf, silentAfterS } from './transit_shapes';

interface Props {
  lines: readonly TransitLine[];
  vehicles: readonly TransitVehicle[];
  chosen: string; // a line; empty: all of them
  choose: (line: string) => void;
}

function LineRow({
  line,
  out,
  chosen,
  choose,
}: {
  line: TransitLine;
  out: number;
  chosen: boolean;
  choose: () => void;
}) {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const { regularity } = line;
  const share = (value: number | undefined) => (value === undefined ? '—' : t('transit.share', { n: percent(value) }));
  return (
    <tr className={chosen ? 'chosen-row' : ''}>
      <th>
        <button type="button" className="link" aria-pressed={chosen} data-line={lineId(line)} onClick={choose}>
          <LineName name={line.line} colour={line.color} />
        </button>
      </th>
      <td className="wrap">{text(line.headsign)}</td>
      <td className="num">{out}</td>
      <td className="num strong">{units.seconds(regularity?.actualWaitingTime)}</td>
      <td className="num">{units.seconds(regularity?.excessWaitingTime)}</td>
      <td className="num">{share(regularity?.bunchedShare)}</td>
      <td className="num">{share(regularity?.gapShare)}</td>
    </tr>
  );
}

function Lines({ lines, vehicles, chosen, choose }: Props) {
  const t = useWords();
  return (
    <section>
      <header className="panel-line">
        <h2>{t('transit.lines')}</h2>
        {chosen !== '' && (
          <Button size="small" onClick={() => choose('')}>
            {t('transit.allLines')}
          </Button>
        )}
      </header>
      <TableScroll label={t('transit.lines')}>
        <table className="groups lines-table">
          <thead>
            <tr>
              <th>{t('transit.line')}</th>
              <th>{t('transit.headsign')}</th>
              <th className="num">{t('transit.out')}</th>
              <th className="num">{t('transit.waiting')}</th>
              <th className="num">{t('transit.excess')}</th>
              <th className="num">{t('transit.bunched')}</th>
              <th className="num">{t('transit.gap')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => {
              const id = lineId(line);
              return (
                <LineRow
                  key={id}
                  line={line}
                  out={vehicles.filter((each) => lineOf(each) === id).length}
                  chosen={chosen === id}
                  choose={() => choose(chosen === id ? '' : id)}
                />
              );
            })}
          </tbody>
        </table>
      </TableScroll>
      <p className="muted">{t('transit.waitingHint')}</p>
    </section>
  );
}

function VehicleRow({ vehicle, colour }: { vehicle: TransitVehicle; colour?: string | undefined }) {
  const t = useWords();
  const text = useText();
  const units = useUnits();
  const { headway } = vehicle;
  return (
    <tr data-vehicle={vehicle.id}>
      <th>
        <LineName name={vehicle.line ?? '?'} colour={colour} />
      </th>
      <td className="wrap">
        {text(vehicle.nextStopName)}
        <span className="muted block">{text(vehicle.headsign)}</span>
      </td>
      <td>
        {vehicle.age_s > silentAfterS ? (
          <span className="muted">{t('transit.silent', { t: units.minutes(vehicle.age_s) })}</span>
        ) : (
          <DelayPill delayS={vehicle.delay_s} />
        )}
      </td>
      <td className="num">
        {headway
          ? t('transit.every', { a: units.minutes(headway.actual_s), p: units.minutes(headway.planned_s) })
          : '—'}
      </td>
      <td>{headway && <HeadwayPill state={headway.state} />}</td>
    </tr>
  );
}

function Vehicles({ lines, vehicles, chosen }: Omit<Props, 'choose'>) {
  const t = useWords();
  const shown = vehicles.filter((each) => chosen === '' || lineOf(each) === chosen).sort(byTrouble);
  const colours = new Map(lines.map((line) => [lineId(line), line.color]));
  return (
    <section>
      <h3>{t('transit.vehicles', { n: shown.length })}</h3>
      {shown.length === 0 ? (
        <Blank title={t('transit.noVehicles')} hint={t('transit.noVehiclesHint')} />
      ) : (
        <TableScroll label={t('transit.vehicles', { n: shown.length })}>
          <table className="groups">
            <thead>
              <tr>
                <th>{t('transit.line')}</th>
                <th>{t('transit.next')}</th>
                <th>{t('transit.punctuality')}</th>
                <th className="num">{t('transit.headwayNow')}</th>
                <th>{t('transit.evenness')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => (
                <VehicleRow key={each.id} vehicle={each} colour={colours.get(lineOf(each))} />
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </section>
  );
}

export function LinesPanel(props: Props) {
  return (
    <div className="panel-parts" data-lines={props.lines.length}>
      <Lines {...props} />
      <Vehicles {...props} />
    </div>
  );
}
