// The awards package's pages in the console (web/src/app/packages.tsx): a room each for applicants, secretariat, jurors,
// chair and auditors (parts/room.ts). The public library is not among them (public.tsx).
import { TrophyOutlined } from '@ant-design/icons';
import type { PackagePages } from '@console/app/packages';
import { rooms } from './rooms';

export const pages: PackagePages = {
  name: 'awards',
  title: { zh: '奖项', en: 'Awards' },
  icon: <TrophyOutlined />,
  permission: 'see_awards',
  seat: true,
  key: 'u',
  texts: async () => {
    const [{ zh }, { en }] = await Promise.all([import('./zh'), import('./en')]);
    return { zh, en };
  },
  desk: async () => (await import('./AwardsDesk')).AwardsDesk,
  pages: [
    { path: 'start', page: async () => (await import('./AwardsDesk')).Start },
    ...rooms.flatMap(({ may, pages: of }) =>
      of.map(({ path, page }) => ({
        path,
        page: async () => {
          const [{ kept }, Page] = await Promise.all([import('./AwardsDesk'), page()]);
          return kept(may, Page);
        },
      })),
    ),
  ],
};
