// The cache of answers. A session that has ended anywhere ends everywhere: the sign-in page comes.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/client';
import { keys } from '../api/keys';

function onError(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 401) return;
  const session = queryClient.getQueryState(keys.session);
  if (session?.data) void queryClient.resetQueries({ queryKey: keys.session });
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // A city's network may have no way to the internet: whether the server answers is found by asking it.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      // A refusal will be refused again; only a server that cannot be reached is asked anew.
      retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
    },
  },
});
