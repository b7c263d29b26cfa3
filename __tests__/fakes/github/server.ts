import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeServer } from '../close-server.ts';
import { answerFaults, example, match, requestFaults } from './openapi.ts';

/** Names of GitHub's description, and the one GraphQL query that we send. */
export type OperationName =
  | 'issues/list-comments'
  | 'issues/create-comment'
  | 'issues/update-comment'
  | 'issues/delete-comment'
  | 'pulls/list'
  | 'pulls/get'
  | 'repos/list-pull-requests-associated-with-commit'
  | 'actions/list-workflow-run-artifacts'
  | 'actions/list-jobs-for-workflow-run'
  | 'actions/download-artifact'
  | 'graphql viewer';

export type Fault =
  | { readonly kind: 'secondary-limit'; readonly retryAfter?: string; readonly message?: string }
  | { readonly kind: 'primary-limit'; readonly resetInSeconds: number; readonly message?: string }
  | { readonly kind: 'too-many-requests'; readonly retryAfter?: string }
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'not-found' | 'gone' | 'unprocessable' }
  | { readonly kind: 'bad-gateway' | 'bad-gateway-after-storing' }
  | { readonly kind: 'graphql-error' | 'no-answer' | 'broken-off' | 'broken-off-after-storing' | 'garbage' };

interface Account {
  readonly login: string;
  readonly mayWrite: boolean;
}

interface StoredComment {
  readonly id: number;
  readonly issue: number;
  readonly login: string | null;
  body: string;
  updates: number;
}

interface StoredPull {
  readonly number: number;
  readonly headSha: string;
  readonly headRepository: string | null;
  readonly headBranch: string;
  readonly state?: 'open' | 'closed';
  readonly locked?: boolean;
}

interface StoredArtifact {
  readonly id: number;
  readonly runId: number;
  readonly name: string;
  readonly zip: Buffer;
  /** What GitHub says of the size, when it is another one. */
  readonly claimedSize?: number;
  readonly expired?: boolean;
}

interface StoredJob {
  readonly id: number;
  readonly runId: number;
  readonly name: string;
}

interface LoggedRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

/** A local GitHub: its state may be read and set by a test at any time. */
export interface FakeGitHub {
  readonly url: string;
  readonly repository: string;
  readonly accounts: Map<string, Account>;
  readonly comments: StoredComment[];
  readonly pulls: StoredPull[];
  readonly artifacts: StoredArtifact[];
  readonly jobs: StoredJob[];
  readonly requests: LoggedRequest[];
  /** Where a request or an answer was not as GitHub describes it. */
  readonly violations: string[];
  /** Puts faults before the next requests of an operation, one for each. */
  fail(operation: OperationName, ...faults: readonly Fault[]): void;
  /** Runs before a request of an operation is answered; for what happens at the same time. */
  meanwhile(operation: OperationName, action: () => void): void;
  addComment(comment: Pick<StoredComment, 'issue' | 'login' | 'body'>): StoredComment;
  close(): Promise<void>;
}

const REPOSITORY = 'octo/app';

