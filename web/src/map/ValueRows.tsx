// The values of an entity; a row that can be drawn over time is a button.
import { useTranslation } from 'react-i18next';
import { Age } from '../ui/Age';
import { useValueText } from '../ui/Attribute';
import { useCityNow } from '../ui/ticker';
import { toMs } from '../ui/time';
import type { AttributeRow } from './ngsi';

interface Props {
  rows: AttributeRow[];
  staleAfterS: number | undefined;
  nameOf: (attribute: string) => string;
  shown: string | undefined;
  choose: (attribute: string) => void;
}

export function ValueRows({ rows, staleAfterS, nameOf, shown, choose }: Props) {
  const { t } = useTranslation();
  const now = useCityNow();
  const textOf = useValueText();
  const stale = (row: AttributeRow) => {
    const at = toMs(row.observedAt);
    return at !== null && staleAfterS !== undefined && now - at > staleAfterS * 1000;
  };
  return (
    <table className="plain-table values">
      <thead className="visually-hidden">
        <tr>
          <th>{t('map.attribute')}</th>
          <th>{t('map.value')}</th>
          <th>{t('map.age')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.name}
            className={stale(row) ? 'is-stale' : undefined}
            title={stale(row) ? t('map.stale') : row.name}
          >
            <td>
              {typeof row.value === 'number' && row.observedAt ? (
                <button
                  type="button"
                  className="link"
                  aria-pressed={row.name === shown}
                  onClick={() => choose(row.name)}
                >
                  {nameOf(row.name)}
                </button>
              ) : (
                nameOf(row.name)
              )}
            </td>
            <td className="strong value-cell">{textOf(row.value, row.unitCode)}</td>
            <td className="muted age-cell">{row.observedAt && <Age at={row.observedAt} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
