import { deepEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBufferPromise } from 'yauzl';
import { listFiles } from '../../src/adapters/files.ts';
import { helpUrl } from '../../src/errors.ts';
import { type Report, report as reportSchema } from '../../src/model/report.ts';
import { type PipelineState, pipelineState } from '../../src/state.ts';
import { clusterIn, madeIn } from '../../src/system.ts';
import { commandsOf, type Finished } from '../dist/runner.ts';
import type { FakeArtifactService } from '../fakes/github/artifact-service.ts';
import type { FakeGitHub } from '../fakes/github/server.ts';

/**
 * What holds after every case, whatever the fault was:
 *
 * I1 a report is there, fits its schema, and says outcome, stage and code; what was measured is in it
 * I2 the state says what was created and that it was deleted
 * I3 nothing is left: no container, network, kubeconfig, temporary file or process
 * I4 the exit code is that of the outcome, and there is one error that teaches, or none
 * I5 no secret is in log, report, artifact, comment, summary, outputs or state
 * I6 nothing of others was touched
 * I7 main and post kept their time
 */
export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7';

export interface Ran extends Finished {
  readonly step: 'main' | 'post';
  readonly ms: number;
  /** It was killed because its time was over. */
  readonly overBudget: boolean;
}

/** What the judgement needs of a job, whether Docker and the cluster are real or not. */
export interface Judged {
  /** HOME of every process of the job; by it they are found. */
  readonly home: string;
  /** The folder of the output-dir input. */
  readonly artifacts: string;
  /** RUNNER_TEMP. */
  readonly temp: string;
  readonly ran: readonly Ran[];
  readonly post: () => Promise<Finished>;
  /** What was on the machine before the job, and is now: containers, networks and the like, one text for each. */
  readonly before: string[];
  readonly now: () => string[] | Promise<string[]>;
  /** Texts that must not get out. */
  readonly secrets: readonly string[];
  readonly outputs: () => Readonly<Record<string, string>>;
  readonly summary: () => string;
  readonly state: () => Readonly<Record<string, string>>;
  readonly github: Pick<FakeGitHub, 'comments' | 'violations'> | null;
  readonly artifactService: Pick<FakeArtifactService, 'uploads'> | null;
  readonly exempt: Partial<Record<InvariantId, string>>;
}

export interface Judgement {
  /** Each begins with the id of its invariant. */
  readonly violations: readonly string[];
  /** Things that were left on the machine and should not have been. */
  readonly leftovers: number;
  readonly lostReports: number;
}

/** The report that a job has written, held against its schema. */
export const reportOf = ({ artifacts }: Pick<Judged, 'artifacts'>): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(artifacts, 'report.json'), 'utf8')));

export const stateOf = ({ artifacts }: Pick<Judged, 'artifacts'>): PipelineState =>
  pipelineState.parse(JSON.parse(readFileSync(join(artifacts, 'state.json'), 'utf8')));

/** The error annotations of a step. */
export const errorsOf = (finished: Finished): string[] =>
  commandsOf(finished).filter((line) => line.startsWith('::error'));

/** Runs the post step of each job that has not had it, and then holds all invariants against each. */
export async function judge(jobs: readonly Judged[]): Promise<Judgement> {
  // Jobs may share a machine, so all of them end before any is looked at.
  await Promise.all(jobs.filter(({ ran }) => ran.at(-1)?.step !== 'post').map((job) => job.post()));
  const all = await Promise.all(jobs.map(judgeOne));
  return {
    violations: all.flatMap(({ violations }) => violations),
    leftovers: all.reduce((sum, { leftovers }) => sum + leftovers, 0),
    lostReports: all.reduce((sum, { lostReports }) => sum + lostReports, 0),
  };
}

