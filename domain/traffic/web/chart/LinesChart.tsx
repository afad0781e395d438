// Lines and a band over time or over a number: what was measured, what is usual, what was foreseen.
import { Chart } from '@console/ui/Chart';
import { useMode } from '@console/ui/preferences';
import { type Palette, palettes } from '@console/ui/theme';
import { clockTime } from '@console/ui/time';
import { useMemo } from 'react';

export type Point = [number, number | null];

export interface ChartLine {
  name: string;
  points: Point[];
  colour: (palette: Palette) => string;
  dashed?: boolean;
  symbol?: 'circle' | 'diamond' | 'triangle' | 'rect'; // each line its own, where lines are few points
  onlyPoints?: boolean;
  faint?: boolean;
}

export interface ChartBand {
  name: string;
  points: [number, number, number][]; // where, lower, upper
}

interface Props {
  lines: ChartLine[];
  band?: ChartBand;
  label: string;
  height?: number;
  unit: (value: number) => string;
  at?: (x: number) => string; // how a place on the lower axis is named; a time of day unless given
  time?: boolean;
  now?: number; // a mark on the lower axis
  zero?: boolean; // the upward axis begins at nought
  xTitle?: string;
  range?: { x: [number, number]; y: [number, number] };
}

const bandSeries = (band: ChartBand, palette: Palette) => {
  const base = { type: 'line', stack: 'band', symbol: 'none', lineStyle: { opacity: 0 }, silent: true };
  return [
    { ...base, name: ' ', data: band.points.map(([x, low]) => [x, low]), tooltip: { show: false } },
    {
      ...base,
      name: band.name,
      data: band.points.map(([x, low, high]) => [x, high - low]),
      areaStyle: { color: palette.accent, opacity: 0.18 },
    },
  ];
};

const lineSeries = (line: ChartLine, palette: Palette, now: number | undefined) => {
  const colour = line.colour(palette);
  return {
    type: 'line',
    name: line.name,
    data: line.points,
    connectNulls: false,
    showSymbol: line.symbol !== undefined,
    symbol: line.symbol ?? 'circle',
    symbolSize: line.onlyPoints ? 5 : 8,
    lineStyle: {
      color: colour,
      width: line.onlyPoints ? 0 : line.faint ? 1.4 : 2,
      type: line.dashed ? 'dashed' : 'solid',
    },
    itemStyle: { color: colour },
    z: line.faint ? 2 : 3,
    ...(now === undefined
      ? {}
      : {
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            label: { show: false },
            lineStyle: { color: palette.muted, type: 'solid', width: 1, opacity: 0.6 },
            data: [{ xAxis: now }],
          },
        }),
  };
};

interface Said {
  seriesName: string;
  value: [number, number | null];
  color: string;
}

export function LinesChart(props: Props) {
  const { lines, band, label, height = 190, unit, at = clockMinute, time = true, now, zero, xTitle, range } = props;
  const mode = useMode();
  const option = useMemo(() => {
    const palette = palettes[mode];
    const axis = {
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      nameTextStyle: { color: palette.muted, fontSize: 11 },
    };
    const words = { color: palette.muted, fontSize: 11, hideOverlap: true };
    const tip = (all: Said[]) => {
      const bandAt = band?.points.find(([x]) => x === all[0]?.value[0]);
      const rows = all
        .filter(({ seriesName, value }) => seriesName.trim() && seriesName !== band?.name && value[1] !== null)
        .map(({ seriesName, value }) => `${seriesName}&nbsp; <b>${unit(value[1] ?? 0)}</b>`);
      if (bandAt) rows.push(`${band?.name}&nbsp; <b>${unit(bandAt[1])} – ${unit(bandAt[2])}</b>`);
      return [at(all[0]?.value[0] ?? 0), ...rows].join('<br>');
    };
    return {
      animation: false,
      grid: { left: 8, right: 16, top: 10, bottom: xTitle ? 22 : 4, outerBoundsMode: 'same' },
      tooltip: {
        trigger: 'axis',
        confine: true,
        backgroundColor: palette.surface,
        borderColor: palette.line,
        textStyle: { color: palette.text, fontSize: 12 },
        formatter: tip,
      },
      xAxis: {
        type: time ? 'time' : 'value',
        min: range?.x[0] ?? 'dataMin',
        max: range?.x[1] ?? 'dataMax',
        splitNumber: 5,
        ...(time || range ? {} : { minInterval: 1 }),
        splitLine: { show: false },
        name: xTitle,
        nameLocation: 'middle',
        nameGap: 22,
        ...axis,
        axisLabel: { ...words, formatter: at },
      },
      yAxis: {
        type: 'value',
        scale: !zero,
        min: range?.y[0],
        max: range?.y[1],
        splitNumber: 4,
        ...(range ? { interval: (range.y[1] - range.y[0]) / 5 } : {}),
        splitLine: { lineStyle: { color: palette.line } },
        ...axis,
        axisLabel: { ...words, formatter: unit },
      },
      series: [
        ...(band ? bandSeries(band, palette) : []),
        ...lines.map((line, i) => lineSeries(line, palette, i === 0 ? now : undefined)),
      ],
    };
  }, [lines, band, mode, unit, at, time, now, zero, xTitle, range]);
  return <Chart option={option} height={height} label={label} />;
}

const clockMinute = (ms: number) => clockTime(ms, false);

// What the lines are, beside the chart: each as it is drawn.
export function ChartLegend({ lines, band }: { lines: ChartLine[]; band?: ChartBand }) {
  const palette = palettes[useMode()];
  return (
    <ul className="chart-legend">
      {lines.map((line) => (
        <li key={line.name}>
          <svg width="22" height="10" aria-hidden="true">
            {!line.onlyPoints && (
              <line
                x1="0"
                y1="5"
                x2="22"
                y2="5"
                stroke={line.colour(palette)}
                strokeWidth="2"
                strokeDasharray={line.dashed ? '4 3' : undefined}
              />
            )}
            {line.symbol && <LegendSymbol symbol={line.symbol} colour={line.colour(palette)} />}
          </svg>
          {line.name}
        </li>
      ))}
      {band && (
        <li>
          <svg width="22" height="10" aria-hidden="true">
            <rect width="22" height="10" fill={palette.accent} opacity="0.25" />
          </svg>
          {band.name}
        </li>
      )}
    </ul>
  );
}

function LegendSymbol({ symbol, colour }: { symbol: NonNullable<ChartLine['symbol']>; colour: string }) {
  if (symbol === 'rect') return <rect x="7.5" y="1.5" width="7" height="7" fill={colour} />;
  if (symbol === 'diamond') return <path d="M11 0.5 L15.5 5 L11 9.5 L6.5 5 Z" fill={colour} />;
  if (symbol === 'triangle') return <path d="M11 0.5 L15.5 9 L6.5 9 Z" fill={colour} />;
  return <circle cx="11" cy="5" r="3.4" fill={colour} />;
}
