// The frame of the awards pages: one menu that shows each seat its own pages, reached by their number too.
import { useMay, useSession } from '@console/api/queries';
import type { Permission } from '@console/api/schema';
import { NotFound } from '@console/app/Lost';
import { useHotkeys } from '@console/ui/hotkeys';
import { PageTabs } from '@console/ui/PageTabs';
import type { ComponentType } from 'react';
import { Navigate, Outlet, useNavigate } from 'react-router';
import './awards.css';
import { rooms } from './rooms';
import { useWords } from './words';

function useRooms() {
  const permissions = useSession().data?.permissions ?? [];
  return rooms.filter(({ may }) => permissions.includes(may));
}

export function AwardsDesk() {
  const t = useWords();
  const go = useNavigate();
  const tabs = useRooms().flatMap(({ pages }) =>
    pages.flatMap(({ path, tab }) => (tab ? [{ to: `/awards/${path}`, name: t(tab), within: true }] : [])),
  );
  useHotkeys(Object.fromEntries(tabs.map(({ to }, i) => [String(i + 1), () => void go(to)])));
  return (
    <div className="desk awards">
      {tabs.length > 1 && <PageTabs label={t('parts.pages')} tabs={tabs} />}
      <Outlet />
    </div>
  );
}

// Where each begins: the first page of the own room.
export function Start() {
  const first = useRooms()[0]?.pages[0];
  return first ? <Navigate to={`/awards/${first.path}`} replace /> : <NotFound />;
}

// A page that is not there for whoever lacks its right.
export function kept(may: Permission, Page: ComponentType): ComponentType {
  return function KeptPage() {
    return useMay(may) ? <Page /> : <NotFound />;
  };
}
