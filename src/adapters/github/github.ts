/**
 * github/ talks to GitHub: its API, pull requests, artifacts and the runner's cache. src/report/ decides what a comment
 * says.
 */
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { oneLine } from '../../text/lines.ts';

export interface GitHubOptions {
  readonly token: string;
  /** Default: `GITHUB_API_URL` of the runner, or github.com. */
  readonly apiUrl?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** How long one request may take. */
  readonly requestTimeoutMs?: number | undefined;
}

export type RefusalKind =
  | 'cancelled'
  | 'unauthorized'
  | 'forbidden'
  | 'locked'
  | 'not-found'
  | 'gone'
  | 'invalid'
  | 'rate-limited'
  | 'unavailable';

/** An answer from GitHub that is not the requested one, or no answer at all. */
export class GitHubRefusal extends Error {
  override readonly name = 'GitHubRefusal';
  readonly kind: RefusalKind;
  /** How long GitHub asks to wait before the next request; null when it does not. */
  readonly waitMs: number | null;

  constructor(kind: RefusalKind, message: string, waitMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.waitMs = waitMs;
  }
}

type Parameters = Readonly<Record<string, string | number>>;

/** GitHub's API with a deadline for each request; refusals are thrown as GitHubRefusal. */
export interface GitHub {
  /** Retries when GitHub is unavailable. */
  read<T>(route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T>;
  /** The items of every page; `schema` is that of one page. */
  readPages<T>(route: string, parameters: Parameters, schema: z.ZodType<readonly T[]>): Promise<T[]>;
  /** The body of an answer; never more than maxBytes of it are in memory. */
  download(route: string, parameters: Parameters, maxBytes: number): Promise<Buffer>;
  /** Sent once: after a refusal of the kind `unavailable` it may have been carried out anyway. */
  write<T>(route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T>;
  /** The login of the token. */
  login(): Promise<string>;
  /** A pause before another attempt, longer with each. */
  backOff(attempt: number): Promise<void>;
}

export const ATTEMPTS = 3;

/** All waiting together. A comment is not worth a longer job. */
const LONGEST_WAIT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 15_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** Three thousand comments are thirty requests; this stops anything far beyond that. */
const TOTAL_TIMEOUT_MS = 180_000;

const ACTIONS_BOT = 'github-actions[bot]';

type Octokit = ReturnType<(typeof import('@actions/github'))['getOctokit']>;

/** Connects to GitHub through `@actions/github`, which handles the proxy and the API address of the runner. */
export async function connectGitHub(options: GitHubOptions): Promise<GitHub> {
  const octokit = await openOctokit(options);
  const attempts = new Attempts(options);
  let knownLogin: string | undefined;

  const send =
    (route: string, parameters: Parameters) =>
    (requestSignal: AbortSignal): Promise<Answer> =>
      octokit.request(route, { ...parameters, request: { signal: requestSignal } });

  return {
    read: (route, parameters, schema) =>
      attempts.repeated(async (requestSignal) => parsed((await send(route, parameters)(requestSignal)).data, schema)),

    async readPages(route, parameters, schema) {
      const items = [];
      for (let page = 1; ; page += 1) {
        const { data, last } = await attempts.repeated(async (requestSignal) => {
          const answer = await send(route, { ...parameters, per_page: 100, page })(requestSignal);
          return { data: parsed(answer.data, schema), last: !hasNextPage(answer) };
        });
        items.push(...data);
        if (last) return items;
      }
    },

    download: (route, parameters, maxBytes) =>
      attempts.repeated(async (requestSignal) => {
        // The redirect to the storage is followed without the token, since it is another host.
        const request = { signal: requestSignal, parseSuccessResponseBody: false };
        const answer: Answer = await octokit.request(route, { ...parameters, request });
        return await collect(answer.data, maxBytes);
      }, DOWNLOAD_TIMEOUT_MS),

    write: (route, parameters, schema) =>
      attempts.single(async (requestSignal) => parsed((await send(route, parameters)(requestSignal)).data, schema)),

    login: async () => (knownLogin ??= await readLogin(octokit, attempts, options.log)),

    backOff: (count) => attempts.backOff(count, new GitHubRefusal('unavailable', 'it did not answer properly')),
  };
}

async function openOctokit({ token, apiUrl }: GitHubOptions): Promise<Octokit> {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new GitHubRefusal('unauthorized', token === '' ? 'no token was given' : 'the token has invalid characters');
  }
  const { getOctokit } = await importOctokit();
  return getOctokit(token, {
    ...(apiUrl === undefined ? {} : { baseUrl: apiUrl }),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
}

/** The requests of one connection, which share the time for waiting and the total time. */
class Attempts {
  readonly #options: GitHubOptions;
  readonly #end: AbortSignal;
  #waitedMs = 0;

  constructor(options: GitHubOptions) {
    this.#options = options;
    this.#end = AbortSignal.any([options.signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]);
  }

  /** Retries only what GitHub's rate limit has prevented. */
  async single<T>(
    send: (signal: AbortSignal) => Promise<T>,
    timeoutMs = this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
  ): Promise<T> {
    const { token, clock, signal } = this.#options;
    for (;;) {
      try {
        this.#end.throwIfAborted();
        return await send(AbortSignal.any([this.#end, AbortSignal.timeout(timeoutMs)]));
      } catch (error) {
        if (signal.aborted) throw new GitHubRefusal('cancelled', 'the run was cancelled');
        const refusal = refusalOf(error, token, clock.date());
        if (refusal.kind !== 'rate-limited') throw refusal;
        await this.#wait(refusal.waitMs ?? LONGEST_WAIT_MS, refusal);
      }
    }
  }

  /** Also retries when GitHub is unavailable. */
  async repeated<T>(send: (signal: AbortSignal) => Promise<T>, timeoutMs?: number): Promise<T> {
    for (let count = 1; ; count += 1) {
      try {
        return await this.single(send, timeoutMs);
      } catch (error) {
        if (!(error instanceof GitHubRefusal) || error.kind !== 'unavailable' || count === ATTEMPTS) throw error;
        await this.backOff(count, error);
      }
    }
  }

  /** A pause before another attempt, longer with each. */
  backOff(attempt: number, reason: GitHubRefusal): Promise<void> {
    return this.#wait(1000 * 3 ** (attempt - 1), reason);
  }

  async #wait(ms: number, reason: GitHubRefusal): Promise<void> {
    const { clock, signal, log } = this.#options;
    if (this.#end.aborted || this.#waitedMs + ms > LONGEST_WAIT_MS) throw reason;
    this.#waitedMs += ms;
    log(`GitHub: ${reason.message}; retrying in ${String(Math.ceil(ms / 1000))} s`);
    try {
      await clock.sleep(ms, signal);
    } catch {
      throw new GitHubRefusal('cancelled', 'the run was cancelled');
    }
  }
}

/** The login of the token; that of a job's token when it may not be asked for. */
async function readLogin(octokit: Octokit, attempts: Attempts, log: (line: string) => void): Promise<string> {
  try {
    const answer = await attempts.repeated(async (requestSignal) =>
      parsed(await octokit.graphql('query { viewer { login } }', { request: { signal: requestSignal } }), viewerAnswer),
    );
    return answer.viewer.login;
  } catch (error) {
    if (!(error instanceof GitHubRefusal) || error.kind === 'cancelled') throw error;
    log(`GitHub: the login of the token could not be read (${error.message}); assuming ${ACTIONS_BOT}`);
    return ACTIONS_BOT;
  }
}

const viewerAnswer = z.object({ viewer: z.object({ login: z.string().min(1) }) });

const ignore = (): void => undefined;

async function importOctokit(): Promise<typeof import('@actions/github')> {
  try {
    return await import('@actions/github');
  } catch (error) {
    // The package reads the event file while it is imported.
    throw new GitHubRefusal(
      'unavailable',
      `the GitHub client could not be loaded: ${oneLine(innermostMessageOf(error))}`,
    );
  }
}

interface Answer {
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

const hasNextPage = (answer: Answer): boolean => /;\s*rel="?next"?/.test(String(answer.headers['link'] ?? ''));

/** A body that broke off reaches us as an answer with status 200 and no data. */
function parsed<T>(data: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new GitHubRefusal('unavailable', 'the answer is not what the API describes');
}

async function collect(body: unknown, maxBytes: number): Promise<Buffer> {
  if (!isByteStream(body)) throw new GitHubRefusal('unavailable', 'the answer has no body');
  const chunks = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop ends the transfer.
    if (size > maxBytes) throw new GitHubRefusal('invalid', `the answer is larger than ${String(maxBytes)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const isByteStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

function refusalOf(error: unknown, token: string, now: Date): GitHubRefusal {
  if (error instanceof GitHubRefusal) return error;
  const said = oneLine(innermostMessageOf(error).replaceAll(token, '***'));
  // GraphQL refuses with status 200.
  if (error instanceof Error && error.name === 'GraphqlResponseError') return new GitHubRefusal('forbidden', said);
  const response = responseOf(error);
  if (response === null) return new GitHubRefusal('unavailable', `no answer (${said})`);

  const { status, headers } = response;
  const message = `it answered ${String(status)} (${said})`;
  if (isRateLimit(status, headers, said))
    return new GitHubRefusal('rate-limited', message, rateLimitWaitMs(headers, now));
  return new GitHubRefusal(kindOf(status, said), message);
}

function kindOf(status: number, said: string): RefusalKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return /\blocked\b/i.test(said) ? 'locked' : 'forbidden';
    case 404:
      return 'not-found';
    case 410:
      return 'gone';
    default:
      return status >= 400 && status < 500 ? 'invalid' : 'unavailable';
  }
}

type Headers = Readonly<Record<string, string>>;

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
function isRateLimit(status: number, headers: Headers, said: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(said);
}

/** If GitHub does not say, it is a minute, as the same page recommends. */
function rateLimitWaitMs(headers: Headers, now: Date): number {
  // GitHub's own clock, because that of a runner may be wrong.
  const date = Date.parse(headers['date'] ?? '');
  const current = Number.isNaN(date) ? now.getTime() : date;
  const retryAfter = headers['retry-after'];
  if (retryAfter !== undefined) {
    const seconds = Number(retryAfter);
    return atLeastASecond(Number.isNaN(seconds) ? Date.parse(retryAfter) - current : seconds * 1000);
  }
  if (headers['x-ratelimit-remaining'] === '0') {
    return atLeastASecond(Number(headers['x-ratelimit-reset']) * 1000 - current);
  }
  return LONGEST_WAIT_MS;
}

const atLeastASecond = (ms: number): number => (Number.isNaN(ms) ? LONGEST_WAIT_MS : Math.max(1000, ms));

const refused = z.object({
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()) }),
});

function responseOf(error: unknown): z.infer<typeof refused>['response'] | null {
  const result = refused.safeParse(error);
  return result.success ? result.data.response : null;
}

const thrown = z.object({ message: z.string(), code: z.unknown().optional(), cause: z.unknown().optional() });

/** "fetch failed" says nothing: the reason is in the innermost cause, sometimes only as a code. */
function innermostMessageOf(error: unknown): string {
  const { success, data } = thrown.safeParse(error);
  if (!success) return String(error);
  if (data.cause !== undefined) return innermostMessageOf(data.cause);
  return data.message === '' ? String(data.code) : data.message;
}
