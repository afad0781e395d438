// Precision as a bar with the counts it stands on.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Rule } from '../api/schema';

export function Precision({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const { confirmed, falseAlarm } = rule.cases;
  if (rule.precision == null || confirmed + falseAlarm === 0)
    return <span className="muted">{t('rule.noPrecision')}</span>;
  const share = Math.round(rule.precision * 100);
  return (
    <span className="precision">
      <span className="precision-bar" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
      <b className="num">{share}%</b>
    </span>
  );
}

// Each count opens the cases behind it.
export function CaseCounts({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const { confirmed, falseAlarm } = rule.cases;
  const to = (outcome: string) => `/cases?state=all&rule=${encodeURIComponent(rule.id)}&outcome=${outcome}`;
  return (
    <span className="case-counts">
      <Link to={to('confirmed')}>
        {confirmed} {t('rule.confirmed')}
      </Link>
      <Link to={to('false_alarm')}>
        {falseAlarm} {t('rule.falseAlarm')}
      </Link>
    </span>
  );
}

export const findingsOf = (rule: string, status: string) =>
  `/findings?rule=${encodeURIComponent(rule)}&status=${status}`;
