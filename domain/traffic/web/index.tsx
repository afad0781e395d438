// The traffic package's pages in the console (web/src/app/packages.tsx).
import { CarOutlined } from '@ant-design/icons';
import type { PackagePages } from '@console/app/packages';

export const pages: PackagePages = {
  name: 'traffic',
  title: { zh: '交通', en: 'Traffic' },
  icon: <CarOutlined />,
  permission: 'read_city',
  key: 'j',
  texts: async () => {
    const [{ zh }, { en }] = await Promise.all([import('./zh'), import('./en')]);
    return { zh, en };
  },
  desk: async () => (await import('./TrafficDesk')).TrafficDesk,
  pages: [
    { path: 'live', page: async () => (await import('./live/LivePage')).LivePage },
    { path: 'signals', page: async () => (await import('./signals/SignalsPage')).SignalsPage },
    { path: 'trials', page: async () => (await import('./signals/TrialsPage')).TrialsPage },
    { path: 'route', page: async () => (await import('./routes/RoutePage')).RoutePage },
    { path: 'incidents', page: async () => (await import('./live/IncidentsPage')).IncidentsPage },
    { path: 'parking', page: async () => (await import('./live/ParkingPage')).ParkingPage },
    { path: 'transit', page: async () => (await import('./transit/BoardPage')).BoardPage },
    { path: 'designs', page: async () => (await import('./transit/DesignsPage')).DesignsPage },
    { path: 'forecasts', page: async () => (await import('./scores/ScoresPage')).ScoresPage },
  ],
};
