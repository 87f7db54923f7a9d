// REST: one function a verb. An answer that is no success is thrown as a Problem, which says what, why and what next.

/** What the server says of a request that it did not grant (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly body: ProblemBody,
  ) {
    super(detail || title);
  }
}

export interface ProblemBody {
  type?: string;
  title?: string;
  detail?: string;
  errors?: { where: string; what: string }[];
  /** Where in a statement the mistake is: offset from its beginning, line and column from 1. */
  position?: { offset?: number; line: number; column: number };
  suggestion?: string;
}

/** Goes along with every change, so that no other page can make one with our cookie. */
let csrf = '';

export function provePageIsOurs(word: string): void {
  csrf = word;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  call<T>('POST', path, body, signal);
export const put = <T>(path: string, body?: unknown): Promise<T> => call<T>('PUT', path, body);
export const patch = <T>(path: string, body?: unknown): Promise<T> => call<T>('PATCH', path, body);
export const remove = (path: string): Promise<void> => call<void>('DELETE', path);

/** The bytes behind a path. */
export async function bytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const answer = await fetch(path, { credentials: 'same-origin', ...(signal ? { signal } : {}) });
  if (!answer.ok) throw await problem(answer);
  return new Uint8Array(await answer.arrayBuffer());
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw new Problem(
      0,
      'No connection',
      'The server does not answer. Is it running? This page goes on by itself when it is back.',
      {},
    );
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw await problem(answer);
}

async function problem(answer: Response): Promise<Problem> {
  let body: ProblemBody = {};
  try {
    body = (await answer.json()) as ProblemBody;
  } catch {
    // Something between us and the server answered; its status is all there is.
  }
  const mistakes = (body.errors ?? []).map(error => `${error.where}: ${error.what}`).join('; ');
  const detail = mistakes && body.errors!.length > 1 ? mistakes : (body.detail ?? '');
  return new Problem(answer.status, body.title ?? `HTTP ${answer.status}`, detail, body);
}

/** A path with its parameters, each escaped; what is undefined or empty is left out. */
export function url(path: string, query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** A piece of a path. */
export const piece = encodeURIComponent;
