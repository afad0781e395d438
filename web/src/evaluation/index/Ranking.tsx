// The ranking of one year with its intervals: in each row a bar from the 5 % to the 95 % rank of all draws, the median as a
// line, the rank itself as a dot. A table whose cells hold the drawing, so it is read and stepped through as one.
import { useTranslation } from 'react-i18next';
import type { CompositeReport } from '../../api/schema';
import { useListKeys } from '../../ui/list_keys';
import { TableScroll } from '../../ui/TableScroll';
import { type OfYear, rankText, score2, useNames } from './names';

const width = 260;
const height = 18;

function Interval({ row, last }: { row: CompositeReport['charts']['ranking'][number]; last: number }) {
  const x = (rank: number) => 6 + ((rank - 1) / Math.max(1, last - 1)) * (width - 12);
  const { low, median, high, rank } = row;
  return (
    <svg className="interval" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line x1={x(1)} x2={x(last)} y1={height / 2} y2={height / 2} className="plot-grid" />
      {low !== undefined && high !== undefined && (
        <rect x={x(low)} y={4} width={Math.max(2, x(high) - x(low))} height={height - 8} className="interval-bar" />
      )}
      {median !== undefined && (
        <line x1={x(median)} x2={x(median)} y1={2} y2={height - 2} className="interval-median" />
      )}
      <circle cx={x(rank)} cy={height / 2} r="3.6" className="interval-rank" />
    </svg>
  );
}

export function Ranking({ report, year, chosen, choose }: OfYear) {
  const { t } = useTranslation();
  const name = useNames(report);
  const list = useListKeys(String(chosen));
  const rows = report.charts.ranking.filter((row) => report.units[row.unit]?.year === year);
  const last = Math.max(1, ...rows.map((row) => Math.max(row.rank, row.high ?? 0)));
  const sure = rows.some((row) => row.low !== undefined);
  const before = report.changes.find((each) => each.after === year);
  const tiers = report.tiers.length > 0;
  return (
    <TableScroll label={t('index.ranking')}>
      <div ref={list}>
        <table className="groups indicators ranking">
          <thead>
            <tr>
              <th scope="col" className="num">
                {t('evaluation.rank')}
              </th>
              <th scope="col">{t('index.unit')}</th>
              {tiers && <th scope="col">{t('index.tier')}</th>}
              <th scope="col" className="num">
                {t('index.score')}
              </th>
              {sure && <th scope="col">{t('index.interval')}</th>}
              {sure && (
                <th scope="col" className="num">
                  5 % – 95 %
                </th>
              )}
              {before && (
                <th scope="col" className="num">
                  {t('index.since', { year: before.before })}
                </th>
              )}
              <th scope="col" className="num">
                {t('index.dataShare')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const unit = report.units[row.unit];
              const change = before?.units.find((each) => each.after === row.unit);
              return (
                <tr key={row.unit} className={row.unit === chosen ? 'chosen' : undefined} data-unit={unit?.code}>
                  <td className="num strong">{rankText(row.rank)}</td>
                  <th scope="row">
                    <button
                      type="button"
                      className="link"
                      data-row={row.unit}
                      aria-pressed={row.unit === chosen}
                      onClick={() => choose(row.unit)}
                    >
                      {name.unit(row.unit)}
                    </button>
                  </th>
                  {tiers && (
                    <td>
                      <TierMark report={report} id={unit?.tier} />
                    </td>
                  )}
                  <td className="num">{score2(row.score)}</td>
                  {sure && (
                    <td>
                      <Interval row={row} last={last} />
                    </td>
                  )}
                  {sure && (
                    <td className="num">
                      {rankText(row.low)} – {rankText(row.high)}
                    </td>
                  )}
                  {before && (
                    <td className="num">
                      <Moved before={change?.rank_before} after={change?.rank_after} />
                    </td>
                  )}
                  <td className="num muted">{Math.round(100 * (unit?.data_share ?? 0))} %</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </TableScroll>
  );
}

function Moved({ before, after }: { before: number | null | undefined; after: number | null | undefined }) {
  const { t } = useTranslation();
  if (typeof before !== 'number' || typeof after !== 'number') return <span className="muted">—</span>;
  const up = before - after;
  if (up === 0) return <span className="muted">{t('way.same')}</span>;
  return (
    <span className={up > 0 ? 'moved-up' : 'moved-down'}>
      <span aria-hidden="true">{up > 0 ? '▲' : '▼'}</span>
      <span className="visually-hidden">{t(up > 0 ? 'index.up' : 'index.down')}</span> {rankText(Math.abs(up))}
    </span>
  );
}

const shapes = [
  'M6 0.5 L11.5 11 H0.5 Z',
  'M1 1 H11 V11 H1 Z',
  'M6 1 A5 5 0 1 0 6.01 1 Z',
  'M6 0.5 L11.5 6 L6 11.5 L0.5 6 Z',
];

// A tier has a shape and a shade of its own, the best the fullest.
export function TierMark({ report, id }: { report: CompositeReport; id: string | undefined }) {
  const name = useNames(report);
  const at = report.tiers.findIndex((tier) => tier.id === id);
  if (at < 0) return <span className="muted">—</span>;
  return (
    <span className="state-mark" data-tier={id}>
      <svg
        className={`shape tier tier-${Math.min(at, 3)}`}
        width="12"
        height="12"
        viewBox="0 0 12 12"
        aria-hidden="true"
      >
        <path d={shapes[at % shapes.length]} />
      </svg>
      {name.tier(id)}
    </span>
  );
}
