// The jurors' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'judge_awards',
  pages: [
    { path: 'sheets', tab: 'jury.tabs.sheets', page: async () => (await import('./SheetsPage')).SheetsPage },
    { path: 'sheets/:id', page: async () => (await import('./SheetPage')).SheetPage },
    { path: 'votes', tab: 'jury.tabs.votes', page: async () => (await import('./VotesPage')).VotesPage },
  ],
};
