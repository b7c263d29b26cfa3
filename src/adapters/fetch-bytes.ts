import { request } from 'undici';
import { endpointText, type Endpoint } from '../model/endpoint.ts';

/** More than any profile of some seconds. */
const MOST_BYTES = 64 * 1024 * 1024;
/** The beginning of an unsuccessful answer, for the error. */
const MOST_OF_AN_ERROR = 200;

/**
 * The body of an HTTP answer, within the time of the signal.
 *
 * @param path with its query.
 * @throws Error with the status and the beginning of the body when it is not successful, and for more than 64 MiB.
 */
export async function fetchBytes(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<Buffer> {
  // A profile only starts to arrive when it is complete.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
  const { statusCode, body } = await request(`http://${endpointText(endpoint)}${path}`, { ...timeouts, signal });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`the answer is larger than ${String(MOST_BYTES / 2 ** 20)} MiB`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (statusCode === 200) return bytes;
  const text = bytes.toString('utf8').trim().slice(0, MOST_OF_AN_ERROR);
  throw new Error(`status ${String(statusCode)}${text === '' ? '' : `: ${text}`}`);
}
