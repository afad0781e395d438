// What sets a unit apart from the mean, or what changed since another year: a bar an indicator, to the right what lifts, to
// the left what pulls down, all of one scale about zero; they add up to the difference that is written above.
import { useTranslation } from 'react-i18next';
import type { CompositeReport } from '../../api/schema';
import { TableScroll } from '../../ui/TableScroll';
import { signed, useNames } from './names';

export function Contributions(props: {
  report: CompositeReport;
  parts: readonly (number | null)[];
  whole: number | null;
  rest: number;
  label: string;
}) {
  const { report, parts, whole, rest, label } = props;
  const { t } = useTranslation();
  const name = useNames(report);
  const leaves = report.nodes
    .map((node, i) => ({ node, i, part: parts[i] ?? null }))
    .filter(({ node, part }) => node.level === 1 && part !== null)
    .sort((a, b) => (b.part ?? 0) - (a.part ?? 0));
  const most = Math.max(1e-9, ...leaves.map(({ part }) => Math.abs(part ?? 0)));
  const parentOf = (code: string | undefined) => report.nodes.findIndex((node) => node.code === code);
  return (
    <TableScroll label={label}>
      <table className="groups indicators contributions">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{t('evaluation.col_indicator')}</th>
            <th scope="col">{t('index.dimension')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('evaluation.bar')}</span>
            </th>
            <th scope="col" className="num">
              {t('index.points')}
            </th>
          </tr>
        </thead>
        <tbody>
          {leaves.map(({ node, i, part }) => (
            <tr key={node.code}>
              <th scope="row">{name.node(i)}</th>
              <td className="muted">{name.node(parentOf(node.parent))}</td>
              <td className="diverging" aria-hidden="true">
                <i
                  className={(part ?? 0) < 0 ? 'pulls' : 'lifts'}
                  style={{ width: `${(50 * Math.abs(part ?? 0)) / most}%` }}
                />
              </td>
              <td className="num">{signed(part)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {Math.abs(rest) > 0.005 && (
            <tr>
              <th scope="row" colSpan={3}>
                {t('index.rest')}
              </th>
              <td className="num">{signed(rest)}</td>
            </tr>
          )}
          <tr>
            <th scope="row" colSpan={3}>
              {t('index.together')}
            </th>
            <td className="num strong">{signed(whole)}</td>
          </tr>
        </tfoot>
      </table>
    </TableScroll>
  );
}
