// One segment: its speed today against the usual and what is foreseen, and how past forecasts met the truth.
import type { TrafficSegment, TrafficSegmentDetail } from '@console/api/schema';
import { Age } from '@console/ui/Age';
import { Facts } from '@console/ui/Page';
import { Answer } from '@console/ui/states';
import { clockTime } from '@console/ui/time';
import { Segmented } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useSegment } from '../api';
import { ChartLegend, LinesChart } from '../chart/LinesChart';
import { ratioOf, speedClass } from '../map/speed_classes';
import { percent, short, useUnits, useWords } from '../words';
import { SpeedMark } from './marks';
import { dayLines, pastLines } from './segment_lines';

const useSpeedText = () => {
  const t = useWords();
  return useCallback((value: number) => t('unit.kmh', { n: value.toFixed(0) }), [t]);
};

function Numbers({ segment }: { segment: TrafficSegment }) {
  const t = useWords();
  const units = useUnits();
  const ratio = ratioOf(segment);
  return (
    <>
      <p className="big-number">
        <strong>{units.kmh(segment.speedKmh)}</strong>
        <span>
          <SpeedMark of={speedClass(segment)} />
          {ratio !== null && t('live.ofFree', { n: percent(ratio) })}
        </span>
      </p>
      <Facts
        rows={[
          [t('segment.usual'), units.kmh(segment.usualKmh)],
          [t('segment.freeFlow'), units.kmh(segment.freeFlowKmh)],
          ...(segment.vehiclesPerH == null
            ? []
            : [[t('segment.flow'), t('segment.perHour', { n: segment.vehiclesPerH.toFixed(0) })] as [string, string]]),
          [t('live.updated'), <Age key="age" at={segment.observedAt} />],
        ]}
      />
    </>
  );
}

function Day({ detail }: { detail: TrafficSegmentDetail }) {
  const t = useWords();
  const unit = useSpeedText();
  const drawn = useMemo(() => {
    const { end, today, usual, median, band } = dayLines(detail, t('segment.band'));
    const lines = [
      { name: t('segment.todayLine'), points: today, colour: (p: { accent: string }) => p.accent },
      {
        name: t('segment.usualLine'),
        points: usual,
        colour: (p: { muted: string }) => p.muted,
        dashed: true,
        faint: true,
      },
      {
        name: t('segment.median'),
        points: median,
        colour: (p: { accent: string }) => p.accent,
        dashed: true,
        symbol: 'diamond' as const,
      },
    ];
    return { end, lines, band };
  }, [detail, t]);
  const said = detail.forecasts.map(
    (each) => `${t('segment.ahead', { n: each.minutes })}: ${unit(each.p50)} (${unit(each.p10)} – ${unit(each.p90)})`,
  );
  return (
    <section>
      <h3>{t('segment.today')}</h3>
      <LinesChart
        lines={drawn.lines}
        band={drawn.band}
        now={drawn.end}
        unit={unit}
        label={[t('segment.today'), ...said].join('; ')}
      />
      <ChartLegend lines={drawn.lines} band={drawn.band} />
      <Forecasts detail={detail} />
    </section>
  );
}

function Forecasts({ detail }: { detail: TrafficSegmentDetail }) {
  const t = useWords();
  const units = useUnits();
  if (detail.forecasts.length === 0) return <p className="muted">{t('segment.noForecast')}</p>;
  return (
    <table className="plain-table forecast-table">
      <thead>
        <tr>
          <th>{t('segment.horizon')}</th>
          <th>{t('segment.at')}</th>
          <th className="num">{t('segment.middle')}</th>
          <th className="num">{t('segment.range')}</th>
          <th className="num">{t('segment.congestion')}</th>
        </tr>
      </thead>
      <tbody>
        {detail.forecasts.map((each) => (
          <tr key={each.minutes}>
            <td>{t('unit.min', { n: each.minutes })}</td>
            <td className="num-left">{clockTime(Date.parse(each.forAt), false)}</td>
            <td className="num strong">{units.kmh(each.p50)}</td>
            <td className="num">
              {each.p10.toFixed(0)} – {each.p90.toFixed(0)}
            </td>
            <td className="num">{each.congestion == null ? '—' : `${percent(each.congestion)} %`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Past({ detail }: { detail: TrafficSegmentDetail }) {
  const t = useWords();
  const unit = useSpeedText();
  const [minutes, choose] = useState(15);
  const met = useMemo(() => detail.past.filter(({ samples }) => samples.length > 0), [detail]);
  const past = met.find((each) => each.minutes === minutes) ?? met[0];
  const drawn = useMemo(() => {
    if (!past) return null;
    const { band, median, truth } = pastLines(past, t('segment.band'));
    const lines = [
      {
        name: t('segment.truth'),
        points: truth,
        colour: (p: { text: string }) => p.text,
        symbol: 'circle' as const,
        onlyPoints: true,
      },
      { name: t('segment.median'), points: median, colour: (p: { accent: string }) => p.accent, dashed: true },
    ];
    return { band, lines };
  }, [past, t]);
  if (!past || !drawn) return <p className="muted">{t('segment.noPast')}</p>;
  const said = [
    past.meanError == null ? '' : t('segment.error', { v: `${short(past.meanError)} km/h` }),
    past.within == null ? '' : t('segment.within', { n: percent(past.within) }),
  ].filter(Boolean);
  return (
    <section>
      <header className="panel-line">
        <h3>{t('segment.past')}</h3>
        <Segmented
          size="small"
          aria-label={t('segment.horizon')}
          value={past.minutes}
          onChange={choose}
          options={met.map((each) => ({ value: each.minutes, label: t('unit.min', { n: each.minutes }) }))}
        />
      </header>
      <LinesChart
        lines={drawn.lines}
        band={drawn.band}
        unit={unit}
        label={[t('segment.past'), t('segment.ahead', { n: past.minutes }), ...said].join('; ')}
      />
      <ChartLegend lines={drawn.lines} band={drawn.band} />
      <p className="muted">{said.join(' · ')}</p>
    </section>
  );
}

export function SegmentPanel({ id }: { id: string }) {
  const query = useSegment(id);
  return (
    <Answer query={query}>
      {(detail) => (
        <div className="panel-parts" data-segment={id}>
          <h2>{detail.segment.name}</h2>
          <Numbers segment={detail.segment} />
          <Day detail={detail} />
          <Past detail={detail} />
        </div>
      )}
    </Answer>
  );
}
