// What the applicants' pages ask for and do. Whatever a step answers is how the proposal stands.
import { call, get, getFile, part, post, put } from '@console/api/http';
import type {
  AwardCycle,
  AwardCycleList,
  AwardEntry,
  AwardEntryList,
  AwardFiles,
  AwardProfile,
  AwardReceipt,
  AwardUpload,
} from '@console/api/schema';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

const root = '/api/v1/awards';
const entryPath = (id: string) => `${root}/entries/${part(id)}`;
const cycleMs = 60_000;
const entryMs = 30_000;

export const awardKeys = {
  cycles: ['awards', 'cycles'] as const,
  cycle: (id: string) => ['awards', 'cycle', id] as const,
  entries: ['awards', 'entries'] as const,
  entry: (id: string) => ['awards', 'entry', id] as const,
  profile: ['awards', 'profile'] as const,
};

export interface Draft {
  category: string;
  answers: Record<string, unknown>;
}

export const entryApi = {
  read: (id: string) => get<AwardEntry>(entryPath(id)),
  make: (cycle: string, category: string) => post<AwardEntry>(`${root}/entries`, { cycle, category }),
  save: (id: string, revision: number, draft: Draft) => put<AwardEntry>(entryPath(id), { revision, ...draft }),
  drop: (id: string) => call<void>('DELETE', entryPath(id)),
  submit: (id: string) => post<AwardReceipt>(`${entryPath(id)}/submit`, {}),
  answer: (id: string, answers: Record<string, string>) => post<AwardReceipt>(`${entryPath(id)}/answers`, answers),
  transfer: (id: string, agree: boolean, why: string) => post<AwardEntry>(`${entryPath(id)}/transfer`, { agree, why }),
  withdraw: (id: string) => post<AwardEntry>(`${entryPath(id)}/withdraw`, {}),
  confirm: (id: string) => post<AwardEntry>(`${entryPath(id)}/confirm`, {}),
  publish: (id: string, wish: { optOut?: boolean; consents?: string[] }) =>
    put<AwardEntry>(`${entryPath(id)}/publication`, wish),
  receipt: (id: string, version: number) => get<AwardReceipt>(`${entryPath(id)}/receipts/${version}`),
  certificate: (id: string) => getFile(`${entryPath(id)}/certificate.pdf`),
  file: (id: string, file: string) => getFile(`${entryPath(id)}/files/${part(file)}`),
  dropFile: (id: string, file: string) => call<void>('DELETE', `${entryPath(id)}/files/${part(file)}`),
};

const uploadPath = (id: string) => `${root}/uploads/${part(id)}`;

export const uploadApi = {
  begin: (entry: string, wish: { slot: string; name: string; bytes: number }) =>
    post<AwardUpload>(`${entryPath(entry)}/uploads`, wish),
  // How much is there then. What was there already is not taken twice, so that nothing asks how much there is.
  part: (id: string, offset: number, bytes: Blob) =>
    call<{ received: number }>('PUT', `${uploadPath(id)}/${offset}`, bytes),
  finish: (id: string) => post<AwardFiles>(`${uploadPath(id)}/finish`, {}),
  drop: (id: string) => call<void>('DELETE', uploadPath(id)),
};

export const profileApi = {
  save: (profile: AwardProfile) => put<AwardProfile>(`${root}/profile`, profile),
  leave: (account: string) => post<void>(`${root}/profile/erasure`, { account }),
};

export const useCycles = () =>
  useQuery({
    queryKey: awardKeys.cycles,
    queryFn: () => get<AwardCycleList>(`${root}/cycles`),
    refetchInterval: cycleMs,
  });
export const useCycle = (id: string | undefined) =>
  useQuery({
    queryKey: awardKeys.cycle(id ?? ''),
    queryFn: () => get<AwardCycle>(`${root}/cycles/${part(id ?? '')}`),
    refetchInterval: cycleMs,
    enabled: !!id,
  });
export const useEntries = () =>
  useQuery({
    queryKey: awardKeys.entries,
    queryFn: () => get<AwardEntryList>(`${root}/entries`),
    refetchInterval: entryMs,
  });
export const useEntry = (id: string) =>
  useQuery({ queryKey: awardKeys.entry(id), queryFn: () => entryApi.read(id), refetchInterval: entryMs });
export const useProfile = () =>
  useQuery({ queryKey: awardKeys.profile, queryFn: () => get<AwardProfile>(`${root}/profile`) });

// Puts what a step answered where the pages look; the list is asked for anew.
export function usePutEntry(): (entry: AwardEntry) => void {
  const client = useQueryClient();
  return useCallback(
    (entry) => {
      client.setQueryData(awardKeys.entry(entry.id), entry);
      void client.invalidateQueries({ queryKey: awardKeys.entries });
    },
    [client],
  );
}
