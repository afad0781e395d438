// The city's streets now: speeds, incidents, signals and garages on the map and in lists; what is chosen is explained beside.

import { CloseOutlined } from '@ant-design/icons';
import { useText } from '@console/i18n';
import { useHotkeys } from '@console/ui/hotkeys';
import { usePageTitle } from '@console/ui/Page';
import { useMode } from '@console/ui/preferences';
import { Answer } from '@console/ui/states';
import { palettes } from '@console/ui/theme';
import { Button } from 'antd';
import { useMemo } from 'react';
import { useIncidents, useParking, useSegments, useSignals, useVehicles } from '../api';
import { middleOf } from '../map/middle';
import { StreetMap } from '../map/StreetMap';
import { type SpeedClass, speedClasses } from '../map/speed_classes';
import { SignalPanel } from '../signals/SignalPanel';
import { vehicleMarks } from '../transit/transit_shapes';
import { useWords } from '../words';
import { countClasses, garageMarks, incidentMarks, segmentLines, signalMarks } from './drawn_city';
import { GaragePanel } from './GaragePanel';
import { IncidentPanel } from './IncidentPanel';
import { type City, LiveLists } from './LiveLists';
import { MarkSample, SpeedMark } from './marks';
import { SegmentPanel } from './SegmentPanel';
import { useChosen } from './use_chosen';
import { useVehicleName, VehiclePanel } from './VehiclePanel';

function Legend({ counts, withVehicles }: { counts: Record<SpeedClass, number>; withVehicles: boolean }) {
  const t = useWords();
  return (
    <section className="traffic-legend" aria-label={t('live.legend')}>
      <ul>
        {speedClasses.map((each) => (
          <li key={each}>
            <SpeedMark of={each} /> {t(`live.${each}`)} <b className="num">{counts[each]}</b>
          </li>
        ))}
      </ul>
      <ul>
        <li>
          <MarkSample shape="triangle" letter="!" tone="var(--stateText-alarm)" /> {t('live.incident')}
        </li>
        {(['adaptive', 'fixed', 'local'] as const).map((mode) => (
          <li key={mode}>
            <MarkSample
              shape="disc"
              letter={mode[0]?.toUpperCase() ?? ''}
              tone={mode === 'adaptive' ? 'var(--accent)' : mode === 'fixed' ? 'var(--muted)' : 'var(--stateText-warn)'}
            />{' '}
            {t(`mode.${mode}`)}
          </li>
        ))}
        <li>
          <MarkSample shape="square" letter="P" tone="var(--stateText-ok)" /> {t('live.garage')}
        </li>
        {withVehicles && (
          <li>
            <MarkSample shape="square" letter="1" tone="var(--accent)" /> {t('live.vehicle')}
          </li>
        )}
      </ul>
    </section>
  );
}

function Chosen({ city, of, clear }: { city: City; of: ReturnType<typeof useChosen>['chosen']; clear: () => void }) {
  const t = useWords();
  const incident = city.incidents.find(({ id }) => id === of.id);
  const garage = city.garages.find(({ id }) => id === of.id);
  const vehicle = city.vehicles.find(({ id }) => id === of.id);
  return (
    <aside className="live-panel" aria-label={t('live.details')}>
      <Button
        className="live-close"
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={t('live.close')}
        title={`${t('live.close')} (Esc)`}
        onClick={clear}
      />
      {of.kind === 'segment' && <SegmentPanel key={of.id} id={of.id} />}
      {of.kind === 'signal' && <SignalPanel key={of.id} id={of.id} />}
      {of.kind === 'incident' && incident && <IncidentPanel incident={incident} />}
      {of.kind === 'garage' && garage && <GaragePanel garage={garage} />}
      {of.kind === 'vehicle' && vehicle && <VehiclePanel vehicle={vehicle} />}
    </aside>
  );
}

export function LivePage() {
  const t = useWords();
  const text = useText();
  const palette = palettes[useMode()];
  const segments = useSegments();
  const features = segments.data?.features;
  const signals = useSignals().data?.signals;
  const incidents = useIncidents().data?.incidents;
  const garages = useParking().data?.garages;
  const vehicles = useVehicles().data?.vehicles;
  const nameOf = useVehicleName();
  const { of, chosen, put, clear } = useChosen();
  usePageTitle(t('live.title'));
  useHotkeys({ Escape: clear });
  const drawn = useMemo(
    () => ({
      lines: segmentLines(features ?? [], palette, (kind) => t(`live.${kind}`)),
      marks: [
        ...garageMarks(garages ?? [], palette),
        ...vehicleMarks(vehicles ?? [], '', palette, nameOf),
        ...signalMarks(signals ?? [], palette, (mode) => t(`mode.${mode as 'fixed'}`)),
        ...incidentMarks(incidents ?? [], palette, (incident) => text(incident.title)),
      ],
    }),
    [features, signals, incidents, garages, vehicles, nameOf, palette, t, text],
  );
  const city: City = useMemo(
    () => ({
      segments: (features ?? []).map(({ properties }) => properties),
      signals: signals ?? [],
      incidents: incidents ?? [],
      garages: garages ?? [],
      vehicles: vehicles ?? [],
    }),
    [features, signals, incidents, garages, vehicles],
  );
  const counts = useMemo(() => countClasses(features ?? []), [features]);
  const at = useMemo(() => {
    const mark = drawn.marks.find(({ id }) => id === of);
    const line = drawn.lines.find(({ id }) => id === of);
    return mark ? mark.at : line && middleOf(line.line);
  }, [drawn, of]);
  return (
    <div className={`traffic-live${chosen.kind ? ' has-panel' : ''}`}>
      <Answer query={segments}>
        {() => (
          <>
            <LiveLists city={city} of={of} put={put} />
            <div className="live-map">
              <StreetMap shapes={drawn} label={t('live.region')} chosen={of} chosenAt={at} onPick={put} fitTo="all">
                <Legend counts={counts} withVehicles={city.vehicles.length > 0} />
              </StreetMap>
            </div>
            {chosen.kind && <Chosen city={city} of={chosen} clear={clear} />}
          </>
        )}
      </Answer>
    </div>
  );
}
