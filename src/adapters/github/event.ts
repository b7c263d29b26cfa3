import { z } from 'zod';

/** The pull request of an event, as far as its payload tells. */
export interface EventPullRequest {
  /** Null when there is none, or the payload names none. */
  readonly number: number | null;
  /** Its head commit; null when the payload does not name it. */
  readonly headSha: string | null;
}

const number = z.int().positive();
const sha = z.string().regex(/^[0-9a-f]{40,64}$/);

const ofPullRequest = z
  .object({ pull_request: z.object({ number, head: z.object({ sha: sha.catch('') }).catch({ sha: '' }) }) })
  .transform(({ pull_request: { number: found, head } }): EventPullRequest => ({
    number: found,
    headSha: head.sha || null,
  }));

const ofWorkflowRun = z
  .object({
    workflow_run: z.object({
      // Empty for a fork: there the pull request has to be asked for by its head.
      pull_requests: z.array(z.object({ number })).catch([]),
      head_sha: sha.catch(''),
    }),
  })
  .transform(({ workflow_run: { pull_requests, head_sha } }): EventPullRequest => {
    const found = pull_requests[0]?.number ?? null;
    return { number: found, headSha: found === null ? null : head_sha || null };
  });

const ofIssueComment = z
  // Only an issue that is a pull request has `pull_request`; the payload does not include its head commit.
  .object({ issue: z.object({ number, pull_request: z.object({}) }) })
  .transform(({ issue }): EventPullRequest => ({ number: issue.number, headSha: null }));

const EVENTS: Readonly<Record<string, z.ZodType<EventPullRequest>>> = {
  pull_request: ofPullRequest,
  pull_request_target: ofPullRequest,
  pull_request_review: ofPullRequest,
  pull_request_review_comment: ofPullRequest,
  workflow_run: ofWorkflowRun,
  issue_comment: ofIssueComment,
};

const NONE: EventPullRequest = { number: null, headSha: null };

/** What an event says about its pull request; nothing when it has none or the payload is not understood. */
export function pullRequestOfEvent(
  payload: unknown,
  env: Readonly<Record<string, string | undefined>>,
): EventPullRequest {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const schema = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  return schema?.safeParse(payload).data ?? NONE;
}

const repositoryName = z.object({ full_name: z.string().regex(/^[^/]+\/[^/]+$/) });

/** The commit that a run of another workflow was for, to look up its pull request. */
export interface RunHead {
  readonly repository: string;
  readonly headSha: string;
  readonly headBranch: string;
  readonly headRepository: string;
}

const runHead = z
  .object({
    repository: repositoryName,
    workflow_run: z.object({ head_sha: sha, head_branch: z.string().min(1), head_repository: repositoryName }),
  })
  .transform(({ repository, workflow_run: run }): RunHead => ({
    repository: repository.full_name,
    headSha: run.head_sha,
    headBranch: run.head_branch,
    headRepository: run.head_repository.full_name,
  }));

/** The head of the run that a `workflow_run` event is about; null for any other event. */
export const runHeadOfEvent = (payload: unknown): RunHead | null => runHead.safeParse(payload).data ?? null;

/** A commit that the event names. */
export interface NamedCommit {
  /** The commit that may be checked out. */
  readonly checkedOut: string;
  readonly branch: string;
  /** What people call it: for the commit that merges a pull request, its head. */
  readonly commit: string;
}

const branchTip = z.object({
  ref: z.string().min(1),
  sha,
  repo: repositoryName.nullable().catch(null),
});
const tipsOfPullRequest = z
  .object({ pull_request: z.object({ base: branchTip, head: branchTip }) })
  .transform(({ pull_request: { base, head } }): NamedCommit[] => {
    const owner =
      head.repo === null || head.repo.full_name === base.repo?.full_name ? '' : ownerOf(head.repo.full_name);
    return [
      { checkedOut: head.sha, branch: `${owner}${head.ref}`, commit: head.sha },
      { checkedOut: base.sha, branch: base.ref, commit: base.sha },
    ];
  });
const ownerOf = (repository: string): string => `${repository.slice(0, repository.indexOf('/'))}:`;

const BRANCH = /^refs\/(?:heads|tags)\//;
const tipOfRun = runHead.transform((run): NamedCommit[] => [
  {
    checkedOut: run.headSha,
    branch: `${run.headRepository === run.repository ? '' : ownerOf(run.headRepository)}${run.headBranch}`,
    commit: run.headSha,
  },
]);
const beforePush = z
  .object({ ref: z.string().regex(BRANCH), before: sha })
  .transform(({ ref, before }): NamedCommit[] => [
    { checkedOut: before, branch: ref.replace(BRANCH, ''), commit: before },
  ]);
const baseOfGroup = z
  .object({ merge_group: z.object({ base_ref: z.string().regex(BRANCH), base_sha: sha }) })
  .transform(({ merge_group: { base_ref, base_sha } }): NamedCommit[] => [
    { checkedOut: base_sha, branch: base_ref.replace(BRANCH, ''), commit: base_sha },
  ]);
const anyNamed = z.union([tipsOfPullRequest, tipOfRun, baseOfGroup, beforePush]);

/** Every commit that an event names with its branch, and the commit of the workflow; those of the payload first. */
export function namedCommits(payload: unknown, env: Readonly<Record<string, string | undefined>>): NamedCommit[] {
  const named = anyNamed.safeParse(payload).data ?? [];
  const { GITHUB_SHA: ran = '', GITHUB_REF: ref = '' } = env;
  if (!sha.safeParse(ran).success) return named;
  const [head] = named;
  if (/^refs\/pull\/\d+\/merge$/.test(ref) && head !== undefined) return [...named, { ...head, checkedOut: ran }];
  return BRANCH.test(ref) ? [...named, { checkedOut: ran, branch: ref.replace(BRANCH, ''), commit: ran }] : named;
}
