import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { closeServer } from '../close-server.ts';

/** What is answered instead of the usual. */
type ArtifactFault = 'refuse' | 'conflict' | 'no-answer';

interface StoredUpload {
  readonly name: string;
  readonly zip: Buffer;
  readonly id: number;
  readonly expiresAt: string | null;
  /** When it was made; now, as far as nobody says otherwise. */
  createdAt: Date;
}

/** The two services behind @actions/artifact: Twirp for the records, block blobs for the bytes. */
export interface FakeArtifactService {
  readonly url: string;
  /** A token as the runner gives it to a job. */
  readonly token: string;
  readonly uploads: StoredUpload[];
  readonly requests: string[];
  fault: ArtifactFault | undefined;
  /** Runs when the next request arrives. */
  meanwhile: (() => void) | undefined;
  close(): Promise<void>;
}

const METHODS = '/twirp/github.actions.results.api.v1.ArtifactService/';
const RUN = 'run-backend-id';
const JOB = 'job-backend-id';

/** Starts the service on loopback. */
export async function startArtifactService(): Promise<FakeArtifactService> {
  const service: { -readonly [K in keyof FakeArtifactService]: FakeArtifactService[K] } = {
    url: '',
    token: jwt({ scp: `Actions.ExampleScope Actions.Results:${RUN}:${JOB}` }),
    uploads: [],
    requests: [],
    fault: undefined,
    meanwhile: undefined,
    close: () => closeServer(server),
  };
  const blobs = new Map<string, Blob>();
  const server = createServer((request, response) => {
    void serve(request, response);
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', service.url);
    const body = await buffer(request);
    const operation = url.pathname.startsWith(METHODS)
      ? url.pathname.slice(METHODS.length)
      : `blob ${url.searchParams.get('comp') ?? ''}`;
    service.requests.push(operation);
    service.meanwhile?.();
    if (service.fault === 'no-answer') return;
    if (operation.startsWith('blob ')) {
      blobs.get(url.pathname)?.store(url.searchParams, body);
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      response
        .writeHead(201, {
          etag,
          'x-ms-request-id': '1',
          'x-ms-version': '2025-01-05',
          'last-modified': new Date().toUTCString(),
        })
        .end();
      return;
    }
    if (request.headers.authorization !== `Bearer ${service.token}`) {
      twirp(response, 401, { code: 'unauthenticated', msg: 'missing or wrong token' });
      return;
    }
    const call = JSON.parse(body.toString()) as Record<string, string | undefined>;
    if (call['workflow_run_backend_id'] !== RUN || call['workflow_job_run_backend_id'] !== JOB) {
      twirp(response, 400, { code: 'invalid_argument', msg: `wrong ids in ${body.toString()}` });
      return;
    }
    if (operation === 'ListArtifacts') {
      const listed = service.uploads.filter((upload) => upload.name === call['name_filter']);
      twirp(response, 200, {
        artifacts: listed.map((upload) => ({
          workflow_run_backend_id: RUN,
          workflow_job_run_backend_id: JOB,
          database_id: String(upload.id),
          name: upload.name,
          size: String(upload.zip.length),
          created_at: upload.createdAt.toISOString(),
        })),
      });
      return;
    }
    const name = call['name'] ?? '';
    if (operation === 'DeleteArtifact') {
      const index = service.uploads.findIndex((upload) => upload.name === name);
      const [deleted] = index < 0 ? [] : service.uploads.splice(index, 1);
      twirp(
        response,
        deleted === undefined ? 404 : 200,
        deleted === undefined ? { code: 'not_found', msg: name } : { ok: true, artifact_id: String(deleted.id) },
      );
      return;
    }
    const path = `/blob/${encodeURIComponent(name)}`;
    if (operation === 'CreateArtifact') {
      if (service.fault === 'refuse') {
        twirp(response, 403, { code: 'permission_denied', msg: 'no\n::error::forged' });
      } else if (service.fault === 'conflict' || service.uploads.some((upload) => upload.name === name)) {
        twirp(response, 409, {
          code: 'already_exists',
          msg: 'an artifact with this name already exists on the workflow run',
        });
      } else {
        blobs.set(path, new Blob(call['expires_at'] ?? null));
        twirp(response, 200, { ok: true, signed_upload_url: `${service.url}${path}?sig=signature` });
      }
      return;
    }
    const blob = blobs.get(path);
    const zip = blob?.content ?? Buffer.alloc(0);
    const hash = `sha256:${createHash('sha256').update(zip).digest('hex')}`;
    if (
      operation !== 'FinalizeArtifact' ||
      blob === undefined ||
      call['hash'] !== hash ||
      call['size'] !== String(zip.length)
    ) {
      twirp(response, 400, { code: 'invalid_argument', msg: `${operation} does not fit what was stored` });
      return;
    }
    const id = service.uploads.length + 42;
    service.uploads.push({ name, zip, id, expiresAt: blob.expiresAt, createdAt: new Date() });
    twirp(response, 200, { ok: true, artifact_id: String(id) });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  service.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return service;
}

class Blob {
  readonly expiresAt: string | null;
  readonly #blocks = new Map<string, Buffer>();
  content = Buffer.alloc(0);

  constructor(expiresAt: string | null) {
    this.expiresAt = expiresAt;
  }

  store(parameters: URLSearchParams, body: Buffer): void {
    if (parameters.get('comp') === 'block') {
      this.#blocks.set(parameters.get('blockid') ?? '', body);
      return;
    }
    const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id]) => id ?? '');
    this.content = Buffer.concat(ids.map((id) => this.#blocks.get(id) ?? Buffer.alloc(0)));
  }
}

function twirp(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function jwt(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.signature`;
}
