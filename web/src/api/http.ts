// How a call is made. It answers with data or throws a Problem that can be shown to a person.
import type { Problem as ProblemBody } from './schema';

// An RFC 9457 answer, or what stands for one when the server could not be reached (status 0).
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = '',
    readonly more: Record<string, unknown> = {}, // what else the answer says: a code, what is missing
  ) {
    super(detail || title);
    this.name = 'Problem';
  }
}

// crypto.randomUUID is not there on a page without HTTPS.
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export type Query = object; // of texts and numbers; what is empty is left out

// `empties` are those whose empty value says something: a group of cases that have none.
export function withQuery(path: string, query: Query = {}, empties: string[] = []): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && (value !== '' || empties.includes(name)))
      params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

// A refusal that is said in both languages is told in that of the page.
async function problemFrom(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Record<string, unknown> & Partial<ProblemBody>;
    const detail = body.text?.[readersLanguage()] ?? body.detail;
    return new Problem(response.status, body.title ?? response.statusText, detail, body);
  } catch {
    return new Problem(response.status, response.statusText || `HTTP ${response.status}`);
  }
}

// Names of things come in one language: that of the page.
export const readersLanguage = () => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');

async function answerOf(method: string, path: string, body: unknown, more: Record<string, string>): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': readersLanguage(), ...more };
  if (method !== 'GET') headers['X-Cityloop-Client'] = 'console';
  const blob = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = blob ? body.type : 'application/json';
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined || blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, 'unreachable');
  }
  if (!response.ok) throw await problemFrom(response);
  return response;
}

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<T> {
  const response = await answerOf(method, path, body, more);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

// A file of the server's own making, whole.
export async function getFile(path: string, query?: Query): Promise<Blob> {
  return (await answerOf('GET', withQuery(path, query), undefined, { Accept: '*/*' })).blob();
}

export const get = <T>(path: string, query?: Query, empties?: string[]) =>
  call<T>('GET', withQuery(path, query, empties));
export const post = <T>(path: string, body: unknown) => call<T>('POST', path, body);
export const put = <T>(path: string, body: unknown) => call<T>('PUT', path, body);
// With a key of its own: whoever asks again after a lost answer asks for the same thing, and it happens once.
export const postOnce = <T>(path: string, body: unknown, key: string = newKey()) =>
  call<T>('POST', path, body, { 'Idempotency-Key': key });
export const part = encodeURIComponent;
