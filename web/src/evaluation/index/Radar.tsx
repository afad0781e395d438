// One unit beside the mean of all and, where one is chosen, another: an axis a dimension, from the lowest to the highest
// that the scale can give. The same numbers stand in the table beneath.
import { useTranslation } from 'react-i18next';
import type { CompositeReport } from '../../api/schema';
import { rangeOf, scaleOf } from '../../ui/plots';
import { TableScroll } from '../../ui/TableScroll';
import { score2, useNames } from './names';

const width = 460;
const height = 300;
const [middle, centre] = [width / 2, height / 2];
const reach = 112;

type Corner = [number, number];

export function cornersOf(values: readonly (number | null | undefined)[], radius: (value: number) => number): Corner[] {
  return values.map((value, i) => {
    const angle = (2 * Math.PI * i) / values.length - Math.PI / 2;
    const far = typeof value === 'number' ? radius(value) : 0;
    return [middle + far * Math.cos(angle), centre + far * Math.sin(angle)];
  });
}

const pointsOf = (corners: readonly Corner[]) => corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

export function Radar({ report, unit, other }: { report: CompositeReport; unit: number; other: number | null }) {
  const { t } = useTranslation();
  const name = useNames(report);
  const { axes, mean } = report.charts.radar;
  const valuesOf = (at: number) => axes.map((axis) => report.units[at]?.scores[axis] ?? null);
  const mine = valuesOf(unit);
  const theirs = other === null ? null : valuesOf(other);
  const all = report.units.flatMap((each) => axes.map((axis) => each.scores[axis] ?? null));
  const [low, high] = rangeOf(all);
  const radius = scaleOf(Math.min(0, low), high, 0, reach, 4);
  const spokes = cornersOf(
    axes.map(() => radius.ticks.at(-1) ?? 1),
    radius,
  );
  const labels = cornersOf(
    axes.map(() => radius.ticks.at(-1) ?? 1),
    (value) => radius(value) + 14,
  );
  const title = t('index.radarOf', { unit: name.unit(unit) });
  return (
    <div className="plot-beside">
      <svg className="plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title}>
        {radius.ticks.slice(1).map((tick) => (
          <polygon
            key={tick}
            points={pointsOf(
              cornersOf(
                axes.map(() => tick),
                radius,
              ),
            )}
            className="plot-grid"
          />
        ))}
        {spokes.map(([x, y], i) => (
          <line key={axes[i]} x1={middle} y1={centre} x2={x} y2={y} className="plot-grid" />
        ))}
        {radius.ticks.slice(1).map((tick) => (
          <text key={tick} x={middle + 3} y={centre - radius(tick) + 10} className="plot-tick">
            {tick}
          </text>
        ))}
        <polygon points={pointsOf(cornersOf(mean, radius))} className="plot-mean" />
        {theirs && <polygon points={pointsOf(cornersOf(theirs, radius))} className="plot-other" />}
        <polygon points={pointsOf(cornersOf(mine, radius))} className="plot-mine" />
        {labels.map(([x, y], i) => (
          <text
            key={axes[i]}
            x={x}
            y={y}
            className="plot-label"
            textAnchor={Math.abs(x - middle) < 8 ? 'middle' : x > middle ? 'start' : 'end'}
            dominantBaseline="middle"
          >
            {name.node(axes[i] ?? 0)}
          </text>
        ))}
      </svg>
      <TableScroll label={title}>
        <table className="groups indicators">
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t('index.dimension')}</th>
              <th scope="col" className="num">
                <i className="key key-mine" aria-hidden="true" /> {name.unit(unit)}
              </th>
              {theirs && other !== null && (
                <th scope="col" className="num">
                  <i className="key key-other" aria-hidden="true" /> {name.unit(other)}
                </th>
              )}
              <th scope="col" className="num">
                <i className="key key-mean" aria-hidden="true" /> {t('index.mean')}
              </th>
            </tr>
          </thead>
          <tbody>
            {axes.map((axis, i) => (
              <tr key={axis}>
                <th scope="row">{name.node(axis)}</th>
                <td className="num">{score2(mine[i])}</td>
                {theirs && <td className="num">{score2(theirs[i])}</td>}
                <td className="num">{score2(mean[i])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}
