// The pages of the panel's chair.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'decide_awards',
  pages: [
    {
      path: 'standings',
      tab: 'chair.tabs.standings',
      page: async () => (await import('./StandingsPage')).StandingsPage,
    },
    { path: 'panel/:id', page: async () => (await import('./PanelPage')).PanelPage },
    {
      path: 'agreement',
      tab: 'chair.tabs.agreement',
      page: async () => (await import('./AgreementPage')).AgreementPage,
    },
    { path: 'prizes', tab: 'chair.tabs.prizes', page: async () => (await import('./PrizesPage')).PrizesPage },
    { path: 'opening', tab: 'chair.tabs.opening', page: async () => (await import('./OpeningPage')).OpeningPage },
  ],
};
