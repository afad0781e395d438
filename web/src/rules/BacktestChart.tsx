// The timeline of a backtest.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { BacktestFinding, Period } from '../api/schema';
import { Chart } from '../ui/Chart';
import { useMode } from '../ui/preferences';
import { type Palette, palettes } from '../ui/theme';
import { clockTime, dayAndTime, spanText } from '../ui/time';
import { shortId } from '../ui/values';
import { backtestRows, type Rows } from './backtest_rows';

const rowHeight = 22;

interface DrawApi {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
}

function drawBar(palette: Palette) {
  return (_: unknown, api: DrawApi) => {
    const [left, middle] = api.coord([api.value(1), api.value(0)]);
    const [right] = api.coord([api.value(2), api.value(0)]);
    return {
      type: 'rect',
      shape: { x: left, y: middle - 6, width: Math.max(3, right - left), height: 12, r: 2 },
      style: { fill: palette.state.warn, opacity: api.value(3) ? 0.6 : 1 },
    };
  };
}

function optionOf(rows: Rows, period: Period, palette: Palette) {
  const label = { color: palette.muted, fontSize: 11 };
  const days = Date.parse(period.to) - Date.parse(period.from) > 24 * 3600_000;
  const when = (at: number) => (days ? dayAndTime(at) : clockTime(at, false));
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 6, bottom: 4, outerBoundsMode: 'same' },
    tooltip: {
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: 12 },
      formatter: ({ value }: { value: number[] }) => {
        const [row = 0, from = 0, to = 0] = value;
        return `${shortId(rows.names[row] ?? '')}<br>${clockTime(from)} – ${clockTime(to)} (${spanText(to - from)})`;
      },
    },
    xAxis: {
      type: 'time',
      min: Date.parse(period.from),
      max: Date.parse(period.to),
      axisLabel: { ...label, hideOverlap: true, formatter: when },
      axisLine: { lineStyle: { color: palette.line } },
      splitLine: { show: true, lineStyle: { color: palette.line } },
    },
    yAxis: {
      type: 'category',
      data: rows.names,
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { ...label, formatter: shortId, width: 170, overflow: 'truncate' },
    },
    series: [
      {
        type: 'custom',
        renderItem: drawBar(palette),
        encode: { x: [1, 2], y: 0 },
        data: rows.bars.map((bar) => [bar.row, bar.from, bar.to, bar.open ? 1 : 0]),
      },
    ],
  };
}

export function BacktestChart({ findings, period }: { findings: BacktestFinding[]; period: Period }) {
  const { t } = useTranslation();
  const mode = useMode();
  const rows = useMemo(() => backtestRows(findings, Date.parse(period.to)), [findings, period]);
  const option = useMemo(() => optionOf(rows, period, palettes[mode]), [rows, period, mode]);
  return <Chart option={option} height={rows.names.length * rowHeight + 40} label={t('rule.chart')} />;
}
