import { z } from 'zod';
import {
  type Comment,
  commentMarker,
  type CommentWriter,
  findOwnComments,
  furtherHeader,
  hasMarker,
  isOfAnotherWriter,
  sameBody,
  withMarker,
} from '../../report/markdown/marker.ts';
import { ATTEMPTS, connectGitHub, type GitHub, type GitHubOptions, GitHubRefusal } from './github.ts';

export interface CommentOptions extends GitHubOptions {
  /** `owner/name` */
  readonly repository: string;
  readonly pullRequest: number;
  /** Identifies our comment: there is one for each header. */
  readonly header: string;
  readonly body: string;
  /** Who writes it, so another job or step of the same run does not overwrite it. */
  readonly writer?: CommentWriter | undefined;
}

export type CommentOutcome =
  | {
      readonly url: string;
      readonly action: 'created' | 'updated' | 'unchanged';
      /** Its number among comments with this header, when another job or step of the run wrote the first. */
      readonly place?: number;
    }
  | { readonly skipped: string };

/** More parts of one run with the same header than anybody intends. */
const MOST_PLACES = 20;

/**
 * Makes sure that the pull request has exactly one comment with this header, and with this body. A refusal by GitHub is
 * not an error of the load test: it is returned as a reason, for a notice.
 */
export async function publishComment(options: CommentOptions): Promise<CommentOutcome> {
  const at = placeOf(options.repository, options.pullRequest);
  try {
    const github = await connectGitHub(options);
    for (let place = 1; place <= MOST_PLACES; place += 1) {
      const marker = commentMarker(furtherHeader(options.header, place));
      const body = withMarker(marker, options.body, options.writer);
      const written = await publish(commentsOf(github, at, marker), body, options.writer);
      if (written !== TAKEN) return place === 1 ? written : { ...written, place };
    }
    return { skipped: `The run already has ${String(MOST_PLACES)} comments with this header.` };
  } catch (error) {
    if (!(error instanceof GitHubRefusal)) throw error;
    return { skipped: whyNoComment(error, options.repository, options.pullRequest) };
  }
}

interface Place {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
}

function placeOf(repository: string, pullRequest: number): Place {
  const [owner, repo, ...rest] = repository.split('/');
  if (!owner || !repo || rest.length > 0) throw new TypeError(`Not a repository as owner/name: ${repository}`);
  if (!Number.isSafeInteger(pullRequest) || pullRequest < 1) {
    throw new TypeError(`Not the number of a pull request: ${String(pullRequest)}`);
  }
  return { owner, repo, issue_number: pullRequest };
}

type Published = Omit<Extract<CommentOutcome, { url: string }>, 'place'>;

/** The comment belongs to another job or step of the same run. */
const TAKEN = 'taken';

/** Each attempt starts with a lookup, because a write that seems to have failed may have succeeded. */
async function publish(
  comments: OwnComments,
  body: string,
  writer: CommentWriter | undefined,
): Promise<Published | typeof TAKEN> {
  let action: Published['action'] = 'unchanged';
  for (let attempt = 1; ; attempt += 1) {
    const [oldest, ...duplicates] = await comments.find();
    if (oldest !== undefined && writer !== undefined && isOfAnotherWriter(oldest, writer)) return TAKEN;
    await comments.remove(duplicates);
    if (oldest !== undefined && sameBody(oldest.body, body)) return { url: oldest.url, action };
    try {
      if (oldest === undefined) {
        action = 'created';
        return { url: await createOnly(comments, body), action };
      }
      if (action === 'unchanged') action = 'updated';
      return { url: (await comments.update(oldest, body)).url, action };
    } catch (error) {
      if (!isWorthAnotherLook(error, oldest) || attempt === ATTEMPTS) throw error;
      await comments.backOff(attempt);
    }
  }
}

function isWorthAnotherLook(error: unknown, updated: Comment | undefined): boolean {
  if (!(error instanceof GitHubRefusal)) return false;
  // Somebody may have deleted the comment in the meantime.
  return error.kind === 'unavailable' || (error.kind === 'not-found' && updated !== undefined);
}