async function judgeOne(job: Judged): Promise<Judgement> {
  await engineRequestsEnd(job);
  const report = read(() => reportOf(job));
  const state = read(() => stateOf(job));
  const now = await job.now();
  const left = leftovers(job, now);
  const found: Record<InvariantId, string[]> = {
    I1: reportFaults(job, report, state),
    I2: stateFaults(job, state),
    I3: left,
    I4: errorFaults(job, report),
    I5: await leaks(job),
    I6: foreignFaults(job, now),
    I7: job.ran
      .filter(({ overBudget }) => overBudget)
      .map(({ step, ms }) => `${step} was killed after ${(ms / 1000).toFixed(0)} s`),
  };
  const counted = (Object.keys(found) as InvariantId[]).filter((id) => job.exempt[id] === undefined);
  return {
    violations: counted.flatMap((id) => found[id].map((fault) => `${id}: ${fault}`)),
    leftovers: job.exempt.I3 === undefined ? left.length : 0,
    lostReports: job.exempt.I1 === undefined && mainRan(job) && report instanceof Error ? 1 : 0,
  };
}

function read<T>(parse: () => T): T | Error {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const mainRan = ({ ran }: Judged): boolean => ran.some(({ step }) => step === 'main');

function reportFaults(job: Judged, report: Report | Error, state: PipelineState | Error): string[] {
  if (!mainRan(job)) return [];
  if (report instanceof Error) return [`no valid report: ${report.message}`];
  const { result, code, failure, helpUrl: link } = report.outcome;
  const faults: string[] = [];
  if (result === 'passed') return failure === null && code === 'passed' ? [] : ['the run passed with a failure'];
  if (failure?.stage == null || failure.code !== code)
    faults.push(`the outcome ${result} has no stage or another code: ${JSON.stringify(failure)}`);
  if (link !== helpUrl(code)) faults.push(`the outcome ${code} leads to ${String(link)}`);
  if (!(state instanceof Error) && JSON.stringify(state.load) !== JSON.stringify(report.load))
    faults.push('what was measured is in the state but not in the report');
  return faults;
}

function stateFaults(job: Judged, state: PipelineState | Error): string[] {
  if (!mainRan(job)) return [];
  if (state instanceof Error) return [`no valid state: ${state.message}`];
  const cluster = clusterIn(state.system);
  return [
    ...(cluster !== null && cluster.deletedAt === null ? [`${madeIn(cluster)} is not recorded as deleted`] : []),
    ...(state.endedAt === null ? ['the run has not ended'] : []),
    ...state.stages.filter(({ outcome }) => outcome === 'running').map(({ name }) => `stage ${name} still runs`),
    ...state.processGroups.map(({ pid }) => `process group ${String(pid)} is still recorded`),
  ];
}

function leftovers(job: Judged, now: readonly string[]): string[] {
  return [
    ...now.filter((thing) => !job.before.includes(thing)),
    ...['kubeconfig', 'kubeconfig.lock', 'reserve'].filter((name) => existsSync(join(job.artifacts, name))),
    ...listFiles(job.artifacts).filter((name) => name.endsWith('.part')),
    ...listFiles(job.temp).map((name) => `RUNNER_TEMP/${name}`),
    ...processesOf(job.home)
      .filter(({ engine }) => !engine)
      .map(({ command }) => `process ${command}`),
  ];
}

const foreignFaults = (job: Judged, now: readonly string[]): string[] => {
  const file = join(job.home, '.kube', 'config');
  return [
    ...job.before.filter((thing) => !now.includes(thing)).map((thing) => `${thing} of somebody else is gone`),
    ...(existsSync(file) && readFileSync(file, 'utf8') !== 'of: somebody else\n' ? ['~/.kube/config was changed'] : []),
  ];
};

function errorFaults(job: Judged, report: Report | Error): string[] {
  if (!mainRan(job) || report instanceof Error) return [];
  const { outcome, settings } = report;
  const optional = outcome.code === 'threshold-failed' && settings['fail-on-threshold'] === 'false';
  const fails = (outcome.result === 'failed' || outcome.result === 'cancelled') && !optional;
  const faults = job.ran.flatMap(({ step, exitCode, signal }) => {
    if (step === 'post') return exitCode === 0 ? [] : [`post ended with ${String(exitCode ?? signal)}`];
    return signal !== null || exitCode === (fails ? 1 : 0) || exitCode === null || exitCode > 1
      ? []
      : [`main ended with ${String(exitCode)} after the outcome ${outcome.code}`];
  });
  const errors = job.ran.flatMap(errorsOf);
  if (errors.length !== (fails ? 1 : 0))
    faults.push(`${String(errors.length)} errors after the outcome ${outcome.code}: ${errors.join(' ')}`);
  for (const error of errors)
    if (!error.includes(outcome.code) || !error.includes(helpUrl(outcome.code)))
      faults.push(`the error does not name its code or its page: ${error}`);
  return faults;
}

async function leaks(job: Judged): Promise<string[]> {
  const files = [
    // What is rendered has what was given; it is for its owner alone and is not uploaded.
    ...listFiles(job.artifacts).filter((name) => name !== 'kubeconfig' && !name.startsWith('manifests/')),
    ...listFiles(job.temp).map((name) => join(job.temp, name)),
  ];
  const texts: (readonly [string, string])[] = [
    ...job.ran.map(({ step, stdout, stderr }) => [`the log of ${step}`, withoutMasks(`${stdout}\n${stderr}`)] as const),
    ...files.map(
      (name) => [name, readFileSync(join(name.startsWith('/') ? '' : job.artifacts, name), 'latin1')] as const,
    ),
    ['the outputs', Object.values(job.outputs()).join('\n')],
    ['the saved state', Object.values(job.state()).join('\n')],
    ['the summary', job.summary()],
    ...(job.github?.comments ?? []).map(({ body }) => ['a comment', body] as const),
  ];
  for (const { zip, name } of job.artifactService?.uploads ?? [])
    texts.push([`artifact ${name}`, await contentOf(zip)]);
  return texts.flatMap(([where, text]) =>
    job.secrets.filter((secret) => isIn(secret, text)).map((secret) => `${secret.slice(0, 6)}… is in ${where}`),
  );
}

/** As it is, split by the escapes of Markdown, in a URL, or in Base64. */
const isIn = (secret: string, text: string): boolean =>
  [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')].some(
    (form) => text.includes(form) || text.replaceAll('\\', '').includes(form),
  );

/** Only the runner reads these lines, to keep the rest of the log from showing the value. */
const withoutMasks = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');

async function contentOf(zip: Buffer): Promise<string> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true });
  const texts: string[] = [];
  for await (const entry of archive.eachEntry())
    texts.push(entry.fileName, (await buffer(await archive.openReadStreamPromise(entry))).toString('latin1'));
  return texts.join('\n');
}

