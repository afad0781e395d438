// One attribute over time, with the limits that matter and moments to mark.
import { useMemo } from 'react';
import type { History, TypeInfo } from '../api/schema';
import { Chart } from './Chart';
import { useMode } from './preferences';
import { type Palette, palettes } from './theme';
import { clockTime, dayAndTime, span } from './time';
import { valueText } from './values';

export interface ChartMark {
  at: number;
  label: string;
  tone?: 'warn' | 'alarm' | 'ok' | 'plain';
}

interface Props {
  history: History;
  name: string;
  from: number;
  to: number;
  scale?: TypeInfo['scale'];
  marks?: ChartMark[];
  height?: number;
  holds?: boolean; // each value holds until the next, and the last one to the end
  targets?: readonly number[];
}

interface Bounds {
  min: number;
  max: number;
}

const rowHeight = 14;
const least = (value: number, targets: readonly number[]) => Math.min(value, ...targets);
const most = (value: number, targets: readonly number[]) => Math.max(value, ...targets);

export function summary(name: string, history: History): string {
  const values = history.samples.map((sample) => sample[1] ?? 0);
  const last = values.at(-1);
  if (last === undefined) return name;
  const text = (value: number) => valueText(value, history.unitCode);
  return `${name}: ${text(last)}; min ${text(Math.min(...values))}, max ${text(Math.max(...values))}`;
}

function limitLines(scale: TypeInfo['scale'], palette: Palette) {
  return (scale ?? [])
    .filter(([, state]) => state !== 'ok')
    .map(([value, state]) => ({
      yAxis: value as number,
      lineStyle: { color: palette.state[state as 'warn' | 'alarm'], type: 'dashed', width: 1 },
      label: { show: false },
    }));
}

const targetLines = (targets: readonly number[], palette: Palette) =>
  targets.map((yAxis) => ({
    yAxis,
    lineStyle: { color: palette.state.ok, type: 'solid', width: 1.4 },
    label: { show: false },
  }));

function momentLines(marks: ChartMark[], palette: Palette) {
  return marks.map((mark, i) => ({
    xAxis: mark.at,
    lineStyle: { color: palette.muted, type: 'solid', width: 1, opacity: 0.7 },
    label: {
      formatter: mark.label,
      color: palette.muted,
      fontSize: 11,
      rotate: 0,
      position: 'end',
      // Neighbours take turns in height, so that long names do not cover one another.
      offset: [0, i % 2 === 0 ? 0 : -rowHeight],
      backgroundColor: palette.surface,
      padding: [1, 3],
    },
  }));
}

function axisLabel(ms: number, width: number): string {
  if (span(width).unit === 'd') return dayAndTime(ms);
  return clockTime(ms, width < 600_000);
}

export function HistoryChart(props: Props) {
  const { history, name, from, to, scale, marks, height = 180, holds, targets } = props;
  const mode = useMode();
  const option = useMemo(() => {
    const palette = palettes[mode];
    const last = holds ? history.samples.at(-1)?.[1] : undefined;
    const data = last === undefined ? history.samples : [...history.samples, [to, last]];
    const limits = [...targetLines(targets ?? [], palette), ...limitLines(scale, palette)];
    const axis = { axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true }, axisTick: { show: false } };
    return {
      animation: false,
      grid: {
        left: 8,
        right: 14,
        top: marks?.length ? 20 + rowHeight * Math.min(marks.length, 2) : 10,
        bottom: 4,
        outerBoundsMode: 'same',
      },
      tooltip: {
        trigger: 'axis',
        backgroundColor: palette.surface,
        borderColor: palette.line,
        textStyle: { color: palette.text, fontSize: 12 },
        formatter: (params: { value: [number, number] }[]) => {
          const value = params[0]?.value;
          return value ? `${clockTime(value[0])}&nbsp; <b>${valueText(value[1], history.unitCode)}</b>` : '';
        },
      },
      xAxis: {
        type: 'time',
        min: from,
        max: to,
        splitNumber: 4,
        axisLine: { lineStyle: { color: palette.line } },
        splitLine: { show: false },
        ...axis,
        axisLabel: { ...axis.axisLabel, formatter: (ms: number) => axisLabel(ms, to - from) },
      },
      yAxis: {
        type: 'value',
        scale: true,
        // What a value is judged by is seen beside it, also where it is far off.
        ...(targets?.length
          ? { min: ({ min }: Bounds) => least(min, targets), max: ({ max }: Bounds) => most(max, targets) }
          : {}),
        splitNumber: 3,
        splitLine: { lineStyle: { color: palette.line } },
        ...axis,
        axisLabel: { ...axis.axisLabel, formatter: (value: number) => valueText(value, history.unitCode) },
      },
      series: [
        {
          type: 'line',
          name,
          data,
          ...(holds ? { step: 'end' } : {}),
          showSymbol: history.samples.length < 3,
          symbolSize: 5,
          lineStyle: { color: palette.accent, width: 1.8 },
          itemStyle: { color: palette.accent },
          areaStyle: { color: palette.accent, opacity: 0.1, origin: 'start' },
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            data: [...limits, ...momentLines(marks ?? [], palette)],
          },
        },
      ],
    };
  }, [history, name, from, to, scale, marks, mode, holds, targets]);
  return <Chart option={option} height={height} label={summary(name, history)} />;
}
