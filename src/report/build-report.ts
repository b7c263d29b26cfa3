import { helpUrl, type OutcomeCode } from '../errors.ts';
import { INPUTS, type InputName } from '../inputs.ts';
import type { PipelineState } from '../state.ts';
import { REPORT_SCHEMA_VERSION, type Failure, type LoadResult, type Report } from './model.ts';
import { milliseconds, percent } from './numbers.ts';

/** A run passes with up to this share of failed requests; k6's users write `rate<0.01` for it. */
const MAX_FAILED_RATIO = 0.01;

/** The report of a run at any point of it: with all that is known so far. */
export function buildReport(state: PipelineState, endedAt: string): Report {
  const { cluster } = state;
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: state.tool,
    run: state.run,
    startedAt: state.startedAt,
    endedAt: state.endedAt ?? endedAt,
    outcome: outcomeOf(state),
    settings: state.settings,
    environment: state.environment,
    tools: toolVersions(state),
    cluster:
      cluster === null
        ? null
        : { name: cluster.name, nodeImage: cluster.nodeImage, httpPort: cluster.httpPort, nodes: cluster.nodes },
    images: state.images,
    stages: state.stages,
    load: state.load,
    resources: state.resources,
    diagnostics: state.diagnostics,
    warnings: state.warnings,
    repeatWith: repeatCommand(state),
  };
}

function toolVersions({ tools }: PipelineState): Report['tools'] {
  const versions: Report['tools'] = {};
  for (const name of ['kind', 'kubectl'] as const) {
    const tool = tools[name];
    if (tool !== undefined) versions[name] = { version: tool.version, sha256: tool.sha256 };
  }
  return versions;
}

function outcomeOf({ failure, load }: PipelineState): Report['outcome'] {
  const cause = failure ?? (load === null ? NOTHING_MEASURED : verdictOn(load));
  if (cause === null) {
    return { result: 'passed', code: 'passed', summary: `Load test passed${figures(load)}`, failure: null, helpUrl: null };
  }
  const cancelled = cause.code === 'cancelled';
  const [firstLine = ''] = cause.message.split('\n');
  return {
    result: cancelled ? 'cancelled' : 'failed',
    code: cause.code,
    summary: cancelled ? `Load test cancelled${cause.stage === null ? '' : ` during ${cause.stage}`}` : `Load test failed: ${firstLine}`,
    failure: cause,
    helpUrl: helpUrl(cause.code),
  };
}

const NOTHING_MEASURED: Failure = {
  code: 'stage-order',
  stage: null,
  message: 'No load was sent, so there is nothing to judge.',
  hint: 'Send one with the command `load` before `report`.',
  tryThis: null,
};

/** What speaks against a load that was sent: null when nothing does. */
function verdictOn(load: LoadResult): Failure | null {
  if (load.total.sent === 0) return NOTHING_MEASURED;
  const { sent, failed, failures } = load.total;
  if (failed / sent < MAX_FAILED_RATIO) return null;
  const classes = Object.entries(failures).map(([name, count]) => `${name} ${String(count)}`);
  const code: OutcomeCode = 'requests-failed';
  return {
    code,
    stage: 'run-load',
    message: `${String(failed)} of ${String(sent)} requests failed (${classes.join(', ')}); fewer than ${percent(MAX_FAILED_RATIO)} may.`,
    hint: 'The table of failures says which hosts and how. Fewer connections (concurrency) or a lower rate show whether it is a matter of load.',
    tryThis: null,
  };
}

function figures(load: LoadResult | null): string {
  if (load === null) return '';
  const { sent, successRatio, latencyMs } = load.total;
  const p95 = latencyMs === null ? '' : `, p95 ${milliseconds(latencyMs.p95)}`;
  return `: ${String(sent)} requests, ${percent(successRatio)} succeeded${p95}`;
}

/** Those settings make sense only where the run was. */
const NOT_REPEATED = new Set<InputName>([
  'seed',
  'matrix',
  'comment',
  'comment-header',
  'allow-pull-request-target',
  'artifact-name',
  'cluster-name',
  'output-dir',
  'keep-cluster',
  'http-port',
]);

/** The command that sends the same load on a laptop. */
function repeatCommand({ settings, load, httpPort }: PipelineState): string {
  const options = Object.entries(settings).flatMap(([name, text]) => {
    const known = name as InputName;
    if (NOT_REPEATED.has(known) || text === INPUTS[known].default || text === '') return [];
    return text.split('\n').map((line) => `--${name} ${shellWord(line.trim())}`);
  });
  const seed = load === null ? [] : [`--seed ${shellWord(load.seed)}`];
  // Only the try mode has a port of its own.
  return [`node dist/cli/index.js ${httpPort === null ? 'run' : 'try'}`, ...options, ...seed].join(' ');
}

const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
