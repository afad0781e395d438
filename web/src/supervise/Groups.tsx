// The groups beside one another: each cell a number that opens its cases, its weight drawn behind it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseStatistics } from '../api/schema';
import type { Counted } from './Behind';
import { share } from './period';
import { useGroupName } from './SupervisePage';

type Group = CaseStatistics['groups'][number];
type Column = Counted['measure'];

const columns: Column[] = [
  'open',
  'overdue',
  'supervised',
  'waiting',
  'opened',
  'closed',
  'late',
  'returned',
  'reworked',
  'falseAlarm',
];
const wholeOf: Partial<Record<Column, Column>> = {
  overdue: 'open',
  late: 'closed',
  returned: 'opened',
  reworked: 'closed',
  falseAlarm: 'closed',
};

function Cell(props: { group: Group; column: Column; most: number; name: string; open: (number: Counted) => void }) {
  const { group, column, most, name, open } = props;
  const { t } = useTranslation();
  const value = group[column];
  const whole = wholeOf[column];
  return (
    <td className="group-cell">
      {value > 0 ? (
        <button
          type="button"
          className="group-number"
          data-measure={column}
          data-key={group.key}
          onClick={() => open({ measure: column, key: group.key })}
        >
          <span className="group-bar" style={{ width: `${most ? (100 * value) / most : 0}%` }} aria-hidden="true" />
          <span className="visually-hidden">{`${name}, ${t(`measure.${column}`)}: `}</span>
          <span className="num">{value}</span>
          {whole && <small className="muted num">{share(value, group[whole])}</small>}
        </button>
      ) : (
        <span className="muted num">0</span>
      )}
    </td>
  );
}

export function Groups({ groups, by, open }: { groups: Group[]; by: string; open: (number: Counted) => void }) {
  const { t } = useTranslation();
  const nameOf = useGroupName(by);
  const [order, setOrder] = useState<Column>('open');
  const sorted = [...groups].sort((a, b) => b[order] - a[order] || a.key.localeCompare(b.key));
  const most = (column: Column) => Math.max(0, ...groups.map((group) => group[column]));
  return (
    <section className="table-scroll" aria-label={t('supervise.groups')}>
      <table className="groups">
        <thead>
          <tr>
            <th scope="col">{t(`grouping.${by as 'department'}`)}</th>
            {columns.map((column) => (
              <th key={column} scope="col" aria-sort={order === column ? 'descending' : undefined}>
                <button type="button" className="link" aria-pressed={order === column} onClick={() => setOrder(column)}>
                  {t(`measure.${column}`)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((group) => (
            <tr key={group.key}>
              <th scope="row">{nameOf(group.key)}</th>
              {columns.map((column) => (
                <Cell
                  key={column}
                  group={group}
                  column={column}
                  most={most(column)}
                  name={nameOf(group.key)}
                  open={open}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {groups.length === 0 && <p className="muted groups-none">{t('case.none')}</p>}
    </section>
  );
}