/** Starts the server on loopback. */
export async function startGitHub(): Promise<FakeGitHub> {
  const state = new State();
  const server = createServer((request, response) => {
    void state.serve(request, response);
  });
  // As on GitHub, the storage is another host.
  const storage = createServer((request, response) => {
    state.serveBlob(request, response);
  });
  state.url = await listen(server);
  state.storageUrl = await listen(storage);
  return {
    url: state.url,
    repository: REPOSITORY,
    accounts: state.accounts,
    comments: state.comments,
    pulls: state.pulls,
    artifacts: state.artifacts,
    jobs: state.jobs,
    requests: state.requests,
    violations: state.violations,
    fail: (operation, ...faults) => state.faults.set(operation, [...(state.faults.get(operation) ?? []), ...faults]),
    meanwhile: (operation, action) => state.actions.set(operation, action),
    addComment: (comment) => state.addComment(comment),
    close: async () => {
      await Promise.all([closeServer(server), closeServer(storage)]);
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly raw?: Buffer;
}

interface Call {
  readonly account: Account;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly path: string;
}

const LONGEST_BODY = 65_536;
const DOCUMENTATION = 'https://docs.github.com/rest';

class State {
  url = '';
  storageUrl = '';
  readonly accounts = new Map<string, Account>([
    ['ghs_write', { login: 'github-actions[bot]', mayWrite: true }],
    ['ghs_read', { login: 'github-actions[bot]', mayWrite: false }],
    ['ghp_person', { login: 'Hubert', mayWrite: true }],
  ]);
  readonly comments: StoredComment[] = [];
  readonly pulls: StoredPull[] = [];
  readonly artifacts: StoredArtifact[] = [];
  readonly jobs: StoredJob[] = [];
  readonly requests: LoggedRequest[] = [];
  readonly violations: string[] = [];
  readonly faults = new Map<string, Fault[]>();
  readonly actions = new Map<string, () => void>();
  #nextId = 1000;

  addComment(comment: Pick<StoredComment, 'issue' | 'login' | 'body'>): StoredComment {
    const stored = { ...comment, id: this.#nextId, updates: 0 };
    this.#nextId += 1;
    this.comments.push(stored);
    return stored;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const { pathname, searchParams: query } = new URL(url, this.url);
    const content = await text(request);
    const body: unknown = content === '' ? undefined : JSON.parse(content);

    const matched = method === 'POST' && pathname === '/graphql' ? undefined : match(method, pathname);
    const operation = pathname === '/graphql' ? 'graphql viewer' : (matched?.operation.operationId ?? 'unknown');
    if (matched === undefined && operation === 'unknown') this.violations.push(`No operation: ${method} ${url}`);
    if (matched !== undefined) this.violations.push(...requestFaults(matched, query, body));
    this.violations.push(...headerFaults(request, operation));

    const action = this.actions.get(operation);
    this.actions.delete(operation);
    action?.();

    const fault = this.faults.get(operation)?.shift();
    const account = this.accounts.get(/^(?:token|bearer) (.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const perform = (): Answer => {
      if (account === undefined) return failure(401, 'Bad credentials');
      return this.#perform(operation, { account, parameters: matched?.parameters ?? {}, query, body, path: pathname });
    };

    const answer = fault === undefined ? perform() : faulty(fault, perform);
    this.requests.push({ operation, method, url, status: answer === null ? 0 : answer.status });
    if (answer === null) {
      if (fault?.kind !== 'no-answer') breakOff(response);
      return;
    }
    if (matched !== undefined && fault?.kind !== 'garbage') {
      this.violations.push(...answerFaults(matched, answer.status, answer.body));
    }
    send(request, response, answer);
  }

  serveBlob(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== undefined) this.violations.push('The token was sent to the storage');
    const artifact = this.artifacts.find(({ id }) => request.url === `/blob/${String(id)}`);
    response.writeHead(artifact === undefined ? 404 : 200, { 'content-type': 'application/zip' });
    response.end(artifact?.zip);
  }

  #perform(operation: string, call: Call): Answer {
    if (operation === 'graphql viewer') return graphqlViewer(call);
    if (`${String(call.parameters['owner'])}/${String(call.parameters['repo'])}` !== REPOSITORY)
      return failure(404, 'Not Found');
    switch (operation as OperationName) {
      case 'issues/list-comments':
        return this.#listComments(call);
      case 'issues/create-comment':
        return this.#createComment(call);
      case 'issues/update-comment':
        return this.#updateComment(call);
      case 'issues/delete-comment':
        return this.#deleteComment(call);
      case 'pulls/get':
        return this.#getPull(call);
      case 'pulls/list':
        return this.#listPulls(call);
      case 'repos/list-pull-requests-associated-with-commit':
        return this.#pullsOfCommit(call);
      case 'actions/list-workflow-run-artifacts':
        return this.#listArtifacts(call);
      case 'actions/list-jobs-for-workflow-run':
        return this.#listJobs(call);
      case 'actions/download-artifact':
        return this.#downloadArtifact(call);
      case 'graphql viewer':
        return graphqlViewer(call);
    }
  }

  #pull(number: string | undefined): StoredPull | undefined {
    return this.pulls.find((pull) => String(pull.number) === number);
  }

  #listComments(call: Call): Answer {
    const pull = this.#pull(call.parameters['issue_number']);
    if (pull === undefined) return failure(404, 'Not Found');
    const all = this.comments.filter(({ issue }) => issue === pull.number).sort((a, b) => a.id - b.id);
    return this.#page(
      all.map((comment) => this.#commentJson(comment)),
      call,
    );
  }

  #createComment(call: Call): Answer {
    const pull = this.#pull(call.parameters['issue_number']);
    if (pull === undefined) return failure(404, 'Not Found');
    if (!call.account.mayWrite) return failure(403, 'Resource not accessible by integration');
    if (pull.locked === true) return failure(403, 'Unable to create comment because issue is locked.');
    const body = bodyOf(call);
    if (tooLong(body)) return bodyTooLong();
    const comment = this.addComment({ issue: pull.number, login: call.account.login, body });
    const json = this.#commentJson(comment);
    return { status: 201, body: json, headers: { location: String(json['url']) } };
  }

  #updateComment(call: Call): Answer {
    const comment = this.#comment(call);
    if (comment === undefined) return failure(404, 'Not Found');
    if (!call.account.mayWrite) return failure(403, 'Resource not accessible by integration');
    const body = bodyOf(call);
    if (tooLong(body)) return bodyTooLong();
    comment.body = body;
    comment.updates += 1;
    return { status: 200, body: this.#commentJson(comment) };
  }

  #deleteComment(call: Call): Answer {
    const comment = this.#comment(call);
    if (comment === undefined) return failure(404, 'Not Found');
    if (!call.account.mayWrite) return failure(403, 'Resource not accessible by integration');
    this.comments.splice(this.comments.indexOf(comment), 1);
    return { status: 204 };
  }

  #comment(call: Call): StoredComment | undefined {
    return this.comments.find(({ id }) => String(id) === call.parameters['comment_id']);
  }

  #getPull(call: Call): Answer {
    const pull = this.#pull(call.parameters['pull_number']);
    if (pull === undefined) return failure(404, 'Not Found');
    return { status: 200, body: pullJson(example('pull-request'), pull) };
  }

  #listPulls(call: Call): Answer {
    const head = call.query.get('head');
    const state = call.query.get('state') ?? 'open';
    const found = this.pulls.filter(
      (pull) =>
        (state === 'all' || state === (pull.state ?? 'open')) &&
        (head === null || head === `${String(pull.headRepository?.split('/')[0])}:${pull.headBranch}`),
    );
    return this.#page(found.map(simplePullJson), call);
  }

  /** As on GitHub, the head of a fork is not found by its SHA alone. */
  #pullsOfCommit(call: Call): Answer {
    const found = this.pulls.filter(
      ({ headSha, headRepository }) => headSha === call.parameters['commit_sha'] && headRepository === REPOSITORY,
    );
    return this.#page(found.map(simplePullJson), call);
  }

  #listArtifacts(call: Call): Answer {
    const name = call.query.get('name');
    const found = this.artifacts.filter(
      (artifact) => String(artifact.runId) === call.parameters['run_id'] && (name === null || artifact.name === name),
    );
    // The newest first, as GitHub does.
    const page = this.#page(
      found.reverse().map((artifact) => this.#artifactJson(artifact)),
      call,
    );
    return { ...page, body: { total_count: found.length, artifacts: page.body } };
  }

  #listJobs(call: Call): Answer {
    const found = this.jobs.filter(({ runId }) => String(runId) === call.parameters['run_id']);
    const page = this.#page(
      found.map((job) => jobJson(example('job-paginated'), job)),
      call,
    );
    return { ...page, body: { total_count: found.length, jobs: page.body } };
  }

  #downloadArtifact(call: Call): Answer {
    const artifact = this.artifacts.find(({ id }) => String(id) === call.parameters['artifact_id']);
    if (artifact === undefined) return failure(404, 'Not Found');
    if (artifact.expired === true) return failure(410, 'Artifact has expired');
    return { status: 302, headers: { location: `${this.storageUrl}/blob/${String(artifact.id)}` } };
  }

  #artifactJson({ id, name, zip, claimedSize, runId, expired }: StoredArtifact): unknown {
    const url = `${this.url}/repos/${REPOSITORY}/actions/artifacts/${String(id)}`;
    return {
      id,
      node_id: `artifact-${String(id)}`,
      name,
      size_in_bytes: claimedSize ?? zip.length,
      url,
      archive_download_url: `${url}/zip`,
      expired: expired ?? false,
      created_at: NOW,
      expires_at: NOW,
      updated_at: NOW,
      workflow_run: { id: runId, repository_id: 1, head_repository_id: 1, head_branch: 'main', head_sha: 'abc' },
    };
  }

  #commentJson({ id, issue, login, body }: StoredComment): Record<string, unknown> {
    return {
      id,
      node_id: `comment-${String(id)}`,
      url: `${this.url}/repos/${REPOSITORY}/issues/comments/${String(id)}`,
      html_url: `https://github.com/${REPOSITORY}/pull/${String(issue)}#issuecomment-${String(id)}`,
      issue_url: `${this.url}/repos/${REPOSITORY}/issues/${String(issue)}`,
      body,
      user: login === null ? null : userJson(login),
      created_at: NOW,
      updated_at: NOW,
      author_association: 'CONTRIBUTOR',
    };
  }

  /** Pages as GitHub makes them, with all four relations of the Link header. */
  #page(items: readonly unknown[], { query, path }: Call): Answer {
    const size = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 30)));
    const page = Math.max(1, Number(query.get('page') ?? 1));
    const last = Math.max(1, Math.ceil(items.length / size));
    const link = (to: number, relation: string): string => {
      const parameters = new URLSearchParams(query);
      parameters.set('page', String(to));
      return `<${this.url}${path}?${parameters.toString()}>; rel="${relation}"`;
    };
    const links = [
      ...(page > 1 ? [link(page - 1, 'prev')] : []),
      ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
      ...(page > 1 ? [link(1, 'first')] : []),
    ];
    return {
      status: 200,
      body: items.slice((page - 1) * size, page * size),
      headers: links.length === 0 ? {} : { link: links.join(', ') },
    };
  }
}

