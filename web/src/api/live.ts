// Brings live events into what the pages show: the map's table, the query cache, the clock, and what is new.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import i18next from 'i18next';
import { hearClock } from './city_clock';
import { api, readersLanguage } from './client';
import { EntityTable } from './entity_table';
import { type LiveMessage, type Topic, topics } from './events';
import { filtersIn, type InboxData, layOnInbox } from './inbox_cache';
import { keys } from './keys';
import { LiveConnection, type LiveState } from './live_connection';
import type { CasePage, CaseSummary, Command, CommandPage, Feed, FeedPage, Finding, FindingPage } from './schema';
import { createStore } from './store';

export const entityTable = new EntityTable();
export const liveState = createStore<LiveState>({ phase: 'connecting', lastDataAt: null, retryAt: null });

// Ids of findings and cases that came by live event, with the real time at which they came.
export const arrivals = createStore<ReadonlyMap<string, number>>(new Map());
export const activeFindingsQuery = { status: 'active', limit: 200 };
export const openCasesQuery = { state: 'open', limit: 200 };
export const pendingCommandsQuery = { status: 'pending_approval', limit: 200 };

const arrivalsMax = 200;
const coalesceMs = 700;

let client: QueryClient;
let connection: LiveConnection | null = null;

// Many events soon after one another become one question to the server.
const touched = new Map<string, QueryKey>();
let touchTimer: ReturnType<typeof setTimeout> | undefined;

function touch(key: QueryKey): void {
  touched.set(JSON.stringify(key), key);
  if (touchTimer) return;
  touchTimer = setTimeout(() => {
    touchTimer = undefined;
    const batch = [...touched.values()];
    touched.clear();
    for (const queryKey of batch) void client.invalidateQueries({ queryKey });
  }, coalesceMs);
}

function noteArrival(id: string): void {
  const next = new Map(arrivals.get());
  next.delete(id);
  next.set(id, Date.now());
  for (const old of next.keys()) {
    if (next.size <= arrivalsMax) break;
    next.delete(old);
  }
  arrivals.set(next);
}

// Puts an item where a list holds it, adds it in front when it belongs there and is new, drops it when it does not.
export function upsert<T extends { id: string }>(list: T[], item: T, belongs: boolean): T[] {
  const at = list.findIndex((other) => other.id === item.id);
  if (!belongs) return at < 0 ? list : list.filter((other) => other.id !== item.id);
  return at < 0 ? [item, ...list] : list.map((other) => (other.id === item.id ? item : other));
}

function onFinding(finding: Finding): void {
  client.setQueryData<FindingPage>(keys.findings(activeFindingsQuery), (page) => {
    if (!page) return page;
    if (finding.status === 'active' && !page.findings.some((other) => other.id === finding.id)) noteArrival(finding.id);
    return { ...page, findings: upsert(page.findings, finding, finding.status === 'active') };
  });
  // A live finding does not say its case; what was known of it stays.
  client.setQueryData<Finding>(keys.finding(finding.id), (before) => before && { ...before, ...finding });
  touch(keys.finding(finding.id));
  touch(keys.findings());
  touch(keys.rules);
}

const isOpen = (item: CaseSummary) => item.outcome === 'open';

function onCase(item: CaseSummary): void {
  client.setQueryData<CasePage>(keys.cases(openCasesQuery), (page) => {
    if (!page) return page;
    const known = page.cases.find((other) => other.id === item.id);
    if (known?.state !== item.state) noteArrival(item.id);
    const cases = upsert(page.cases, item, isOpen(item));
    return { ...page, cases, total: page.total + cases.length - page.cases.length };
  });
  for (const [queryKey] of client.getQueriesData({ queryKey: keys.inbox() }))
    client.setQueryData<InboxData>(queryKey, (data) => data && layOnInbox(data, item, filtersIn(queryKey)));
  touch(keys.cases());
  touch(keys.case(item.id));
  touch(keys.trace(item.id));
  touch(keys.work);
  touch(keys.rules);
}

function onCommand(command: Command): void {
  client.setQueryData<CommandPage>(
    keys.commands(pendingCommandsQuery),
    (page) => page && { commands: upsert(page.commands, command, command.status === 'pending_approval') },
  );
  touch(keys.commands());
  if (command.forCase) {
    touch(keys.case(command.forCase));
    touch(keys.trace(command.forCase));
  }
}

function onFeeds(feeds: Feed[]): void {
  client.setQueryData<FeedPage>(keys.feeds, { feeds });
}

function onMessage(message: LiveMessage): void {
  switch (message.kind) {
    case 'entities':
      entityTable.apply(message.seq, message.changes);
      break;
    case 'finding':
      onFinding(message.finding);
      break;
    case 'case':
      onCase(message.case);
      break;
    case 'command':
      onCommand(message.command);
      break;
    case 'feeds':
      onFeeds(message.feeds);
      break;
    case 'clock':
      hearClock(message);
      break;
    case 'hello':
      break;
  }
}

export async function loadMap(): Promise<void> {
  entityTable.expectLoad();
  entityTable.load(await api.map());
}

// Nothing is lost over a gap: the whole picture is asked for again.
function onOpen(subject: LiveSubject): void {
  if (subject === 'everything') void loadMap().catch(() => undefined); // the connection's own retry covers a server that is not there
  for (const listener of openListeners) listener();
  void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
}

function connect(): WebSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/api/v1/live?lang=${readersLanguage()}`);
}

// A phone in the street hears of its cases, not of every sensor of the city.
export type LiveSubject = 'everything' | 'work';
const workTopics: readonly Topic[] = ['cases', 'clock'];

const openListeners = new Set<() => void>();
export function whenLiveOpens(listener: () => void): () => void {
  openListeners.add(listener);
  return () => openListeners.delete(listener);
}

export function startLive(queryClient: QueryClient, subject: LiveSubject = 'everything'): () => void {
  client = queryClient;
  const begin = () => {
    connection?.stop();
    connection = new LiveConnection({ onOpen: () => onOpen(subject), onMessage, onState: liveState.set }, connect, {
      topics: subject === 'everything' ? topics : workTopics,
    });
    connection.start();
  };
  begin();
  // What is told from now on, and all that was told before, in the other language.
  i18next.on('languageChanged', begin);
  return () => {
    i18next.off('languageChanged', begin);
    connection?.stop();
    connection = null;
  };
}

export const retryLive = () => connection?.retryNow();
