// What the pages about citizens ask for: what is shown to the public, how satisfied people are, what they propose and vote
// on, and what inspectors saw.
import { call, get, getFile, part, post, postOnce, put } from './http';
import type {
  CasePage,
  CommentList,
  CommentModeration,
  CommentModerationPage,
  Inspection,
  InspectionPage,
  Inspector,
  Moderation,
  ModerationPage,
  ModerationWish,
  NewInspection,
  Participation,
  ProposalModerationPage,
  Round,
  RoundCount,
  RoundWish,
  SurveyList,
  SurveyResults,
  SurveyText,
  SurveyTextPage,
  SurveyTextWish,
} from './schema';

interface Paged {
  limit?: number;
  cursor?: string;
}

export interface SurveyQuery {
  version?: string;
  by?: string;
  from?: string;
  to?: string;
  department?: string;
  area?: string;
  kind?: string;
  service?: string;
}

export interface SurveyNumber {
  measure?: string;
  question?: string;
  value?: string;
  key?: string;
}

export const citizensApi = {
  moderation: (query: { state: string } & Paged) => get<ModerationPage>('/api/v1/moderation', query),
  moderate: (id: string, wish: ModerationWish) => put<Moderation>(`/api/v1/moderation/${part(id)}`, wish),
  comments: (query: { state: string } & Paged) => get<CommentModerationPage>('/api/v1/participation/comments', query),
  moderateComment: (id: string, wish: { shown: boolean; text?: string; reason?: string }) =>
    put<CommentModeration>(`/api/v1/participation/comments/${part(id)}`, wish),
  takeBackRuling: (id: string) =>
    call<CommentModeration>('DELETE', `/api/v1/participation/comments/${part(id)}/ruling`),
  proposals: (query: { state: string } & Paged) =>
    get<ProposalModerationPage>('/api/v1/participation/proposals', query),
  // All that is said about a proposal, also what others do not read.
  thread: (proposal: string) =>
    get<{ comments: CommentModeration[] }>(`/api/v1/participation/proposals/${part(proposal)}/comments`),
  answer: (proposal: string, wish: { text: string; replyTo?: string }, key: string) =>
    postOnce<CommentList>(`/api/v1/participation/proposals/${part(proposal)}/answers`, wish, key),

  participation: () => get<Participation>('/public/v1/participation'),
  rounds: () => get<{ rounds: Round[] }>('/api/v1/rounds'),
  putRound: (id: string, wish: RoundWish) => put<Round>(`/api/v1/rounds/${part(id)}`, wish),
  count: (id: string) => get<RoundCount>(`/public/v1/rounds/${part(id)}/count`),
  // As it was published, to the byte.
  ballots: (id: string) => getFile(`/public/v1/rounds/${part(id)}/ballots`),

  inspections: (query: { state: string; inspector?: string } & Paged) =>
    get<InspectionPage>('/api/v1/inspections', query),
  inspectors: () => get<{ inspectors: Inspector[] }>('/api/v1/inspectors'),
  askForInspection: (wish: NewInspection) => postOnce<Inspection>('/api/v1/inspections', wish),
  withdrawInspection: (id: string, reason: string) =>
    post<Inspection>(`/api/v1/inspections/${part(id)}/withdrawal`, { reason }),

  surveys: () => get<SurveyList>('/api/v1/surveys'),
  survey: (id: string, query: SurveyQuery) => get<SurveyResults>(`/api/v1/surveys/${part(id)}`, query),
  surveyCases: (id: string, query: SurveyQuery & SurveyNumber & Paged) =>
    get<CasePage>(`/api/v1/surveys/${part(id)}/cases`, query, ['key']),
  surveyTexts: (id: string, query: { state: string; question?: string } & Paged) =>
    get<SurveyTextPage>(`/api/v1/surveys/${part(id)}/texts`, query),
  decideSurveyText: (id: string, text: string, wish: SurveyTextWish) =>
    put<SurveyText>(`/api/v1/surveys/${part(id)}/texts/${part(text)}`, wish),
};