const NOW = '2026-11-23T12:00:00Z';

function bodyOf({ body }: Call): string {
  return typeof body === 'object' && body !== null && 'body' in body && typeof body.body === 'string' ? body.body : '';
}

const tooLong = (body: string): boolean => Array.from(body).length > LONGEST_BODY;

function bodyTooLong(): Answer {
  return {
    status: 422,
    body: {
      message: 'Validation Failed',
      errors: [
        {
          resource: 'IssueComment',
          code: 'unprocessable',
          field: 'data',
          message: 'Body is too long (maximum is 65536 characters)',
        },
      ],
      documentation_url: DOCUMENTATION,
    },
  };
}

function graphqlViewer({ account, body }: Call): Answer {
  const query = typeof body === 'object' && body !== null && 'query' in body ? String(body.query) : '';
  if (!/^query\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(query)) {
    return { status: 200, body: { errors: [{ type: 'undefinedField', message: `Not understood: ${query}` }] } };
  }
  return { status: 200, body: { data: { viewer: { login: account.login } } } };
}

function failure(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, body: { message, documentation_url: DOCUMENTATION, status: String(status) }, headers };
}

/** Null: no whole answer. */
function faulty(fault: Fault, perform: () => Answer): Answer | null {
  switch (fault.kind) {
    case 'secondary-limit': {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      const usual = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return failure(403, fault.message ?? usual, headers);
    }
    case 'primary-limit': {
      const reset = Math.floor(Date.now() / 1000) + fault.resetInSeconds;
      return failure(403, fault.message ?? 'API rate limit exceeded for installation ID 1.', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(reset),
      });
    }
    case 'too-many-requests':
      return failure(
        429,
        'Too many requests',
        fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
      );
    case 'forbidden':
      return failure(403, fault.message);
    case 'not-found':
      return failure(404, 'Not Found');
    case 'gone':
      return failure(410, 'This issue was deleted');
    case 'unprocessable':
      return bodyTooLong();
    case 'bad-gateway-after-storing':
      perform();
      return badGateway();
    case 'bad-gateway':
      return badGateway();
    case 'broken-off-after-storing':
      perform();
      return null;
    case 'no-answer':
    case 'broken-off':
      return null;
    case 'graphql-error':
      return { status: 200, body: { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] } };
    case 'garbage':
      return { status: perform().status, body: { hello: '<html>' } };
  }
}

