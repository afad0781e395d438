// The awards package's pages for everybody, without an account: the library of cases, and how one comes to take part
// (web/src/citizen/packages.ts).
import type { PublicPages } from '@console/citizen/packages';
import { lazy } from 'react';

const LibraryPage = lazy(() => import('./library/LibraryPage').then((part) => ({ default: part.LibraryPage })));
const CasePage = lazy(() => import('./library/CasePage').then((part) => ({ default: part.CasePage })));
const TakePartPage = lazy(() => import('./joining/TakePartPage').then((part) => ({ default: part.TakePartPage })));
const PasswordPage = lazy(() => import('./joining/PasswordPage').then((part) => ({ default: part.PasswordPage })));

export const pages: PublicPages = {
  name: 'awards',
  title: { zh: '获奖案例库', en: 'Case library' },
  lead: { zh: '历届入选与获奖的实践案例', en: 'Cases of practice that were chosen' },
  path: '/c/awards',
  asks: '/public/v1/awards/cycles',
  forgotten: {
    title: { zh: '申报单位忘记密码？', en: 'Applicant? Forgotten your password?' },
    path: '/c/awards/password',
  },
  routes: [
    { path: '/c/awards', element: <LibraryPage /> },
    { path: '/c/awards/:number', element: <CasePage /> },
    { path: '/c/awards/cycles/:cycle', element: <TakePartPage /> },
    { path: '/c/awards/cycles/:cycle/password', element: <PasswordPage /> },
    { path: '/c/awards/password', element: <PasswordPage /> },
  ],
};
