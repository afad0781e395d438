// The pages and their addresses. Each is fetched when it is first opened.
import { createBrowserRouter, Navigate } from 'react-router';
import { Crashed, NotFound } from './Lost';
import { Shell } from './Shell';

export function makeRouter() {
  return createBrowserRouter([
    {
      path: '/',
      element: <Shell />,
      errorElement: <Crashed />,
      hydrateFallbackElement: <span />,
      children: [
        {
          errorElement: <Crashed />,
          children: [
            { index: true, element: <Navigate to="/live" replace /> },
            { path: 'live', lazy: async () => ({ Component: (await import('../map/LivePage')).LivePage }) },
            {
              path: 'cases',
              lazy: async () => ({ Component: (await import('../cases/CasesPage')).CasesPage }),
              children: [
                { path: ':id', lazy: async () => ({ Component: (await import('../cases/CaseDetail')).CaseDetail }) },
              ],
            },
            {
              path: 'findings',
              lazy: async () => ({ Component: (await import('../findings/FindingsPage')).FindingsPage }),
              children: [
                {
                  path: ':id',
                  lazy: async () => ({ Component: (await import('../findings/FindingDetail')).FindingDetail }),
                },
              ],
            },
            {
              path: 'commands',
              lazy: async () => ({ Component: (await import('../commands/CommandsPage')).CommandsPage }),
            },
            { path: 'feeds', lazy: async () => ({ Component: (await import('../feeds/FeedsPage')).FeedsPage }) },
            {
              path: 'rules',
              lazy: async () => ({ Component: (await import('../rules/RulesPage')).RulesPage }),
            },
            { path: 'rules/:id', lazy: async () => ({ Component: (await import('../rules/RulePage')).RulePage }) },
            {
              path: 'operations',
              lazy: async () => ({ Component: (await import('../operations/OperationsPage')).OperationsPage }),
            },
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ]);
}
