// How sure the ranking is, and whether the framework holds together: shares of what the ranks hang on, alphas, pairs that say
// the same twice or work against each other.
import { useTranslation } from 'react-i18next';
import type { CompositeReport } from '../../api/schema';
import { Section } from '../../ui/Page';
import { Blank } from '../../ui/states';
import { TableScroll } from '../../ui/TableScroll';
import { useNames } from './names';

const percent = (value: number) => `${Math.round(100 * value)} %`;

export function Shares({ report }: { report: CompositeReport }) {
  const { t } = useTranslation();
  const told = report.sensitivity;
  if (!told) return null;
  const part = (value: number) => `${Math.max(0, Math.min(100, 100 * value))}%`;
  return (
    <Section flush title={t('index.shares')}>
      <p className="behind-note muted">{t('index.sharesHint', { n: told.samples })}</p>
      <TableScroll label={t('index.shares')}>
        <table className="groups indicators">
          <thead>
            <tr>
              <th scope="col">{t('index.factor')}</th>
              <th scope="col" className="num">
                {t('index.first')}
              </th>
              <th scope="col" className="num">
                {t('index.total')}
              </th>
              <th scope="col">
                <span className="visually-hidden">{t('evaluation.bar')}</span>
              </th>
              <th scope="col" className="num">
                95 %
              </th>
            </tr>
          </thead>
          <tbody>
            {told.factors.map((factor, i) => {
              const share = told.overall[i];
              return (
                share && (
                  <tr key={factor}>
                    <th scope="row">{t(`factor.${factor as 'weights'}`, { defaultValue: factor })}</th>
                    <td className="num">{percent(share.first)}</td>
                    <td className="num strong">{percent(share.total)}</td>
                    <td className="bar-cell" aria-hidden="true">
                      <span className="share-box">
                        <i className="bar" style={{ width: part(share.total) }} />
                        <i
                          className="share-interval"
                          style={{ left: part(share.total_low), right: `calc(100% - ${part(share.total_high)})` }}
                        />
                      </span>
                    </td>
                    <td className="num muted">
                      {percent(share.total_low)} – {percent(share.total_high)}
                    </td>
                  </tr>
                )
              );
            })}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Pairs({
  report,
  pairs,
  title,
}: {
  report: CompositeReport;
  pairs: CompositeReport['consistency']['redundant'];
  title: string;
}) {
  const name = useNames(report);
  if (pairs.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className="pairs">
        {pairs.map(({ a, b, r }) => (
          <li key={`${a} ${b}`}>
            {name.node(a)} · {name.node(b)} <span className="num muted">r = {(r ?? 0).toFixed(2)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Consistency({ report }: { report: CompositeReport }) {
  const { t } = useTranslation();
  const name = useNames(report);
  const { groups, redundant, contrary } = report.consistency;
  const alpha = (value: number | null) => (value === null ? '—' : value.toFixed(2));
  return (
    <Section title={t('index.consistency')}>
      <TableScroll label={t('index.consistency')}>
        <table className="groups indicators">
          <thead>
            <tr>
              <th scope="col">{t('index.group')}</th>
              <th scope="col" className="num">
                {t('index.alpha')}
              </th>
              <th scope="col" className="num">
                {t('index.alphaOfIndicators')}
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.group}>
                <th scope="row">{name.node(group.group)}</th>
                <td className="num">{alpha(group.alpha)}</td>
                <td className="num">{alpha(group.alpha_of_indicators)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {redundant.length + contrary.length === 0 && <Blank title={t('index.noPairs')} />}
      <Pairs report={report} pairs={redundant} title={t('index.redundant')} />
      <Pairs report={report} pairs={contrary} title={t('index.contrary')} />
    </Section>
  );
}
