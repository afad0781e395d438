// Numbers by horizon, a row each: of models, or of what was told.
import { Pill } from '@console/ui/marks';
import { TableScroll } from '@console/ui/TableScroll';
import { percent, useModelName, useWords } from '../words';

export interface HorizonRow {
  minutes: number;
  model?: string;
  champion?: boolean;
  cells: string[];
}

interface Props {
  label: string;
  heads: string[]; // of the cells
  rows: HorizonRow[];
  caption?: boolean; // the label is shown
}

export function HorizonTable({ label, heads, rows, caption }: Props) {
  const t = useWords();
  const modelName = useModelName();
  const ofModels = rows.some(({ model }) => model !== undefined);
  return (
    <TableScroll label={label}>
      <table className="groups horizon-table">
        {caption && <caption className="muted">{label}</caption>}
        <thead>
          <tr>
            <th>{t('score.horizon')}</th>
            {ofModels && <th>{t('score.model')}</th>}
            {heads.map((head) => (
              <th key={head} className="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ minutes, model, champion, cells }) => (
            <tr key={`${minutes} ${model ?? ''}`} className={champion ? 'champion-row' : ''}>
              {ofModels ? (
                <td className="num-left">{t('unit.min', { n: minutes })}</td>
              ) : (
                <th>{t('unit.min', { n: minutes })}</th>
              )}
              {model !== undefined && (
                <th>
                  {modelName(model)} {champion && <Pill tone="ok">{t('score.champion')}</Pill>}
                </th>
              )}
              {cells.map((words, i) => (
                <td key={heads[i]} className="num">
                  {words}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

const none = '—';
export const shareText = (share: number | null | undefined): string => (share == null ? none : `${percent(share)} %`);

// Mean squares of likelihoods are small where congestion is rare: what differs stands behind the third digit.
export const brierText = (brier: number | null | undefined): string => (brier == null ? none : brier.toFixed(5));
