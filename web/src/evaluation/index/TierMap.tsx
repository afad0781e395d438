// The tiers as bands of score, each unit a mark at its score; those that lie close stand above one another. The lines
// between bands are where a tier begins. The table beneath names who is in which.
import { useTranslation } from 'react-i18next';
import { rangeOf, scaleOf } from '../../ui/plots';
import { TableScroll } from '../../ui/TableScroll';
import { type OfYear, score2, useNames } from './names';
import { TierMark } from './Ranking';

const width = 860;
const left = 14;
const rowHeight = 20;

// Rows for marks so that none covers its neighbour's name.
export function rowsFor(places: readonly { x: number; space: number }[]): number[] {
  const ends: number[] = [];
  return places.map(({ x, space }) => {
    const free = ends.findIndex((end) => end <= x);
    const row = free < 0 ? ends.length : free;
    ends[row] = x + space;
    return row;
  });
}

export function TierMap({ report, year, chosen, choose }: OfYear) {
  const { t } = useTranslation();
  const name = useNames(report);
  const shown = report.units
    .map((unit, i) => ({ unit, i }))
    .filter(({ unit }) => unit.year === year && typeof unit.score === 'number')
    .sort((a, b) => (a.unit.score ?? 0) - (b.unit.score ?? 0));
  if (report.tiers.length === 0 || shown.length === 0) return null;
  const [low, high] = rangeOf(shown.map(({ unit }) => unit.score));
  const x = scaleOf(low, high, left, width - 90, 8);
  const rows = rowsFor(shown.map(({ unit, i }) => ({ x: x(unit.score ?? 0), space: 22 + 12.5 * name.unit(i).length })));
  const height = rowHeight * (Math.max(...rows) + 1) + 44;
  const leasts = report.tiers.map((tier) =>
    Math.min(...shown.filter(({ i }) => tier.units.includes(i)).map(({ unit }) => unit.score ?? Infinity)),
  );
  const limits = report.tiers
    .map((tier, i) => ({ tier, least: leasts[i] ?? Infinity }))
    .slice(0, -1)
    .filter(({ least }) => Number.isFinite(least));
  return (
    <>
      <TableScroll label={t('index.tierMap')}>
        <svg className="plot tier-map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('index.tierMap')}>
          {x.ticks.map((tick) => (
            <g key={tick}>
              <line x1={x(tick)} x2={x(tick)} y1={4} y2={height - 24} className="plot-grid" />
              <text x={x(tick)} y={height - 8} textAnchor="middle" className="plot-tick">
                {tick}
              </text>
            </g>
          ))}
          {limits.map(({ tier, least }) => (
            <line key={tier.id} x1={x(least) - 4} x2={x(least) - 4} y1={2} y2={height - 22} className="tier-limit" />
          ))}
          {shown.map(({ unit, i }, at) => {
            const tier = report.tiers.findIndex((each) => each.id === unit.tier);
            const place = [x(unit.score ?? 0), 14 + rowHeight * (rows[at] ?? 0)] as const;
            return (
              <g key={unit.code} className={i === chosen ? 'tier-chosen' : undefined}>
                <circle cx={place[0]} cy={place[1]} r="5" className={`tier tier-${Math.min(Math.max(tier, 0), 3)}`} />
                <text x={place[0] + 8} y={place[1] + 4} className="plot-label">
                  {name.unit(i)}
                </text>
              </g>
            );
          })}
        </svg>
      </TableScroll>
      <table className="groups indicators">
        <caption className="visually-hidden">{t('index.tierMap')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('index.tier')}</th>
            <th scope="col" className="num">
              {t('index.beginsAt')}
            </th>
            <th scope="col">{t('index.units')}</th>
          </tr>
        </thead>
        <tbody>
          {report.tiers.map((tier, at) => (
            <tr key={tier.id}>
              <th scope="row">
                <TierMark report={report} id={tier.id} />
              </th>
              <td className="num">{Number.isFinite(leasts[at]) ? score2(leasts[at]) : '—'}</td>
              <td className="tier-units">
                {tier.units
                  .filter((unit) => report.units[unit]?.year === year)
                  .map((unit) => (
                    <button
                      key={unit}
                      type="button"
                      className="link"
                      aria-pressed={unit === chosen}
                      onClick={() => choose(unit)}
                    >
                      {name.unit(unit)}
                    </button>
                  ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
