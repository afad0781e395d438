// The desk for what the city shares with its citizens: what may be shown, what they answer, what they propose.
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet } from 'react-router';
import { useMay } from '../api/queries';
import { PageTabs } from '../ui/PageTabs';
import './citizens_desk.css';
import { useWaitingCount } from './use_moderation';

// Where one begins who names no page: with what waits, where one may decide it.
export function FirstOfDesk() {
  return <Navigate to={useMay('handle_case') ? '/citizens/moderation' : '/citizens/surveys'} replace />;
}

export function CitizensDesk() {
  const { t } = useTranslation();
  const handles = useMay('handle_case');
  const rounds = useMay('hold_rounds') || handles;
  const waiting = useWaitingCount(handles);
  const tabs = [
    ...(handles
      ? [
          {
            to: '/citizens/moderation',
            name: t('moderation.title'),
            count: Object.values(waiting ?? {}).reduce((sum, each) => sum + each, 0),
          },
        ]
      : []),
    ...(rounds ? [{ to: '/citizens/rounds', name: t('round.title') }] : []),
    { to: '/citizens/inspections', name: t('inspection.title') },
    { to: '/citizens/surveys', name: t('survey.title') },
  ];
  return (
    <div className="desk">
      <PageTabs label={t('app.citizens')} tabs={tabs} />
      <Outlet />
    </div>
  );
}
