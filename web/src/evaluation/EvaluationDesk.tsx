// The desk of evaluation: the city's vital signs, its check-up.
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet } from 'react-router';
import { PageTabs } from '../ui/PageTabs';
import './evaluation.css';

export function EvaluationDesk() {
  const { t } = useTranslation();
  return (
    <div className="desk">
      <PageTabs
        label={t('app.evaluation')}
        tabs={[
          { to: '/evaluation/indicators', name: t('evaluation.indicators'), within: true },
          { to: '/evaluation/checkup', name: t('evaluation.checkup') },
        ]}
      />
      <Outlet />
    </div>
  );
}

export function FirstOfDesk() {
  return <Navigate to="/evaluation/indicators" replace />;
}
