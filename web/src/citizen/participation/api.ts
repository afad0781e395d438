// What these pages ask of the server. What a person does goes with their secret; a ballot goes without anything that
// says who asks.
import { call, get, newKey, Problem, part, withQuery } from '../../api/http';
import type {
  CitizenProposalDetail,
  CitizenProposalMap,
  CitizenProposalPage,
  CommentList,
  Inspection,
  InspectionAnswer,
  InspectionPage,
  Inspector,
  NewCitizenProposal,
  Participation,
  Person,
  PersonSecret,
  Photo,
  Round,
  RoundCount,
  Session,
} from '../../api/schema';
import { personSecret } from './person';

export interface ProposalQuery {
  state?: 'open' | 'ended' | 'done' | 'all';
  status?: string;
  category?: string;
  round?: string;
  q?: string;
  order?: 'support' | 'newest' | 'ending';
  limit?: number;
  cursor?: string;
}

const mine = (): Record<string, string> => {
  const secret = personSecret.get();
  return secret ? { 'X-Cityloop-Person': secret } : {};
};
const asMe = <T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}) =>
  call<T>(method, path, body, { ...mine(), ...more });
const proposal = (code: string) => `/public/v1/proposals/${part(code)}`;
const round = (id: string) => `/public/v1/rounds/${part(id)}`;

// Not through call(): no cookie of a session and no secret may go with a ballot.
async function nameless<T>(path: string, body: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, 'unreachable');
  }
  const answer = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  if (!response.ok) throw new Problem(response.status, answer.title ?? response.statusText, answer.detail);
  return answer as T;
}

export const forum = {
  settings: () => get<Participation>('/public/v1/participation'),
  list: (query: ProposalQuery) => get<CitizenProposalPage>('/public/v1/proposals', query),
  map: (query: ProposalQuery) => get<CitizenProposalMap>('/public/v1/proposal-map', query),
  proposal: (code: string) => asMe<CitizenProposalDetail>('GET', proposal(code)),
  propose: (wish: NewCitizenProposal, key: string) =>
    asMe<CitizenProposalDetail>('POST', '/public/v1/proposals', wish, { 'Idempotency-Key': key }),
  photo: (file: Blob) => call<Photo>('POST', '/public/v1/media', file),
  support: (code: string, on: boolean) =>
    asMe<CitizenProposalDetail>(on ? 'PUT' : 'DELETE', `${proposal(code)}/support`),
  withdraw: (code: string, note: string) =>
    asMe<CitizenProposalDetail>('POST', `${proposal(code)}/withdrawal`, { note }),
  comments: (code: string) => asMe<CommentList>('GET', `${proposal(code)}/comments`),
  comment: (code: string, text: string, replyTo: string, key = newKey()) =>
    asMe<CommentList>('POST', `${proposal(code)}/comments`, { text, replyTo }, { 'Idempotency-Key': key }),
  eraseComment: (code: string, id: string) => asMe<CommentList>('DELETE', `${proposal(code)}/comments/${part(id)}`),
  flag: (code: string, id: string) => asMe<void>('POST', `${proposal(code)}/comments/${part(id)}/flag`),
  askForLink: (email: string, name: string, language: string, next: string) =>
    call<{ link?: string }>('POST', '/public/v1/people', { email, name, language, next }),
  confirm: (link: string) => call<PersonSecret>('POST', '/public/v1/people/confirm', { link }),
  me: () => asMe<Person>('GET', '/public/v1/people/me'),
  changeMe: (name: string, language: string) => asMe<Person>('PUT', '/public/v1/people/me', { name, language }),
  eraseMe: () => asMe<void>('DELETE', '/public/v1/people/me'),
  rounds: () => get<{ rounds: Round[] }>('/public/v1/rounds'),
  round: (id: string) => get<Round>(round(id)),
  count: (id: string) => get<RoundCount>(`${round(id)}/count`),
  sign: (id: string, code: string, blinded: string) =>
    nameless<{ signature: string }>(`${round(id)}/signature`, { code, blinded }),
  cast: (
    id: string,
    ballot: { token: string; prefix: string; signature: string; choices: string[]; edition: number },
  ) => nameless<{ ballot: string; choices: string[] }>(`${round(id)}/ballots`, ballot),
};

export const ballotsPath = (id: string) => `${round(id)}/ballots`;
export const proposalPhoto = (code: string, id: string, size: 'full' | 'thumb' = 'full') =>
  withQuery(`${proposal(code)}/photos/${part(id)}`, { size });

export const errands = {
  session: () => get<Session>('/api/v1/session'),
  signIn: (user: string, password: string) => call<Session>('POST', '/api/v1/session', { user, password }),
  signOut: () => call<void>('DELETE', '/api/v1/session'),
  list: (state: 'open' | 'answered' | 'missed' | 'all') =>
    get<InspectionPage>('/api/v1/inspections', { state, inspector: 'me' }),
  one: (id: string) => get<Inspection>(`/api/v1/inspections/${part(id)}`),
  record: () => get<{ inspectors: Inspector[] }>('/api/v1/inspectors'),
  photo: (file: Blob) => call<Photo>('POST', '/api/v1/inspections/media', file),
  answer: (id: string, answer: InspectionAnswer, key: string) =>
    call<Inspection>('POST', `/api/v1/inspections/${part(id)}/answer`, answer, { 'Idempotency-Key': key }),
};
