// The one place that talks HTTP. Every call answers with data or throws a Problem that can be shown to a person.
import type {
  Backtest,
  Case,
  CasePage,
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

type Query = Record<string, string | number | undefined>;

function withQuery(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value));
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

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': readersLanguage() };
  if (method !== 'GET') headers['X-Cityloop-Client'] = 'console';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, 'unreachable');
  }
  if (!response.ok) throw await problemFrom(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

const get = <T>(path: string, query?: Query) => call<T>('GET', withQuery(path, query));
const post = <T>(path: string, body: unknown) => call<T>('POST', path, body);
const part = encodeURIComponent;

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

  cases: (query: {
    state?: string;
    department?: string;
    rule?: string;
    outcome?: string;
    limit?: number;
    cursor?: string;
  }) => get<CasePage>('/api/v1/cases', query),
  case: (id: string) => get<Case>(`/api/v1/cases/${part(id)}`),
  openCase: (wish: NewCase) => post<Case>('/api/v1/cases', wish),
  actOnCase: (id: string, wish: CaseStepWish) => post<Case>(`/api/v1/cases/${part(id)}/actions`, wish),
  trace: (id: string) => get<Trace>(`/api/v1/cases/${part(id)}/trace`),

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
