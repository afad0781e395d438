// The desk for who does the work: the roster, the crews, and who is responsible where.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { dutyApi } from '../api/duty_api';
import { keys } from '../api/keys';
import { useMay } from '../api/queries';
import { PageTabs } from '../ui/PageTabs';
import './duty.css';

const refreshMs = 60_000;

export const useWaitingChanges = (department?: string) =>
  useQuery({
    queryKey: keys.duty('changes', { status: 'requested', department }),
    queryFn: () => dutyApi.changes({ status: 'requested', department }),
    refetchInterval: refreshMs,
  });

export function DutyDesk() {
  const { t } = useTranslation();
  const handles = useMay('handle_case');
  const waiting = useWaitingChanges().data?.changes.filter((change) => change.actions?.includes('grant')).length;
  return (
    <div className="desk">
      <PageTabs
        label={t('duty.title')}
        tabs={[
          { to: '/duty', name: t('duty.roster'), count: handles ? waiting : 0 },
          { to: '/duty/crews', name: t('duty.crews') },
          { to: '/duty/map', name: t('duty.map') },
        ]}
      />
      <Outlet />
    </div>
  );
}
