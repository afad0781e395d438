// Why a finding fired or cleared: the condition, the limit, and the readings behind it.
import { useTranslation } from 'react-i18next';
import type { Why } from '../api/schema';
import { Age } from './Age';
import { EntityLink, useAttributeName, useValueText } from './Attribute';
import { Facts } from './Page';

export function WhyView({ why }: { why: Why }) {
  const { t } = useTranslation();
  const nameOf = useAttributeName();
  const textOf = useValueText();
  const rows: [React.ReactNode, React.ReactNode][] = [];
  if (why.condition) rows.push([t('finding.condition'), <code key="c">{why.condition}</code>]);
  if (why.limit !== undefined && why.limit !== null) rows.push([t('finding.limit'), textOf(why.limit)]);
  if (why.hold && why.hold !== '0s') rows.push([t('finding.hold'), why.hold]);
  return (
    <div className="why">
      <Facts rows={rows} />
      {why.values && why.values.length > 0 && (
        <table className="plain-table">
          <caption>{t('finding.values')}</caption>
          <tbody>
            {why.values.map((value) => (
              <tr key={`${value.entity}${value.attribute}${value.observedAt}`}>
                <td>{value.entity && <EntityLink id={value.entity} />}</td>
                <td>{nameOf(value.attribute)}</td>
                <td className="num strong">{textOf(value.value, value.unitCode)}</td>
                <td className="muted">
                  <Age at={value.observedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
