// What the pages of duty, responsibility and planning ask for.
import { get, newKey, part, post, postOnce } from './http';
import type {
  CrewList,
  DutyChange,
  DutyChangeList,
  DutyChangeWish,
  DutyCoverage,
  DutyRules,
  MyDay,
  OnDuty,
  Planning,
  Proposal,
  ProposalPage,
  ProposalWish,
  Responsible,
  RosterGaps,
  RosterPage,
  RouteLines,
} from './schema';

// What is left out is not replanned.
export type PlanWish = Omit<ProposalWish, 'replan'> & { replan?: boolean };

export type ChangeVerb = 'agree' | 'grant' | 'deny' | 'withdraw';

export interface Place {
  lon?: number;
  lat?: number;
  category?: string;
  kind?: string;
}

export const dutyApi = {
  coverage: () => get<DutyCoverage>('/api/v1/duty/coverage'),
  responsible: (place: Place) => get<Responsible>('/api/v1/duty/responsible', place),
  rules: () => get<DutyRules>('/api/v1/duty/rules'),
  crews: (department?: string) => get<CrewList>('/api/v1/duty/crews', { department }),
  roster: (query: { from: string; days: number; department?: string }) => get<RosterPage>('/api/v1/duty/roster', query),
  onDuty: (department?: string) => get<OnDuty>('/api/v1/duty/on-duty', { department }),
  gaps: (query: { days: number; department?: string }) => get<RosterGaps>('/api/v1/duty/gaps', query),
  changes: (query: { status?: string; person?: string; department?: string }) =>
    get<DutyChangeList>('/api/v1/duty/changes', query),
  askForChange: (wish: DutyChangeWish, key: string = newKey()) =>
    postOnce<DutyChange>('/api/v1/duty/changes', wish, key),
  decideChange: (id: string, verb: ChangeVerb, note?: string) =>
    postOnce<DutyChange>(`/api/v1/duty/changes/${part(id)}/actions`, { verb, ...(note ? { note } : {}) }),
};

export const planningApi = {
  planning: () => get<Planning>('/api/v1/planning'),
  proposals: (query: { department?: string; status?: string; limit?: number }) =>
    get<ProposalPage>('/api/v1/proposals', query),
  proposal: (id: string) => get<Proposal>(`/api/v1/proposals/${part(id)}`),
  lines: (id: string) => get<RouteLines>(`/api/v1/proposals/${part(id)}/lines`),
  replan: (department: string) => post<Proposal>('/api/v1/proposals', { department }),
  act: (id: string, wish: PlanWish) => post<Proposal>(`/api/v1/proposals/${part(id)}/actions`, wish),
  myDay: (crew?: string) => get<MyDay>('/api/v1/my-day', { crew }),
};
