// How far the jurors agree, by dimension and in all: how much a ranking can be trusted at all.
import { Problem } from '@console/api/client';
import type { AwardAgreement, AwardCycle } from '@console/api/schema';
import { useText } from '@console/i18n';
import { Pill } from '@console/ui/marks';
import { Facts, Section } from '@console/ui/Page';
import { Answer, Blank } from '@console/ui/states';
import { TableScroll } from '@console/ui/TableScroll';
import { useAgreement, useWholeCycle } from '../staff/api';
import { CyclePage } from '../staff/CyclePage';
import { useWords } from '../words';
import { CategoryChoice, useCategory } from './CategoryChoice';

type Row = AwardAgreement['dimensions'][number];
interface Interval {
  value: number;
  low: number;
  high: number;
}
const width = 160;

// K. Krippendorff: 0.8 and above to rely on, 0.667 for tentative conclusions.
export const toneOf = (alpha: number) => (alpha >= 0.8 ? 'ok' : alpha >= 0.667 ? 'warn' : 'alarm');

function Bar({ of }: { of: Interval }) {
  const at = (value: number) => 6 + Math.max(0, Math.min(1, value)) * (width - 12);
  return (
    <svg className="dots" width={width} height="18" aria-hidden="true">
      {[0, 0.667, 0.8, 1].map((tick) => (
        <line key={tick} x1={at(tick)} x2={at(tick)} y1="0" y2="18" className="dots-grid" />
      ))}
      <g className="dots-sure">
        <line x1={at(of.low)} x2={at(of.high)} y1="9" y2="9" strokeWidth="2" />
      </g>
      <circle cx={at(of.value)} cy="9" r="4.5" className="dots-final" />
    </svg>
  );
}

const range = (of: Interval | null) =>
  of ? `${of.value.toFixed(2)} (${of.low.toFixed(2)} – ${of.high.toFixed(2)})` : '—';

function Rows({ cycle, rows, confidence }: { cycle: AwardCycle; rows: Row[]; confidence: number }) {
  const t = useWords();
  const text = useText();
  return (
    <Section flush title={t('chair.agree.byDimension', { n: Math.round(100 * confidence) })}>
      <TableScroll label={t('chair.tabs.agreement')}>
        <table className="groups">
          <thead>
            <tr>
              <th>{t('chair.dimension')}</th>
              <th colSpan={2}>{t('chair.agree.alpha')}</th>
              <th className="num">{t('chair.agree.one')}</th>
              <th className="num">{t('chair.agree.mean')}</th>
              <th className="num">{t('chair.agree.adjusted')}</th>
              <th className="num">{t('chair.agree.scores')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.dimension} className={one.dimension ? '' : 'means'}>
                <th>
                  {one.dimension
                    ? text(cycle.dimensions?.find(({ id }) => id === one.dimension)?.name)
                    : t('chair.total')}
                </th>
                <td>{one.alpha && <Bar of={one.alpha} />}</td>
                <td className="num">
                  {range(one.alpha)}{' '}
                  {one.alpha && (
                    <Pill tone={toneOf(one.alpha.value)}>{t(`chair.agree.${toneOf(one.alpha.value)}`)}</Pill>
                  )}
                </td>
                <td className="num">{range(one.icc?.one ?? null)}</td>
                <td className="num">{range(one.icc?.mean ?? null)}</td>
                <td className="num">{one.adjusted ? one.adjusted.mean.toFixed(2) : '—'}</td>
                <td className="num">{one.scores}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Agreement({ cycle }: { cycle: AwardCycle }) {
  const t = useWords();
  const chosen = useCategory(cycle);
  const query = useAgreement(cycle.id, chosen.category, true);
  const sealed = query.error instanceof Problem && query.error.status === 409 ? query.error : null;
  return (
    <>
      <CategoryChoice cycle={cycle} chosen={chosen} />
      {sealed ? (
        <Blank title={t('chair.sealed')} hint={sealed.detail} />
      ) : (
        <Answer query={query}>
          {(found) => (
            <>
              <Section title={t('chair.agree.what')}>
                <Facts
                  rows={[
                    [t('chair.agree.proposals'), <span className="num">{found.proposals}</span>],
                    [t('chair.agree.raters'), <span className="num">{found.raters}</span>],
                    [t('chair.agree.sheets'), <span className="num">{found.sheets}</span>],
                  ]}
                />
              </Section>
              <Rows cycle={cycle} rows={found.dimensions} confidence={found.confidence} />
              <p className="muted">{t('chair.agree.hint')}</p>
            </>
          )}
        </Answer>
      )}
    </>
  );
}

function Whole({ id }: { id: string }) {
  const query = useWholeCycle(id);
  return <Answer query={query}>{(cycle) => <Agreement cycle={cycle} />}</Answer>;
}

export function AgreementPage() {
  const t = useWords();
  return <CyclePage title={t('chair.tabs.agreement')}>{(cycle) => <Whole key={cycle.id} id={cycle.id} />}</CyclePage>;
}
