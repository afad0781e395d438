// The secretariat's pages.
import type { Room } from '../parts/room';

export const room: Room = {
  may: 'run_awards',
  pages: [
    { path: 'desk', tab: 'secretariat.tabs.desk', page: async () => (await import('./DeskPage')).DeskPage },
    {
      path: 'proposals',
      tab: 'secretariat.tabs.proposals',
      page: async () => (await import('./ProposalsPage')).ProposalsPage,
    },
    { path: 'proposals/:id', page: async () => (await import('./ProposalPage')).ProposalPage },
    { path: 'proposals/:id/masking', page: async () => (await import('./MaskingPage')).MaskingPage },
    { path: 'alike', tab: 'secretariat.tabs.alike', page: async () => (await import('./AlikePage')).AlikePage },
    { path: 'jurors', tab: 'secretariat.tabs.jurors', page: async () => (await import('./JurorsPage')).JurorsPage },
    {
      path: 'assignment',
      tab: 'secretariat.tabs.assignment',
      page: async () => (await import('./AssignmentPage')).AssignmentPage,
    },
    {
      path: 'invitations',
      tab: 'secretariat.tabs.invitations',
      page: async () => (await import('./InvitationsPage')).InvitationsPage,
    },
    { path: 'letters', tab: 'secretariat.tabs.letters', page: async () => (await import('./LettersPage')).LettersPage },
    { path: 'sealing', tab: 'secretariat.tabs.sealing', page: async () => (await import('./SealingPage')).SealingPage },
    {
      path: 'nominate',
      tab: 'secretariat.tabs.nominate',
      page: async () => (await import('./NominatePage')).NominatePage,
    },
  ],
};
