import { getProxyUrl } from '@actions/http-client/lib/proxy';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import type { Clock } from '../../clock.ts';
import { printedCause } from '../../cluster/failure-texts.ts';
import { messageOf } from '../../errors.ts';
import { codeOf } from '../engine/http-failure.ts';

export interface DownloadSettings {
  readonly clock: Clock;
  /** Stops the download immediately. */
  readonly signal: AbortSignal;
  /** Told why a download is started again. */
  readonly onRetry: (why: string) => void;
  /** How long to wait for a connection, for an answer, and for each further byte. */
  readonly stalledAfterMs?: number | undefined;
}

const STALLED_AFTER_MS = 30_000;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2000;
/** A server may ask for a longer pause, up to a limit. */
const LONGEST_PAUSE_MS = 60_000;
const MOST_REDIRECTS = 10;

/**
 * Downloads to a file, through the proxy in the environment (https_proxy, http_proxy, no_proxy). Temporary problems
 * (the network, a stall, a busy or broken server) are retried from the beginning.
 *
 * @returns the SHA-256 of the file in hexadecimal, computed while it was written.
 * @throws Error that says why it failed for good; the signal's reason when aborted. The file is removed then.
 */
export async function download(url: string, file: string, settings: DownloadSettings): Promise<string> {
  const { clock, signal, onRetry } = settings;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await downloadOnce(url, file, settings);
    } catch (error) {
      rmSync(file, { force: true });
      signal.throwIfAborted();
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      const askedFor = error instanceof UnexpectedStatus ? error.retryAfterMs : 0;
      const pauseMs = Math.max(FIRST_PAUSE_MS * 2 ** (attempt - 1), Math.min(askedFor, LONGEST_PAUSE_MS));
      onRetry(`${messageOf(error)}; retrying in ${String(pauseMs / 1000)} s`);
      await clock.sleep(pauseMs, signal);
    }
  }
}

async function downloadOnce(url: string, file: string, settings: DownloadSettings): Promise<string> {
  const { signal, stalledAfterMs = STALLED_AFTER_MS } = settings;
  let target = new URL(url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const dispatcher = dispatcherTo(target, stalledAfterMs);
    try {
      const answer = await request(target, { dispatcher, signal, headers: { 'user-agent': 'k8s-loadtest-ci' } });
      if (answer.statusCode === 200) return await save(answer.body, file, signal);
      answer.body.on('error', () => undefined).destroy();
      target = redirected(target, answer);
    } catch (error) {
      throw explained(error, stalledAfterMs);
    } finally {
      await dispatcher.destroy();
    }
  }
  throw new Refusal(`it is redirected more than ${String(MOST_REDIRECTS)} times`);
}

function explained(error: unknown, stalledAfterMs: number): unknown {
  if (/^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test(codeOf(error)))
    return new Error(`nothing has arrived for ${String(stalledAfterMs / 1000)} s`, { cause: error });
  // For a host with several addresses of which none could be reached; it has no message of its own.
  if (error instanceof AggregateError) return new Error(error.errors.map(messageOf).join('; '), { cause: error });
  return error;
}

function dispatcherTo(target: URL, stalledAfterMs: number): Dispatcher {
  const limits = { connectTimeout: stalledAfterMs, headersTimeout: stalledAfterMs, bodyTimeout: stalledAfterMs };
  const proxy = getProxyUrl(target);
  return proxy === undefined ? new Agent(limits) : new ProxyAgent({ uri: proxy.href, ...limits });
}

async function save(body: AsyncIterable<Buffer>, file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const saved = createWriteStream(file);
  try {
    await pipeline(body, hashed, saved, { signal });
  } catch (error) {
    // A stream that is destroyed while it opens its file still creates it, so the file can only be removed afterwards.
    if (!saved.closed) await once(saved, 'close');
    throw error;
  }
  return hash.digest('hex');
}

/** @throws UnexpectedStatus when it is not a redirect; Refusal when it leads where it must not. */
function redirected(from: URL, { statusCode, headers }: Dispatcher.ResponseData): URL {
  const { location, 'retry-after': retryAfter } = headers;
  if (statusCode < 300 || statusCode >= 400 || typeof location !== 'string')
    throw new UnexpectedStatus(statusCode, Number(retryAfter ?? 0) * 1000 || 0);
  const target = new URL(location, from);
  if (from.protocol === 'https:' && target.protocol !== 'https:')
    throw new Refusal(`it is redirected from HTTPS to ${target.href}`);
  return target;
}

class UnexpectedStatus extends Error {
  override readonly name = 'UnexpectedStatus';
  readonly status: number;
  readonly retryAfterMs: number;

  constructor(status: number, retryAfterMs: number) {
    super(`Unexpected HTTP response: ${String(status)}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Errors that a retry will not change. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

function isTransient(error: unknown): boolean {
  if (error instanceof UnexpectedStatus) return error.status >= 500 || [408, 429].includes(error.status);
  return !(error instanceof Refusal) && printedCause(messageOf(error)) !== 'disk-full';
}
