// Two dimensions against one another, each unit a dot; what is chosen has its name. Both axes begin where the scale begins.
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rangeOf, scaleOf } from '../../ui/plots';
import { TableScroll } from '../../ui/TableScroll';
import { type OfYear, score2, useNames } from './names';

const width = 460;
const height = 340;
const edge = { left: 46, right: 14, top: 12, bottom: 40 };

export function Scatter({ report, year, chosen, choose }: OfYear) {
  const { t } = useTranslation();
  const name = useNames(report);
  const { axes } = report.charts.radar;
  const [across, setAcross] = useState(axes[0] ?? 0);
  const [up, setUp] = useState(axes[1] ?? axes[0] ?? 0);
  const shown = report.units
    .map((unit, i) => ({ i, unit, x: unit.scores[across] ?? null, y: unit.scores[up] ?? null }))
    .filter((each) => each.unit.year === year && each.x !== null && each.y !== null);
  const x = scaleOf(
    ...rangeOf(
      shown.map((each) => each.x),
      0,
    ),
    edge.left,
    width - edge.right,
  );
  const y = scaleOf(
    ...rangeOf(
      shown.map((each) => each.y),
      0,
    ),
    height - edge.bottom,
    edge.top,
  );
  const pair = report.charts.scatter.find(
    (each) => (each.x === across && each.y === up) || (each.x === up && each.y === across),
  );
  const label = t('index.scatterOf', { x: name.node(across), y: name.node(up) });
  const pick = (value: number, set: (axis: number) => void, title: string) => (
    <Select
      size="small"
      aria-label={title}
      value={value}
      onChange={set}
      options={axes.map((axis) => ({ value: axis, label: name.node(axis) }))}
      popupMatchSelectWidth={false}
    />
  );
  return (
    <>
      <p className="section-tools">
        {pick(across, setAcross, t('index.across'))} × {pick(up, setUp, t('index.upward'))}
        {pair && typeof pair.r === 'number' && (
          <span className="muted num">{t('index.correlation', { r: pair.r.toFixed(2) })}</span>
        )}
      </p>
      <div className="plot-beside">
        <svg className="plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          {x.ticks.map((tick) => (
            <g key={tick}>
              <line x1={x(tick)} x2={x(tick)} y1={edge.top} y2={height - edge.bottom} className="plot-grid" />
              <text x={x(tick)} y={height - edge.bottom + 14} textAnchor="middle" className="plot-tick">
                {tick}
              </text>
            </g>
          ))}
          {y.ticks.map((tick) => (
            <g key={tick}>
              <line x1={edge.left} x2={width - edge.right} y1={y(tick)} y2={y(tick)} className="plot-grid" />
              <text x={edge.left - 6} y={y(tick) + 4} textAnchor="end" className="plot-tick">
                {tick}
              </text>
            </g>
          ))}
          <text x={width / 2} y={height - 6} textAnchor="middle" className="plot-label">
            {name.node(across)}
          </text>
          <text
            x={12}
            y={height / 2}
            textAnchor="middle"
            className="plot-label"
            transform={`rotate(-90 12 ${height / 2})`}
          >
            {name.node(up)}
          </text>
          {shown.map((each) => (
            <circle
              key={each.i}
              cx={x(each.x ?? 0)}
              cy={y(each.y ?? 0)}
              r={each.i === chosen ? 6 : 4.5}
              className={each.i === chosen ? 'dot dot-chosen' : 'dot'}
            />
          ))}
          {shown
            .filter((each) => each.i === chosen)
            .map((each) => (
              <text
                key={each.i}
                x={x(each.x ?? 0) + (x(each.x ?? 0) > width * 0.7 ? -9 : 9)}
                y={y(each.y ?? 0) + 4}
                textAnchor={x(each.x ?? 0) > width * 0.7 ? 'end' : 'start'}
                className="plot-label strong"
              >
                {name.unit(each.i)}
              </text>
            ))}
        </svg>
        <TableScroll label={label}>
          <table className="groups indicators">
            <caption className="visually-hidden">{label}</caption>
            <thead>
              <tr>
                <th scope="col">{t('index.unit')}</th>
                <th scope="col" className="num">
                  {name.node(across)}
                </th>
                <th scope="col" className="num">
                  {name.node(up)}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => (
                <tr key={each.i} className={each.i === chosen ? 'chosen' : undefined}>
                  <th scope="row">
                    <button
                      type="button"
                      className="link"
                      aria-pressed={each.i === chosen}
                      onClick={() => choose(each.i)}
                    >
                      {name.unit(each.i)}
                    </button>
                  </th>
                  <td className="num">{score2(each.x)}</td>
                  <td className="num">{score2(each.y)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      </div>
    </>
  );
}
