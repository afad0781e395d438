// The desk of evaluation: the city's vital signs, its check-up, its indices.
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet } from 'react-router';
import { useMay } from '../api/queries';
import { PageTabs } from '../ui/PageTabs';
import './evaluation.css';

export function EvaluationDesk() {
  const { t } = useTranslation();
  const reads = useMay('read_indices');
  return (
    <div className="desk">
      <PageTabs
        label={t('app.evaluation')}
        tabs={[
          { to: '/evaluation/indicators', name: t('evaluation.indicators'), within: true },
          { to: '/evaluation/checkup', name: t('evaluation.checkup') },
          ...(reads ? [{ to: '/evaluation/indices', name: t('index.title'), within: true }] : []),
        ]}
      />
      <Outlet />
    </div>
  );
}

export function FirstOfDesk() {
  return <Navigate to="/evaluation/indicators" replace />;
}
