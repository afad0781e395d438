// The applicants' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'enter_awards',
  pages: [
    {
      path: 'entries',
      tab: 'applicant.tabs.entries',
      page: async () => (await import('./EntriesPage')).EntriesPage,
    },
    { path: 'entries/:id', page: async () => (await import('./EntryPage')).EntryPage },
    { path: 'cycles', tab: 'applicant.tabs.cycles', page: async () => (await import('./CyclesPage')).CyclesPage },
    { path: 'unit', tab: 'applicant.tabs.unit', page: async () => (await import('./UnitPage')).UnitPage },
  ],
};
