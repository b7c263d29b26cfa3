import { Client } from 'undici';
import { messageOf } from '../errors.ts';
import { type Endpoint, endpointText } from '../model/endpoint.ts';
import { codeOf } from './engine/http-failure.ts';
import { refuseUnsendable, refuseWithoutTls } from './engine/http-target.ts';
import { tlsClient } from './tls-client.ts';

export interface Probe {
  readonly endpoint: Endpoint;
  /** Sent as the Host header; never looked up. */
  readonly host: string;
  /** `http` if missing; `https` needs an endpoint that accepts TLS. */
  readonly scheme?: 'http' | 'https' | undefined;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** From connecting to the last byte that is read. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ProbeAnswer {
  readonly status: number;
  /** The target of a redirect, as received; null without one. */
  readonly location: string | null;
  readonly text: string;
}

/** A probe reads only this much of the body. */
const PROBE_TEXT_LIMIT = 64 * 1024;

/**
 * Requests one host once, over its own connection.
 *
 * @returns the status, whatever it is, the header Location, and at most the first 64 KiB of the body.
 * @throws Error with a sentence that says what was requested and what went wrong; the signal's reason when aborted.
 */
export async function probeRoute(probe: Probe): Promise<ProbeAnswer> {
  const { host, path, headers, timeoutMs, signal } = probe;
  const { endpoint } = probe;
  refuseUnsendable(probe);
  refuseWithoutTls(probe, endpoint);
  const tls = probe.scheme === 'https' ? endpoint.tls : undefined;
  const at = endpointText({ ...endpoint, port: tls?.port ?? endpoint.port });
  const deadline = AbortSignal.timeout(timeoutMs);
  const client =
    tls === undefined
      ? new Client(`http://${at}`, { connect: { timeout: timeoutMs } })
      : new Client(`https://${at}`, { connect: { ...tlsClient(tls, host), timeout: timeoutMs } });
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await client.request({
      method: 'GET',
      path,
      headers: { ...headers, host },
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    const location = [answered['location'] ?? []].flat()[0] ?? null;
    return { status: statusCode, location, text: await firstText(body) };
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    const asked = `GET ${path} for host ${host} at ${at}`;
    throw new Error(
      `${asked} ${deadline.aborted ? `got no whole answer in ${String(timeoutMs)} ms` : whatWentWrong(error)}`,
      { cause: error },
    );
  } finally {
    await client.destroy();
  }
}

async function firstText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= PROBE_TEXT_LIMIT) break;
  }
  return Buffer.concat(chunks).subarray(0, PROBE_TEXT_LIMIT).toString('utf8');
}

function whatWentWrong(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'was refused: nothing listens on that port';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'was cut off before the answer was complete';
  return `failed: ${messageOf(error)}`;
}
