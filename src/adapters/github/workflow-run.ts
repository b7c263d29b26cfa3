import { z } from 'zod';
import type { RunHead } from './event.ts';
import type { GitHub } from './github.ts';

/** The run of another workflow, as GitHub itself describes it: nothing here comes from that run. */
export interface WorkflowRun extends RunHead {
  readonly id: number;
  readonly attempt: number;
  readonly workflow: string;
  /** The file of the workflow, such as `.github/workflows/ci.yml`; `''` when GitHub does not report it. */
  readonly workflowFile: string;
  readonly url: string;
}

const repositoryName = z.object({ full_name: z.string().regex(/^[^/]+\/[^/]+$/) });

const workflowRunEvent = z
  .object({
    repository: repositoryName,
    workflow_run: z.object({
      id: z.int().positive(),
      run_attempt: z.int().positive(),
      name: z.string().nullish(),
      path: z.string().nullish(),
      html_url: z.url({ protocol: /^https?$/ }),
      event: z.literal('pull_request'),
      head_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
      head_branch: z.string(),
      head_repository: repositoryName,
    }),
  })
  .transform(({ repository, workflow_run: run }): WorkflowRun => ({
    id: run.id,
    attempt: run.run_attempt,
    workflow: run.name ?? '',
    workflowFile: (run.path ?? '').replace(/@.*$/, ''),
    repository: repository.full_name,
    url: run.html_url,
    headSha: run.head_sha,
    headBranch: run.head_branch,
    headRepository: run.head_repository.full_name,
  }));

/** The run for a pull request in a `workflow_run` event; null for any other event. */
export const workflowRunOfEvent = (payload: unknown): WorkflowRun | null =>
  workflowRunEvent.safeParse(payload).data ?? null;

const pull = z.object({
  number: z.int().positive(),
  state: z.string(),
  head: z.object({ sha: z.string(), repo: repositoryName.nullable() }),
});

/**
 * The pull request whose head is still the commit of the run; null when there is none, as after another push. It can't
 * be looked up by commit, because a fork's commit is not in the repository.
 */
export async function findPullRequest(github: GitHub, run: RunHead): Promise<number | null> {
  const [owner = '', repo = ''] = run.repository.split('/');
  const [headOwner = ''] = run.headRepository.split('/');
  const pulls = await github.readPages(
    'GET /repos/{owner}/{repo}/pulls',
    { owner, repo, state: 'all', head: `${headOwner}:${run.headBranch}` },
    z.array(pull),
  );
  const matching = pulls.filter(
    // GitHub ignores a filter that it does not understand and returns all pull requests.
    ({ head }) => head.sha === run.headSha && head.repo?.full_name === run.headRepository,
  );
  return (matching.find(({ state }) => state === 'open') ?? matching[0])?.number ?? null;
}

const pullHead = z.object({ head: z.object({ sha: z.string() }) }).transform(({ head }) => head.sha);

/** The current head commit of a pull request. */
export function headOfPullRequest(github: GitHub, repository: string, pullRequest: number): Promise<string> {
  const [owner = '', repo = ''] = repository.split('/');
  return github.read(
    'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    { owner, repo, pull_number: pullRequest },
    pullHead,
  );
}

export interface RunJob {
  readonly id: number;
  /** The name that GitHub shows: `staging / load (20)` for a matrix leg in a reusable workflow. */
  readonly name: string;
}

const jobPage = z
  .object({ jobs: z.array(z.object({ id: z.int(), name: z.string() })) })
  .transform(({ jobs }) => jobs.map(({ id, name }): RunJob => ({ id, name })));

/** The jobs of a run, of all its attempts. */
export function jobsOfRun(github: GitHub, run: WorkflowRun): Promise<RunJob[]> {
  const [owner = '', repo = ''] = run.repository.split('/');
  return github.readPages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    { owner, repo, run_id: run.id, filter: 'all' },
    jobPage,
  );
}

export interface RunArtifact {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
}

const artifactPage = z
  .object({
    artifacts: z.array(z.object({ id: z.int(), name: z.string(), size_in_bytes: z.int(), expired: z.boolean() })),
  })
  .transform(({ artifacts }) => artifacts);

/** The artifacts of a run that can still be downloaded, oldest first. */
export async function artifactsOfRun(github: GitHub, run: WorkflowRun): Promise<RunArtifact[]> {
  const [owner = '', repo = ''] = run.repository.split('/');
  const all = await github.readPages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts',
    { owner, repo, run_id: run.id },
    artifactPage,
  );
  return all
    .filter(({ expired }) => !expired)
    .map(({ id, name, size_in_bytes }) => ({ id, name, sizeBytes: size_in_bytes }))
    .sort((a, b) => a.id - b.id);
}

/** The zip archive of an artifact. */
export function downloadArtifact(
  github: GitHub,
  run: WorkflowRun,
  artifact: RunArtifact,
  maxBytes: number,
): Promise<Buffer> {
  const [owner = '', repo = ''] = run.repository.split('/');
  return github.download(
    'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}',
    { owner, repo, artifact_id: artifact.id, archive_format: 'zip' },
    maxBytes,
  );
}
