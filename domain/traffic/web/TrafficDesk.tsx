// The frame of the traffic pages: tabs with addresses of their own, reached by their number too.
import { useHotkeys } from '@console/ui/hotkeys';
import { PageTabs } from '@console/ui/PageTabs';
import { Outlet, useNavigate } from 'react-router';
import './traffic.css';
import { useWords } from './words';

const tabs = ['live', 'signals', 'trials', 'route', 'incidents', 'parking', 'transit', 'designs', 'forecasts'] as const;

export function TrafficDesk() {
  const t = useWords();
  const go = useNavigate();
  const to = (tab: (typeof tabs)[number]) => (tab === 'live' ? '/traffic' : `/traffic/${tab}`);
  useHotkeys(Object.fromEntries(tabs.map((tab, i) => [String(i + 1), () => void go(to(tab))])));
  return (
    <div className="desk traffic">
      <PageTabs label={t('tabs.name')} tabs={tabs.map((tab) => ({ to: to(tab), name: t(`tabs.${tab}`) }))} />
      <Outlet />
    </div>
  );
}