/** Two jobs may create one at the same time: then the older comment stays and gets the newer text. */
async function createOnly(comments: OwnComments, body: string): Promise<string> {
  const created = await comments.create(body);
  try {
    const [oldest] = await comments.find(created.login);
    if (oldest === undefined || oldest.id >= created.id) return created.url;
    const updated = await comments.update(oldest, body);
    await comments.remove([created]);
    return updated.url;
  } catch (error) {
    // The comment is there; only the second look failed.
    if (error instanceof GitHubRefusal) return created.url;
    throw error;
  }
}

interface OwnComments {
  /** Oldest first. `login` is the token's, if already known. */
  find(login?: string | null): Promise<Comment[]>;
  create(body: string): Promise<Comment>;
  update(comment: Comment, body: string): Promise<Comment>;
  remove(comments: readonly Comment[]): Promise<void>;
  backOff(attempt: number): Promise<void>;
}

const issueComment = z
  .object({
    id: z.int(),
    body: z.string().nullish(),
    html_url: z.string(),
    user: z.object({ login: z.string() }).nullish(),
  })
  .transform(({ id, body, html_url, user }): Comment => ({
    id,
    body: body ?? '',
    url: html_url,
    login: user?.login ?? null,
  }));

const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
const COMMENT = '/repos/{owner}/{repo}/issues/comments/{comment_id}';

function commentsOf(github: GitHub, place: Place, marker: string): OwnComments {
  const { owner, repo } = place;
  return {
    async find(login) {
      const all = await github.readPages(`GET ${COMMENTS}`, { ...place }, z.array(issueComment));
      // Usually there is none, and then there is no need to ask who we are.
      const marked = all.filter((comment) => hasMarker(comment, marker));
      return marked.length === 0 ? [] : findOwnComments(marked, marker, login ?? (await github.login()));
    },
    create: (body) => github.write(`POST ${COMMENTS}`, { ...place, body }, issueComment),
    update: ({ id }, body) => github.write(`PATCH ${COMMENT}`, { owner, repo, comment_id: id, body }, issueComment),
    async remove(comments) {
      for (const { id } of comments) {
        try {
          await github.write(`DELETE ${COMMENT}`, { owner, repo, comment_id: id }, z.unknown());
        } catch (error) {
          // A leftover duplicate is ugly, but no reason to lose the comment itself.
          if (!(error instanceof GitHubRefusal)) throw error;
        }
      }
    },
    backOff: (attempt) => github.backOff(attempt),
  };
}

function whyNoComment(refusal: GitHubRefusal, repository: string, pullRequest: number): string {
  return `${lesson(refusal.kind)} (GitHub for pull request #${String(pullRequest)} of ${repository}: ${refusal.message})`;
}

function lesson(kind: GitHubRefusal['kind']): string {
  switch (kind) {
    case 'unauthorized':
      return 'The token is missing, wrong or expired: leave `github-token` at its default, the token of the job, or renew your own.';
    case 'forbidden':
      return (
        'The token has no write access there. In a pull request from a fork it never has: the report is in the job summary and ' +
        'the artifact, and `relay/action.yml` in a `workflow_run` workflow can post it. ' +
        'Otherwise give the job `permissions: pull-requests: write`.'
      );
    case 'not-found':
      return (
        'There is no such pull request, or the token cannot see it: give the job `permissions: pull-requests: write`, ' +
        'and check that `github-token` is one for this repository.'
      );
    case 'locked':
      return 'The conversation is locked: unlock it, or read the report in the job summary.';
    case 'gone':
      return 'Comments are switched off there, or the pull request was deleted.';
    case 'invalid':
      return 'GitHub does not accept the comment: the whole report is in the job summary and the artifact.';
    case 'rate-limited':
      return 'GitHub asks for a pause of more than 60 s: run the job again later, or spread your workflows out.';
    case 'unavailable':
      return 'GitHub did not answer properly, even after retries: run the job again later.';
    case 'cancelled':
      return 'The run was cancelled before it was written.';
  }
}
