// The one place that talks HTTP. Every call answers with data or throws a Problem that can be shown to a person.
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
  Trace,
} from './schema';

// An RFC 9457 answer, or what stands for one when the server could not be reached (status 0).
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = '',
  ) {
    super(detail || title);
    this.name = 'Problem';
  }
}

// crypto.randomUUID is not there on a page without HTTPS.
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Query = object; // of texts and numbers; what is empty is left out

// `empties` are those whose empty value says something: a group of cases that have none.
function withQuery(path: string, query: Query = {}, empties: string[] = []): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && (value !== '' || empties.includes(name)))
      params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function problemFrom(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as { title?: string; detail?: string };
    return new Problem(response.status, body.title ?? response.statusText, body.detail);
  } catch {
    return new Problem(response.status, response.statusText || `HTTP ${response.status}`);
  }
}

// Names of things come in one language: that of the page.
export const readersLanguage = () => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');

async function call<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': readersLanguage(), ...more };
  if (method !== 'GET') headers['X-Cityloop-Client'] = 'console';
  const blob = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = blob ? body.type : 'application/json';
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined || blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, 'unreachable');
  }
  if (!response.ok) throw await problemFrom(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

const get = <T>(path: string, query?: Query, empties?: string[]) => call<T>('GET', withQuery(path, query, empties));
const post = <T>(path: string, body: unknown) => call<T>('POST', path, body);
// With a key of its own: whoever asks again after a lost answer asks for the same thing, and it happens once.
const postOnce = <T>(path: string, body: unknown, key: string = newKey()) =>
  call<T>('POST', path, body, { 'Idempotency-Key': key });
const part = encodeURIComponent;

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
