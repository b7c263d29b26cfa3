import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { closeServer } from '../close-server.ts';

/** What is answered instead of the usual. */
type CacheFault = 'read-only' | 'refuse' | 'cut-off' | 'no-answer';

/** The cache of a repository, as a runner talks to it (service version 2): Twirp for the records, block blobs for the bytes. */
export interface FakeCacheService {
  readonly url: string;
  /** A token as the runner gives it to a job. */
  readonly token: string;
  /** The bytes of each entry, by key. */
  readonly entries: Map<string, Buffer>;
  readonly requests: string[];
  fault: CacheFault | undefined;
  close(): Promise<void>;
}

/** What a runner sets for a job, with its folders in `home`. */
export const jobVariables = ({ token, url }: FakeCacheService, home: string): Readonly<Record<string, string>> => ({
  ACTIONS_RUNTIME_TOKEN: token,
  ACTIONS_RESULTS_URL: url,
  ACTIONS_CACHE_SERVICE_V2: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_WORKSPACE: home,
  RUNNER_TEMP: home,
});

const METHODS = '/twirp/github.actions.results.api.v1.CacheService/';
const ID = 7;

/** Starts the service on loopback. */
export async function startCacheService(): Promise<FakeCacheService> {
  const service: { -readonly [K in keyof FakeCacheService]: FakeCacheService[K] } = {
    url: '',
    token: 'token-of-the-job',
    entries: new Map(),
    requests: [],
    fault: undefined,
    close: () => closeServer(server),
  };
  /** Blocks and, once they are put together, content of what is uploaded, by path. */
  const uploads = new Map<string, { readonly blocks: Map<string, Buffer>; content: Buffer }>();
  /** An entry is found by its key and by what the client says of its paths and compression. */
  const versions = new Map<string, string>();
  const pathOf = (key: string): string => `/blob/${encodeURIComponent(key)}`;
  const server = createServer((request, response) => {
    void serve(request, response);
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', service.url);
    const body = await buffer(request);
    const operation = url.pathname.startsWith(METHODS)
      ? url.pathname.slice(METHODS.length)
      : `${String(request.method)} blob`;
    service.requests.push(operation);
    if (service.fault === 'no-answer') return;
    if (operation === 'PUT blob') {
      put(url, body);
      response
        .writeHead(201, {
          etag: '"1"',
          'x-ms-request-id': '1',
          'x-ms-version': '2025-01-05',
          'last-modified': new Date().toUTCString(),
        })
        .end();
    } else if (operation === 'GET blob') {
      const content = service.entries.get(decodeURIComponent(url.pathname.slice('/blob/'.length))) ?? Buffer.alloc(0);
      response.writeHead(200, { 'content-length': content.length });
      if (service.fault === 'cut-off')
        response.write(content.subarray(0, content.length / 2), () => response.destroy());
      else response.end(content);
    } else if (request.headers.authorization !== `Bearer ${service.token}`) {
      answer(response, 401, { code: 'unauthenticated', msg: 'missing or wrong token' });
    } else {
      record(operation, JSON.parse(body.toString()) as Record<string, string>, response);
    }
  }

  function put(url: URL, body: Buffer): void {
    const upload = uploads.get(url.pathname);
    if (upload === undefined) return;
    const part = url.searchParams.get('comp');
    if (part === 'block') upload.blocks.set(url.searchParams.get('blockid') ?? '', body);
    else if (part === 'blocklist')
      upload.content = Buffer.concat(
        [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(
          ([, id]) => upload.blocks.get(id ?? '') ?? Buffer.alloc(0),
        ),
      );
    else upload.content = body;
  }

  function record(
    operation: string,
    { key = '', version = '', size_bytes = '' }: Record<string, string>,
    response: ServerResponse,
  ): void {
    if (service.fault === 'refuse') {
      answer(response, 403, { code: 'permission_denied', msg: 'no' });
    } else if (operation === 'GetCacheEntryDownloadURL') {
      const hit = service.entries.has(key) && versions.get(key) === version;
      answer(
        response,
        200,
        hit
          ? { ok: true, signed_download_url: `${service.url}${pathOf(key)}?sig=signature`, matched_key: key }
          : { ok: false, signed_download_url: '', matched_key: '' },
      );
    } else if (operation === 'CreateCacheEntry') {
      if (service.fault === 'read-only') {
        answer(response, 200, {
          ok: false,
          signed_upload_url: '',
          message: 'cache write denied: the token of this run may only read',
        });
      } else if (service.entries.has(key)) {
        answer(response, 409, {
          code: 'already_exists',
          msg: 'cache entry with the same key, version, and scope already exists',
        });
      } else {
        uploads.set(pathOf(key), { blocks: new Map(), content: Buffer.alloc(0) });
        answer(response, 200, {
          ok: true,
          signed_upload_url: `${service.url}${pathOf(key)}?sig=signature`,
          message: '',
        });
      }
    } else {
      const upload = uploads.get(pathOf(key));
      if (
        operation !== 'FinalizeCacheEntryUpload' ||
        upload === undefined ||
        String(upload.content.length) !== size_bytes
      ) {
        answer(response, 400, { code: 'invalid_argument', msg: `${operation} does not fit what was stored` });
        return;
      }
      service.entries.set(key, upload.content);
      versions.set(key, version);
      answer(response, 200, { ok: true, entry_id: String(ID), message: '' });
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  service.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return service;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