const badGateway = (): Answer => ({
  status: 502,
  raw: Buffer.from('<html><head><title>502 Bad Gateway</title></head></html>'),
});

/** Headers that promise more than what follows. */
function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': '1000' });
  response.write('[{"id":', () => response.destroy());
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const content =
    answer.raw ?? (answer.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(answer.body)));
  const etag = `W/"${createHash('sha256').update(content).digest('hex')}"`;
  const type = answer.raw === undefined ? 'application/json; charset=utf-8' : 'text/html';
  if (request.method === 'GET' && answer.status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  response.writeHead(answer.status, {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    ...(content.length === 0 ? {} : { 'content-type': type }),
    ...(request.method === 'GET' ? { etag } : {}),
    ...answer.headers,
  });
  response.end(content);
}

/** What GitHub refuses requests without. */
function headerFaults(request: IncomingMessage, operation: string): string[] {
  const found = [];
  if (!request.headers['user-agent']) found.push(`${operation}: no user-agent`);
  if (!request.headers.authorization) found.push(`${operation}: no authorization`);
  if (operation !== 'graphql viewer' && !/application\/vnd\.github\b.*\+json/.test(request.headers.accept ?? '')) {
    found.push(`${operation}: accept is ${String(request.headers.accept)}`);
  }
  return found;
}

