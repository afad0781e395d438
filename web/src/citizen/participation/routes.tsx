// Proposals, budget votes and inspectors below /c; the frame mounts them (../participation_routes.ts).
import { lazy } from 'react';
import type { RouteObject } from 'react-router';

const ProposalsPage = lazy(() => import('./ProposalsPage').then((part) => ({ default: part.ProposalsPage })));
const ProposalPage = lazy(() => import('./ProposalPage').then((part) => ({ default: part.ProposalPage })));
const ProposePage = lazy(() => import('./ProposePage').then((part) => ({ default: part.ProposePage })));
const MePage = lazy(() => import('./MePage').then((part) => ({ default: part.MePage })));
const ConfirmPage = lazy(() => import('./ConfirmPage').then((part) => ({ default: part.ConfirmPage })));
const RoundsPage = lazy(() => import('./RoundsPage').then((part) => ({ default: part.RoundsPage })));
const RoundPage = lazy(() => import('./RoundPage').then((part) => ({ default: part.RoundPage })));
const CountPage = lazy(() => import('./CountPage').then((part) => ({ default: part.CountPage })));
const InspectPage = lazy(() => import('./InspectPage').then((part) => ({ default: part.InspectPage })));

export const tab = '/c/proposals';

export const routes: RouteObject[] = [
  { path: '/c/proposals', element: <ProposalsPage /> },
  { path: '/c/proposals/new', element: <ProposePage /> },
  { path: '/c/proposals/:code', element: <ProposalPage /> },
  { path: '/c/person', element: <MePage /> },
  { path: '/c/confirm', element: <ConfirmPage /> },
  { path: '/c/rounds', element: <RoundsPage /> },
  { path: '/c/rounds/:id', element: <RoundPage /> },
  { path: '/c/rounds/:id/count', element: <CountPage /> },
  { path: '/c/inspect', element: <InspectPage /> },
];
