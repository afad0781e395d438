// What the staff's pages ask for, as hooks, and what they change. Each seat asks for its own; the server refuses the rest.
import { Problem } from '@console/api/client';
import { call, get, getFile, part, post, put } from '@console/api/http';
import type {
  AwardAgreement,
  AwardAssignment,
  AwardAssignmentPage,
  AwardAssignmentWish,
  AwardAudit,
  AwardCycle,
  AwardCycleList,
  AwardDesk,
  AwardDuplicates,
  AwardHead,
  AwardInvitation,
  AwardInvitationList,
  AwardInvitationPage,
  AwardInvited,
  AwardJuror,
  AwardJurors,
  AwardLetters,
  AwardLettersSent,
  AwardLettersToSend,
  AwardMaskingRun,
  AwardNominations,
  AwardPanel,
  AwardProposal,
  AwardProposalPage,
  AwardRanking,
  AwardReceipt,
  AwardSeal,
  AwardSheet,
  AwardSheetList,
} from '@console/api/schema';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

const root = '/api/v1/awards';
const of = (cycle: string) => `${root}/cycles/${part(cycle)}`;
const soonMs = 30_000;

const ask = <T>(path: string, query?: object, more: { enabled?: boolean; retry?: false; every?: number } = {}) => ({
  queryKey: ['awards', path, query ?? ''],
  queryFn: () => get<T>(path, query),
  enabled: more.enabled ?? true,
  retry: more.retry,
  refetchInterval: more.every ?? (false as const),
});

// What need not be there.
const orNull = <T>(answer: Promise<T>): Promise<T | null> =>
  answer.catch((error: unknown) => {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  });

export const useCycles = () => useQuery<AwardCycleList>(ask(`${root}/cycles`, undefined, { every: soonMs * 2 }));
export const useWholeCycle = (id: string) => useQuery<AwardCycle>(ask(of(id), undefined, { enabled: id !== '' }));

