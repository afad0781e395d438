// The worker's cases, whole, so that each can be worked without a network; asked for anew when something moves.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, type CaseQuery, Problem } from '../api/client';
import { keys } from '../api/keys';
import { useSession } from '../api/queries';
import type { Case, CaseSummary, User } from '../api/schema';
import { useStore } from '../api/store';
import { inParallel } from '../inbox/bulk';
import { outboxState } from '../offline/outbox_watch';
import { orKept } from '../offline/snapshot';
import { readMyDay } from './my_day';
import { isMine, type WorkItem, workOf } from './overlay';

const casesMax = 200;
const elsewhereMax = 20; // cases of other departments are looked into only so far for a task of ours

function worthReading(list: readonly CaseSummary[], user: User): CaseSummary[] {
  const own = list.filter((item) => item.department === user.department || item.holder === user.id);
  const others = list.filter((item) => !own.includes(item)).slice(0, elsewhereMax);
  const free = own.filter((item) => item.holder === user.id || !item.holder);
  return [...free, ...others];
}

export async function readWork(user: User): Promise<Case[]> {
  const { department } = user;
  const ask = (more: CaseQuery) => api.cases({ state: 'open', limit: casesMax, ...more });
  const [own, assisting, day] = await Promise.all([
    ask({ department }),
    ask({ assisting: department }),
    readMyDay(user).catch(() => null),
  ]);
  const byId = new Map([...own.cases, ...assisting.cases].map((item) => [item.id, item]));
  const planned = new Set(day?.stops.map((stop) => stop.case));
  const wanted = new Set([...worthReading([...byId.values()], user).map(({ id }) => id), ...planned]);
  const found: Case[] = [];
  await inParallel([...wanted], async (id) => {
    const item = await api.case(id).catch((error) => {
      // A stop of the plan that has gone meanwhile takes nothing else with it.
      if (byId.has(id) || !(error instanceof Problem) || error.status === 0 || error.status >= 500) throw error;
    });
    if (item && isMine(item, user, day?.crew)) found.push(item);
  });
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

export function useUser(): User {
  const user = useSession().data?.user;
  if (!user) throw new Error('useUser outside the signed-in frame');
  return user;
}

export function useWorkQuery() {
  const user = useUser();
  return useQuery({
    queryKey: keys.work,
    queryFn: () => orKept(`work ${user.id}`, () => readWork(user)),
    refetchInterval: 60_000,
    staleTime: 5_000,
  });
}

export function useWork(): { query: ReturnType<typeof useWorkQuery>; work: WorkItem[] } {
  const user = useUser();
  const query = useWorkQuery();
  const { items } = useStore(outboxState);
  const cases = query.data;
  const work = useMemo(() => (cases ?? []).map((item) => workOf(item, items, cases ?? [], user)), [cases, items, user]);
  return { query, work };
}

// A step that was taken shows at once in the list of work.
export function useWorkRefresh(): void {
  const client = useQueryClient();
  const sent = useStore(outboxState).items.filter((item) => item.state !== 'waiting').length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was answered is what calls
  useEffect(() => {
    void client.invalidateQueries({ queryKey: keys.work });
  }, [client, sent]);
}
