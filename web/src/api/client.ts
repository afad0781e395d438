// Every call of the console by name; what one family of pages alone asks for stands in a file of its own beside this one.
import { call, get, getFile, part, post, postOnce } from './http';
import type {
  Backtest,
  Case,
  CaseMap,
  CaseMeasure,
  CasePage,
  CaseStatistics,
  CaseStepWish,
  City,
  CityMap,
  Command,
  CommandPage,
  CommandWish,
  DemoUser,
  DevicePage,
  Entity,
  Feed,
  FeedPage,
  FeedWish,
  Finding,
  FindingPage,
  History,
  NewCase,
  NewCommand,
  Operations,
  Period,
  RejectPage,
  RuleDetail,
  RulePage,
  Session,
  Suggestion,
  SuggestionScores,
  Trace,
} from './schema';

export { newKey, Problem, readersLanguage } from './http';

// What narrows a list of cases; empty and absent mean the same.
export interface CaseQuery {
  state?: string;
  stage?: string;
  department?: string;
  area?: string;
  category?: string;
  kind?: string;
  severity?: string;
  channel?: string;
  holder?: string;
  crew?: string; // "-" for those that no crew has
  cell?: string;
  overdue?: string;
  supervised?: string;
  requested?: string; // somebody waits for a decision
  similar?: string;
  assisting?: string; // a department of one of its tasks
  rule?: string;
  outcome?: string;
  q?: string;
  limit?: number;
  cursor?: string;
}

export interface StatisticsQuery {
  from?: string;
  to?: string;
  by?: string;
  department?: string;
  area?: string;
  kind?: string;
}

export const api = {
  session: () => get<Session>('/api/v1/session'),
  signIn: (user: string, password: string) => post<Session>('/api/v1/session', { user, password }),
  signOut: () => call<void>('DELETE', '/api/v1/session'),
  demoUsers: () => get<DemoUser[]>('/api/v1/session/demo-users'),

  city: () => get<City>('/api/v1/city'),
  map: () => get<CityMap>('/api/v1/map'),
  entity: (id: string) => get<Entity>(`/ngsi-ld/v1/entities/${part(id)}`, { options: 'sysAttrs' }),
  history: (query: { entity: string; attribute: string; from?: string; to?: string; points?: number }) =>
    get<History>('/api/v1/history', query),

  findings: (query: { status?: string; rule?: string; entity?: string; limit?: number; cursor?: string }) =>
    get<FindingPage>('/api/v1/findings', query),
  finding: (id: string) => get<Finding>(`/api/v1/findings/${part(id)}`),

  cases: (query: CaseQuery) => get<CasePage>('/api/v1/cases', query),
  caseMap: (query: CaseQuery & { bbox?: string; zoom?: number }) => get<CaseMap>('/api/v1/cases/map', query),
  suggestionScores: () => get<SuggestionScores>('/api/v1/suggestion-scores'),
  // The case as one file: a paper to read, or everything that proves it.
  dossier: (id: string, kind: 'pdf' | 'zip', lang: string) =>
    getFile(`/api/v1/cases/${part(id)}/dossier.${kind}`, { lang }),
  suggestion: (id: string) => get<Suggestion>(`/api/v1/cases/${part(id)}/suggestion`),
  case: (id: string) => get<Case>(`/api/v1/cases/${part(id)}`),
  openCase: (wish: NewCase) => postOnce<Case>('/api/v1/cases', wish),
  actOnCase: (id: string, wish: CaseStepWish, key?: string) =>
    postOnce<Case>(`/api/v1/cases/${part(id)}/actions`, wish, key),
  // Kept by its content: the same picture sent twice is one.
  sendPhoto: (photo: Blob) => call<{ id: string }>('POST', '/api/v1/media', photo),
  trace: (id: string) => get<Trace>(`/api/v1/cases/${part(id)}/trace`),

  caseStatistics: (query: StatisticsQuery) => get<CaseStatistics>('/api/v1/case-statistics', query),
  countedCases: (measure: CaseMeasure, query: StatisticsQuery & { key?: string; limit?: number; cursor?: string }) =>
    get<CasePage>(`/api/v1/case-statistics/${measure}/cases`, query, ['key']),

  commands: (query: { status?: string; case?: string; limit?: number }) => get<CommandPage>('/api/v1/commands', query),
  requestCommand: (wish: NewCommand) => post<Command>('/api/v1/commands', wish),
  actOnCommand: (id: string, wish: CommandWish) => post<Command>(`/api/v1/commands/${part(id)}/actions`, wish),
  devices: () => get<DevicePage>('/api/v1/devices'),

  feeds: () => get<FeedPage>('/api/v1/feeds'),
  rejects: (name: string, reason?: string) => get<RejectPage>(`/api/v1/feeds/${part(name)}/rejects`, { reason }),
  controlFeed: (name: string, wish: FeedWish) => post<Feed>(`/api/v1/feeds/${part(name)}/control`, wish),

  rules: () => get<RulePage>('/api/v1/rules'),
  rule: (id: string) => get<RuleDetail>(`/api/v1/rules/${part(id)}`),
  backtest: (id: string, period: Period) => post<Backtest>(`/api/v1/rules/${part(id)}/backtest`, period),

  operations: () => get<Operations>('/api/v1/operations'),
};
