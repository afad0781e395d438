// The pages and their addresses. Each is fetched when it is first opened.
import { createBrowserRouter } from 'react-router';
import { Home } from './Home';
import { Crashed, NotFound } from './Lost';
import { packageRoutes } from './packages';
import { Shell } from './Shell';

const fieldPages = {
  path: '/field',
  lazy: async () => ({ Component: (await import('../field/FieldShell')).FieldShell }),
  errorElement: <Crashed />,
  hydrateFallbackElement: <span />,
  children: [
    { index: true, lazy: async () => ({ Component: (await import('../field/FieldListPage')).FieldListPage }) },
    { path: 'map', lazy: async () => ({ Component: (await import('../field/FieldMapPage')).FieldMapPage }) },
    { path: 'outbox', lazy: async () => ({ Component: (await import('../field/OutboxPage')).OutboxPage }) },
    { path: 'cases/:id', lazy: async () => ({ Component: (await import('../field/FieldCasePage')).FieldCasePage }) },
    { path: 'cases/:id/:verb', lazy: async () => ({ Component: (await import('../field/StepPage')).StepPage }) },
    { path: '*', element: <NotFound /> },
  ],
};

const citizensPages = {
  path: 'citizens',
  lazy: async () => ({ Component: (await import('../citizens_desk/CitizensDesk')).CitizensDesk }),
  children: [
    { index: true, lazy: async () => ({ Component: (await import('../citizens_desk/CitizensDesk')).FirstOfDesk }) },
    {
      path: 'moderation',
      lazy: async () => ({ Component: (await import('../citizens_desk/ModerationPage')).ModerationPage }),
    },
    { path: 'rounds', lazy: async () => ({ Component: (await import('../citizens_desk/RoundsPage')).RoundsPage }) },
    {
      path: 'inspections',
      lazy: async () => ({ Component: (await import('../citizens_desk/InspectionsPage')).InspectionsPage }),
    },
    { path: 'surveys', lazy: async () => ({ Component: (await import('../citizens_desk/SurveysPage')).SurveysPage }) },
  ],
};

const evaluationPages = {
  path: 'evaluation',
  lazy: async () => ({ Component: (await import('../evaluation/EvaluationDesk')).EvaluationDesk }),
  children: [
    { index: true, lazy: async () => ({ Component: (await import('../evaluation/EvaluationDesk')).FirstOfDesk }) },
    {
      path: 'indicators',
      lazy: async () => ({ Component: (await import('../evaluation/IndicatorsPage')).IndicatorsPage }),
    },
    {
      path: 'indicators/:id',
      lazy: async () => ({ Component: (await import('../evaluation/IndicatorPage')).IndicatorPage }),
    },
    { path: 'indices', lazy: async () => ({ Component: (await import('../evaluation/IndicesPage')).IndicesPage }) },
    { path: 'indices/:id', lazy: async () => ({ Component: (await import('../evaluation/IndexPage')).IndexPage }) },
    { path: 'checkup', lazy: async () => ({ Component: (await import('../evaluation/CheckupPage')).CheckupPage }) },
  ],
};

export function makeRouter() {
  return createBrowserRouter([
    fieldPages,
    {
      path: '/',
      element: <Shell />,
      errorElement: <Crashed />,
      hydrateFallbackElement: <span />,
      children: [
        {
          errorElement: <Crashed />,
          children: [
            { index: true, element: <Home /> },
            { path: 'live', lazy: async () => ({ Component: (await import('../map/LivePage')).LivePage }) },
            {
              path: 'cases/:id/print',
              lazy: async () => ({ Component: (await import('../cases/PrintCase')).PrintCase }),
            },
            {
              path: 'handover',
              lazy: async () => ({ Component: (await import('../handover/HandoverPage')).HandoverPage }),
            },
            {
              path: 'supervise',
              lazy: async () => ({ Component: (await import('../supervise/SupervisePage')).SupervisePage }),
            },
            {
              path: 'cases',
              lazy: async () => ({ Component: (await import('../inbox/InboxPage')).InboxPage }),
              children: [
                { path: ':id', lazy: async () => ({ Component: (await import('../cases/CaseDetail')).CaseDetail }) },
              ],
            },
            {
              path: 'dispatch',
              lazy: async () => ({ Component: (await import('../dispatch/DispatchPage')).DispatchPage }),
            },
            {
              path: 'duty',
              lazy: async () => ({ Component: (await import('../duty/DutyDesk')).DutyDesk }),
              children: [
                { index: true, lazy: async () => ({ Component: (await import('../duty/RosterPage')).RosterPage }) },
                { path: 'crews', lazy: async () => ({ Component: (await import('../duty/CrewsPage')).CrewsPage }) },
                {
                  path: 'map',
                  lazy: async () => ({ Component: (await import('../duty/ResponsibilityPage')).ResponsibilityPage }),
                },
              ],
            },
            citizensPages,
            evaluationPages,
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
            ...packageRoutes(),
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ]);
}