interface FoundProcess {
  readonly command: string;
  /** It stands in for the Docker engine, which carries out what it was asked for whoever lives. */
  readonly engine: boolean;
}

/** Living processes by HOME in their environment; none where there is no /proc. */
function processesOf(home: string): FoundProcess[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
        if (!environment.includes(`HOME=${home}`)) return [];
        return [
          {
            command: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '),
            engine: environment.includes('FAKE_ENGINE=1'),
          },
        ];
      } catch {
        // It has ended, or belongs to another user.
        return [];
      }
    });
}

/** What the engine still makes after everything else has ended is a leftover, too. */
async function engineRequestsEnd({ home }: Judged): Promise<void> {
  for (let look = 0; look < 300 && processesOf(home).some(({ engine }) => engine); look += 1) await sleep(100);
}

/** Sent = succeeded + each class of failure, for every host and together. @returns the load. @throws Error when there is none. */
export function addsUp({ load }: Report): NonNullable<Report['load']> {
  if (load === null) throw new Error('There is no load in the report');
  for (const { sent, succeeded, failed, failures } of [load.total, ...load.hosts]) {
    deepEqual(
      { sent, failed },
      { sent: succeeded + failed, failed: Object.values(failures).reduce((sum, count) => sum + count, 0) },
    );
  }
  deepEqual(
    load.hosts.reduce((sum, { sent }) => sum + sent, 0),
    load.total.sent,
  );
  return load;
}