// the secretary's
export const useDesk = (cycle: string) => useQuery<AwardDesk>(ask(`${of(cycle)}/desk`, undefined, { every: soonMs }));
export interface ProposalQuery {
  category?: string;
  stage?: string;
  q?: string;
}
const pageSize = 100;
export const useProposals = (cycle: string, query: ProposalQuery) =>
  useInfiniteQuery({
    queryKey: ['awards', `${of(cycle)}/proposals`, query],
    queryFn: ({ pageParam }) =>
      get<AwardProposalPage>(`${of(cycle)}/proposals`, { ...query, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });
export const useProposal = (id: string) =>
  useQuery<AwardProposal>(ask(`${root}/proposals/${part(id)}`, undefined, { enabled: id !== '', retry: false }));
const maskingOf = (id: string) => `${root}/proposals/${part(id)}/masking`;
export const isUnderWay = (run: AwardMaskingRun | undefined) => run?.state === 'waiting' || run?.state === 'running';
export const useMasking = (id: string) =>
  useQuery<AwardMaskingRun>({
    queryKey: ['awards', maskingOf(id), ''],
    queryFn: () => get<AwardMaskingRun>(maskingOf(id)),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? 1000 : false),
  });
export const useDuplicates = (cycle: string) =>
  useQuery<AwardDuplicates>(ask(`${of(cycle)}/near-duplicates`, { limit: 1000 }, { retry: false }));
export const useJurors = (cycle: string) => useQuery<AwardJurors>(ask(`${of(cycle)}/jurors`));
export interface LetterQuery {
  code?: string;
  state?: string;
  q?: string;
}
// Looked at again soon while some wait for the mail server.
export const useLetters = (cycle: string, query: LetterQuery) =>
  useInfiniteQuery({
    queryKey: ['awards', `${of(cycle)}/letters`, query],
    queryFn: ({ pageParam }) =>
      get<AwardLetters>(`${of(cycle)}/letters`, { ...query, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: ({ state }) => {
      const first = state.data?.pages[0];
      return first?.server && first.kinds.some(({ states }) => states.waiting) ? soonMs / 6 : soonMs * 2;
    },
  });

export const useInvitations = (cycle: string, query: { standing?: string; q?: string }) =>
  useInfiniteQuery({
    queryKey: ['awards', `${of(cycle)}/invitations`, query],
    queryFn: ({ pageParam }) =>
      get<AwardInvitationPage>(`${of(cycle)}/invitations`, { ...query, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: soonMs,
  });

// All proposals of a cycle, for pages that speak of many by their numbers.
export const useAllProposals = (cycle: string) =>
  useQuery<AwardHead[]>({
    queryKey: ['awards', `${of(cycle)}/proposals`, 'all'],
    queryFn: async () => {
      const all: AwardHead[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: AwardProposalPage = await get(`${of(cycle)}/proposals`, { limit: 1000, cursor });
        all.push(...page.proposals);
        cursor = page.next;
      }
      return all;
    },
  });

// Who reviews what, as it was proposed last: the first of many, and more when they are asked for.
export const useAssignmentRows = (cycle: string, q: string) =>
  useInfiniteQuery({
    queryKey: ['awards', `${of(cycle)}/assignments`, q],
    queryFn: ({ pageParam }) =>
      get<AwardAssignmentPage>(`${of(cycle)}/assignments`, { q, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

// the juror's
export const useSheets = () => useQuery<AwardSheetList>(ask(`${root}/sheets`));
export const sheetKey = (id: string) => ask(`${root}/sheets/${part(id)}`).queryKey;
export const useSheet = (id: string) =>
  useQuery<AwardSheet>(ask(`${root}/sheets/${part(id)}`, undefined, { enabled: id !== '', retry: false }));

// the chair's
export const useRanking = (cycle: string, category: string) =>
  useQuery<AwardRanking>(ask(`${of(cycle)}/ranking`, { category }, { retry: false }));
export const useAgreement = (cycle: string, category: string, enabled: boolean) =>
  useQuery<AwardAgreement>(ask(`${of(cycle)}/agreement`, { category }, { enabled, retry: false }));
export const usePanel = (id: string) =>
  useQuery<AwardPanel>(ask(`${root}/panel/${part(id)}`, undefined, { enabled: id !== '', retry: false }));

export const useNominations = (cycle: string, prize: string) =>
  useQuery<AwardNominations>(ask(`${of(cycle)}/prizes/${part(prize)}`));

// the auditor's
// Page after page to the end: what is odd may stand on any of them.
async function readAudit(cycle: string): Promise<AwardAudit> {
  const page = (cursor?: string) => get<AwardAudit>(`${of(cycle)}/audit`, { limit: 500, cursor });
  const all = await page();
  while (all.next) {
    const more = await page(all.next);
    all.proposals.push(...more.proposals);
    all.sheets.push(...more.sheets);
    all.next = more.next;
  }
  return all;
}
export const useAudit = (cycle: string) =>
  useQuery({ ...ask<AwardAudit>(`${of(cycle)}/audit`), queryFn: () => readAudit(cycle) });
export interface LogHead {
  v: 1;
  log: string;
  size: number;
  root: string;
  at: string;
  before: string;
  signature: string;
}
export const logRoot = '/public/v1/awards/log';
export const useLogHead = () =>
  useQuery<{ head: LogHead; key: string }>(ask(`${logRoot}/head`, undefined, { every: soonMs, retry: false }));

// Null where the review is not sealed.
export const useSeal = (cycle: string) =>
  useQuery<AwardSeal | null>({
    queryKey: ['awards', `${of(cycle)}/seal`, ''],
    queryFn: () => orNull(get<AwardSeal>(`${of(cycle)}/seal`)),
  });

// What changes something; afterwards all that the awards pages show is read anew.
export function useChange<In, Out>(change: (wish: In) => Promise<Out>) {
  const client = useQueryClient();
  return useMutation<Out, unknown, In>({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: ['awards'] }),
  });
}

export interface Step {
  verb: string;
  note?: string;
  category?: string;
}
export interface Decisions {
  mask: string[];
  keep: string[];
}
export interface GivenKey {
  wrapped: Record<string, unknown>;
  passphrase: string;
}

export const awardsApi = {
  step: (id: string, step: Step) => post<AwardProposal>(`${root}/proposals/${part(id)}/steps`, step),
  mask: (id: string, decisions: Decisions) => put<AwardMaskingRun>(maskingOf(id), decisions),
  release: (id: string, files: string[]) => post<object>(`${root}/proposals/${part(id)}/masking/release`, { files }),
  putJuror: (cycle: string, account: string, juror: AwardJuror) =>
    put<void>(`${of(cycle)}/jurors/${part(account)}`, juror),
  dropJuror: (cycle: string, account: string) => call<void>('DELETE', `${of(cycle)}/jurors/${part(account)}`),
  invite: (cycle: string, list: AwardInvitationList) => post<AwardInvited>(`${of(cycle)}/invitations`, list),
  inviteAgain: (cycle: string, id: string) => post<AwardInvitation>(`${of(cycle)}/invitations/${part(id)}/letters`, {}),
  withdrawInvitation: (cycle: string, id: string) =>
    post<AwardInvitation>(`${of(cycle)}/invitations/${part(id)}/withdrawal`, {}),
  eraseInvitation: (cycle: string, id: string) => call<void>('DELETE', `${of(cycle)}/invitations/${part(id)}`),
  assign: (cycle: string, wish: AwardAssignmentWish) => post<AwardAssignment>(`${of(cycle)}/assignments`, wish),
  seal: (cycle: string, wish: { need: number; holders: { role: string; key: string }[] }) =>
    put<AwardSeal>(`${of(cycle)}/seal`, wish),
  sendLetters: (cycle: string, wish: AwardLettersToSend) => post<AwardLettersSent>(`${of(cycle)}/letters`, wish),
  exportZip: (cycle: string) => getFile(`${of(cycle)}/export.zip`),
  nominate: (cycle: string, wish: { prize: string; group?: string; name: string; statement: string }) =>
    post<{ id: string }>(`${of(cycle)}/nominations`, wish),
  save: (id: string, draft: { scores: Record<string, number>; comment: string }) =>
    put<AwardSheet>(`${root}/sheets/${part(id)}`, draft),
  handIn: (id: string, reason: string) => post<AwardReceipt>(`${root}/sheets/${part(id)}/submit`, { reason }),
  conflict: (id: string, why: string) => post<AwardSheet>(`${root}/sheets/${part(id)}/conflict`, { why }),
  vote: (cycle: string, prize: string, nomination: string) =>
    put<void>(`${of(cycle)}/prizes/${part(prize)}/vote`, { nomination }),
  decide: (id: string, wish: { outcome: string; reason: string; bonuses?: string[]; prize?: string }) =>
    post<AwardHead>(`${root}/panel/${part(id)}/decisions`, wish),
  giveKey: (cycle: string, who: 'chair' | 'auditor', key: GivenKey) =>
    post<AwardSeal>(`${of(cycle)}/seal/${who}-key`, key),
};

export const fileAt = {
  proposal: (id: string, file: string, blind = false) =>
    `${root}/proposals/${part(id)}/files/${part(file)}${blind ? '?blind=1' : ''}`,
  sheet: (id: string, file: string) => `${root}/sheets/${part(id)}/files/${part(file)}`,
};
