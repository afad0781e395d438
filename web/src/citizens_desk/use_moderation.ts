// What waits for a moderator, and the decision about one.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { citizensApi } from '../api/citizens_api';
import { api } from '../api/client';
import { Problem } from '../api/http';
import { keys } from '../api/keys';
import type { Text } from '../api/schema';
import { useProblemText } from '../ui/states';
import {
  type Decision,
  fromComment,
  fromProposal,
  fromReport,
  type Moderated,
  type Source,
  stepFor,
} from './moderated';

const pageSize = 100;
const refreshMs = 30_000;

// A city in which nobody takes part has neither proposals nor comments.
const orNone = async <T extends { total: number }>(asked: Promise<T>): Promise<{ total: number }> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { total: 0 };
    throw error;
  }
};

// How many wait, of each source.
export const useWaitingCount = (enabled: boolean): Record<Source, number> | undefined =>
  useQuery({
    queryKey: keys.moderation({ count: true }),
    queryFn: async () => {
      const wish = { state: 'waiting', limit: 1 };
      const [reports, proposals, comments] = await Promise.all([
        citizensApi.moderation(wish),
        orNone(citizensApi.proposals(wish)),
        orNone(citizensApi.comments(wish)),
      ]);
      return { reports: reports.total, proposals: proposals.total, comments: comments.total };
    },
    enabled,
    refetchInterval: refreshMs,
  }).data;

interface PageOfAny {
  items: Moderated[];
  next?: string | null;
}

interface Wish {
  state: string;
  limit: number;
  cursor: string;
}

async function pageOf(source: Source, wish: Wish, nameOf: (text: Text | undefined) => string): Promise<PageOfAny> {
  if (source === 'comments') {
    const { items, next } = await citizensApi.comments(wish);
    return { items: items.map(fromComment), next };
  }
  if (source === 'proposals') {
    const { items, next } = await citizensApi.proposals(wish);
    return { items: items.map(fromProposal), next };
  }
  const { items, next } = await citizensApi.moderation(wish);
  return { items: items.map((item) => fromReport(item, nameOf)), next };
}

export const useModerationPages = (source: Source, state: string, nameOf: (text: Text | undefined) => string) =>
  useInfiniteQuery({
    queryKey: keys.moderation({ source, state }),
    queryFn: ({ pageParam }) => pageOf(source, { state, limit: pageSize, cursor: pageParam }, nameOf),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: refreshMs,
  });

async function send(source: Source, item: Moderated, wish: Decision): Promise<unknown> {
  const { photos, title, ...words } = wish;
  if (source === 'comments') return citizensApi.moderateComment(item.id, words);
  if (source === 'proposals') return api.actOnCase(item.case, stepFor(item, wish));
  return citizensApi.moderate(item.id, { ...words, ...(photos ? { photos } : {}) });
}

function useModerated() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: keys.moderation() });
    void client.invalidateQueries({ queryKey: keys.comments() });
  };
}

// `told` gets what was decided, so that it can be taken back.
export function useModerate(source: Source, told: (item: Moderated, wish: Decision) => void) {
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const changed = useModerated();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ item, wish }: { item: Moderated; wish: Decision }) => send(source, item, wish),
    onSuccess: (_, { item, wish }) => {
      changed();
      // What may be done with it follows from what was done.
      void client.invalidateQueries({ queryKey: keys.case(item.case) });
      told(item, wish);
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
}

// Only what stands in no workflow can be as if nobody had decided: comments.
export function useTakeBack(done: (id: string) => void) {
  const { t } = useTranslation();
  const problemOf = useProblemText();
  const { message } = App.useApp();
  const changed = useModerated();
  return useMutation({
    mutationFn: citizensApi.takeBackRuling,
    onSuccess: (_, id) => {
      changed();
      void message.success(t('moderation.tookBack'));
      done(id);
    },
    onError: (error) => void message.error(problemOf(error), 6),
  });
}
