// All pages of citizens and how one gets to them. Each is a piece of its own, fetched when first opened.
import { lazy, useEffect } from 'react';
import { BrowserRouter, type RouteObject, useRoutes } from 'react-router';
import { startOutbox } from './kept/outbox_watch';
import { publicPages } from './packages';
import { participationRoutes } from './participation_routes';
import { Home } from './places/Home';
import { registerCitizenWorker } from './push/register';
import { Lost } from './shell/Lost';
import { Shell } from './shell/Shell';

const ReportPage = lazy(() => import('./report/ReportPage').then((part) => ({ default: part.ReportPage })));
const CityPage = lazy(() => import('./places/CityPage').then((part) => ({ default: part.CityPage })));
const PublicPage = lazy(() => import('./places/PublicPage').then((part) => ({ default: part.PublicPage })));
const MinePage = lazy(() => import('./places/MinePage').then((part) => ({ default: part.MinePage })));
const FollowPage = lazy(() => import('./follow/FollowPage').then((part) => ({ default: part.FollowPage })));
const SurveyPage = lazy(() => import('./survey/SurveyPage').then((part) => ({ default: part.SurveyPage })));

const routes: RouteObject[] = [
  {
    element: <Shell />,
    children: [
      { path: '/c', element: <Home /> },
      { path: '/c/report', element: <ReportPage /> },
      { path: '/c/report/:step', element: <ReportPage /> },
      { path: '/c/reports', element: <CityPage /> },
      { path: '/c/reports/:code', element: <PublicPage /> },
      { path: '/c/mine', element: <MinePage /> },
      { path: '/c/survey/:token', element: <SurveyPage /> },
      { path: '/r/:token', element: <FollowPage /> },
      ...participationRoutes,
      ...publicPages.flatMap((pages) => pages.routes),
      { path: '*', element: <Lost /> },
    ],
  },
];

function Pages() {
  return useRoutes(routes);
}

export function App() {
  useEffect(() => {
    const stop = startOutbox();
    void registerCitizenWorker();
    return stop;
  }, []);
  return (
    <BrowserRouter>
      <Pages />
    </BrowserRouter>
  );
}
