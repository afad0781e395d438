// The auditors' pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'audit_awards',
  pages: [
    { path: 'audit', tab: 'audit.tabs.received', page: async () => (await import('./ReceivedPage')).ReceivedPage },
    { path: 'log', tab: 'audit.tabs.log', page: async () => (await import('./LogPage')).LogPage },
    { path: 'auditor-key', tab: 'audit.tabs.key', page: async () => (await import('./KeyPage')).KeyPage },
  ],
};