function userJson(login: string): Record<string, unknown> {
  const page = `https://github.com/${encodeURIComponent(login)}`;
  const api = `https://api.github.com/users/${encodeURIComponent(login)}`;
  return {
    login,
    id: 1,
    node_id: 'user-1',
    avatar_url: `${page}.png`,
    gravatar_id: '',
    url: api,
    html_url: page,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

interface PullExample {
  number: number;
  state: string;
  locked: boolean;
  requested_teams: unknown[];
  head: { sha: string; ref: string; repo: { full_name: string } | null };
  base: { repo: { full_name: string } };
}

/** The example of GitHub's description with our state put in, so that it has every field. */
function pullJson(template: unknown, pull: StoredPull): unknown {
  const json = template as PullExample;
  json.number = pull.number;
  json.state = pull.state ?? 'open';
  json.locked = pull.locked ?? false;
  // The teams of GitHub's own example lack a field that its schema asks for.
  json.requested_teams = [];
  json.head.sha = pull.headSha;
  json.head.ref = pull.headBranch;
  if (pull.headRepository === null) json.head.repo = null;
  else if (json.head.repo !== null) json.head.repo.full_name = pull.headRepository;
  json.base.repo.full_name = REPOSITORY;
  return json;
}

function simplePullJson(pull: StoredPull): unknown {
  const [template] = example('pull-request-simple-items') as [unknown];
  return pullJson(template, pull);
}

/** A job as in the example of GitHub's description. */
function jobJson(template: unknown, job: StoredJob): unknown {
  const [json] = (template as { jobs: Record<string, unknown>[] }).jobs;
  // GitHub's own example lacks a field that its schema asks for.
  return { ...json, created_at: NOW, id: job.id, run_id: job.runId, name: job.name };
}
