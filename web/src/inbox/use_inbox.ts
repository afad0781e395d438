// The rows of the inbox: asked for page by page as one scrolls, kept current by live events in between.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, type CaseQuery } from '../api/client';
import { belongs, orderOf } from '../api/inbox_cache';
import { keys } from '../api/keys';
import type { CaseSummary } from '../api/schema';

const pageSize = 200;

export function useInbox(query: CaseQuery) {
  const pages = useInfiniteQuery({
    queryKey: keys.inbox(query),
    queryFn: ({ pageParam }) => api.cases({ ...query, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const { data, hasNextPage, isFetching, fetchNextPage } = pages;
  const cases = useMemo(() => rowsOf(data?.pages ?? [], query), [data, query]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return { pages, cases: data ? cases : undefined, total: data?.pages.at(-1)?.total ?? 0, more };
}

// A row that moved from one page to another between two questions comes once. What a server sends that was not asked for
// is not shown.
function rowsOf(pages: readonly { cases: CaseSummary[] }[], query: CaseQuery): CaseSummary[] {
  const seen = new Set<string>();
  const rows: CaseSummary[] = [];
  for (const page of pages)
    for (const item of page.cases) {
      if (seen.has(item.id) || belongs(item, query) === false) continue;
      seen.add(item.id);
      rows.push(item);
    }
  return pages.length > 1 ? rows : rows.sort(orderOf(query.state));
}

// How many a view holds, without its rows.
export const useCount = (query: CaseQuery) =>
  useQuery({
    queryKey: ['inbox-count', query],
    queryFn: async () => (await api.cases({ ...query, limit: 1 })).total,
    refetchInterval: 15_000,
  }).data;
