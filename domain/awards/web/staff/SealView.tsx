// How the review is sealed: to whom, until when, whose keys are here, and whether every sheet was what it had been.
import type { AwardSeal } from '@console/api/schema';
import { Moment } from '@console/ui/Age';
import { Pill } from '@console/ui/marks';
import { Facts, Section } from '@console/ui/Page';
import { Alert } from 'antd';
import { useWords } from '../words';
import { useRoleName } from './role_name';

export function SealView({ seal }: { seal: AwardSeal }) {
  const t = useWords();
  const role = useRoleName();
  const given = seal.holders.filter((one) => one.given).length;
  return (
    <Section title={t('staff.seal.title')}>
      <Facts
        rows={[
          [
            t('staff.seal.state'),
            seal.unsealedEntry === null ? (
              <Pill tone="warn">{t('staff.seal.locked', { given, need: seal.need })}</Pill>
            ) : (
              <Pill tone="ok">{t('staff.seal.opened')}</Pill>
            ),
          ],
          [t('staff.seal.closes'), <Moment at={seal.closesAt} />],
          [t('staff.seal.sheets'), <span className="num">{seal.sheets}</span>],
          [
            t('staff.seal.entries'),
            <span className="num">
              {seal.openingEntry}
              {seal.unsealedEntry !== null && ` → ${seal.unsealedEntry}`}
            </span>,
          ],
        ]}
      />
      <table className="plain-table">
        <caption>{t('staff.seal.holders', { need: seal.need, of: seal.holders.length })}</caption>
        <tbody>
          {seal.holders.map((one) => (
            <tr key={one.role}>
              <td>{role(one.role)}</td>
              <td>
                <code title={one.key}>{one.key.slice(0, 16)}…</code>
              </td>
              <td>
                {one.given ? <Pill tone="ok">{t('staff.seal.given')}</Pill> : <Pill>{t('staff.seal.notGiven')}</Pill>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {seal.wrong.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={t('staff.seal.wrong', { n: seal.wrong.length })}
          description={seal.wrong.map(({ sheet, why }) => `${sheet}: ${why}`).join('; ')}
        />
      )}
    </Section>
  );
}
