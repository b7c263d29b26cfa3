import fc from 'fast-check';
import { z } from 'zod';
import { openDocker } from '../../src/adapters/docker.ts';
import type { Kubectl } from '../../src/adapters/kubectl.ts';
import { readSamples, readTargets } from '../../src/adapters/prometheus.ts';
import type { Shell } from '../../src/adapters/shell.ts';
import { parseNodes, parsePods, parseWorkloads } from '../../src/cluster/kubernetes-json.ts';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { firstProblem, observeNodes, whyNotReady } from '../../src/cluster/readiness.ts';
import { ratePerSecond, totalOfMaxima } from '../../src/cluster/samples.ts';
import { StageError } from '../../src/errors.ts';
import { InputError, INPUT_NAMES, parseInputs } from '../../src/inputs.ts';
import { parseThresholds } from '../../src/load/thresholds.ts';
import { inertLines } from '../../src/report/log-text.ts';
import { code, fence, inline } from '../../src/report/markdown-text.ts';
import { list, node, nodes, pod, PODS, workload } from '../fakes/kubernetes.ts';

/** What takes text of others. Each holds a property for whatever text there is. */
export const FUZZ_TARGETS = ['inputs', 'thresholds', 'kubectl JSON', 'docker JSON', 'Prometheus JSON', 'manifests', 'Markdown', 'log'] as const;
export type FuzzTarget = (typeof FUZZ_TARGETS)[number];

/** Tries a target with ever new values for a time. @throws Error with the value that broke it, and the seed. */
export async function fuzz(target: FuzzTarget, seconds: number, seed: number): Promise<void> {
  await fc.assert(property(target), { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false });
}

/** Texts that mean something to somebody, and any other. */
const text = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.oneof(
          fc.constantFrom('::error::', '##[', '::stop-commands::x', '\u001b[31m', '\u001b]0;', '\u0007', '\r', '\n', '\u2028', '`', '```', '~~~', '|', '<!--', '-->', '<img src=x>', '@all', '#1', '[x](y)', '\\', '&', '$', '*', '_', ' ', ':', '=', '/', '-', '1', '1e9', 'NaN', '-0', '%', '{', '}', 'p(95)<500', 'http_req_duration', 'host', '\0', '\ud800', 'a'.repeat(2100), 'github.com/o/r/issues/1'),
          fc.string({ maxLength: 5 }),
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join('')),
  },
);

function property(target: FuzzTarget): fc.IAsyncProperty<[unknown]> {
  switch (target) {
    case 'inputs':
      return holds(fc.dictionary(fc.constantFrom(...INPUT_NAMES), text), (given) => {
        const { faults } = parseInputs((name) => given[name] ?? '');
        check(new InputError(faults).message.length > 0 || faults.length === 0, 'a fault without a word');
      });
    case 'thresholds':
      return holds(text, (given) => {
        const { thresholds, faults } = parseThresholds(given);
        check(thresholds.every(({ limit }) => Number.isFinite(limit)), 'a limit that is no number');
        check(faults.every(({ message }) => message !== ''), 'a fault without a word');
      });
    case 'kubectl JSON':
      return holds(likeJsonOf([list(...nodes(3), node({ ready: null })), list(workload(), workload({ kind: 'Job', status: {} })), list(pod(), ...Object.values(PODS))]), (given) => {
        only([z.ZodError], () => observeNodes(parseNodes(given), 3));
        only([z.ZodError], () => parseWorkloads(given).map(whyNotReady));
        only([z.ZodError], () => firstProblem(parsePods(given)));
      });
    case 'docker JSON':
      return holds(fc.oneof(text, likeJsonOf([{ ServerVersion: '28', CgroupVersion: '2', SecurityOptions: ['name=rootless'], ServerErrors: ['x'] }]).map((json) => JSON.stringify(json))), (given) =>
        onlyAsync([StageError], () => openDocker(shellThatPrints(given)).info()),
      );
    case 'Prometheus JSON':
      return holds(fc.oneof(text, likeJsonOf([MATRIX, TARGETS]).map((json) => JSON.stringify(json))), async (given) => {
        const kubectl = kubectlThatPrints(given);
        await onlyAsync([z.ZodError, SyntaxError], () => readTargets(kubectl, PROMETHEUS));
        await onlyAsync([z.ZodError, SyntaxError], async () => {
          const series = await readSamples(kubectl, PROMETHEUS, 'x', { start: 1, end: 2 });
          for (const { value } of [ratePerSecond(series), totalOfMaxima(series)]) check(value === null || !Number.isNaN(value), 'a figure that is no number');
        });
      });
    case 'manifests':
      return holds(fc.oneof(text, fc.array(fc.constantFrom('a: &a [*a]', 'kind: List', 'items:', '- ', '---', '!!binary x', '<<: *a', '&a', '*a', '? x', ': y', '"', '|', '>', '  ', '\t', '{', ']')).map((lines) => lines.join('\n'))), (given) => {
        // The stage makes a StageError of each; a TypeError would be a defect here.
        only([Error], () => parseManifests(given), [TypeError, RangeError]);
      });
    case 'Markdown':
      return holds(text, (given) => {
        const plain = inline(given);
        check(!/[\n\r<]|(?<!\\)(?:\\\\)*[`*_[\]|~]|@(?!\u2060)/.test(plain), `markup in ${JSON.stringify(plain)}`);
        const span = code(given);
        check(!span.includes('\n') && !/(?<!\\)\|/.test(span), `a span that ends early: ${JSON.stringify(span)}`);
        const block = fence(given).split('\n');
        const ticks = /^`+/.exec(block[0] ?? '')?.[0] ?? '';
        check(block.slice(1, -1).every((line) => !new RegExp(`^ {0,3}${ticks}`).test(line)), `a block that ends early: ${JSON.stringify(block)}`);
      });
    case 'log':
      return holds(text, (given) => {
        for (const line of inertLines(given)) {
          check(!/^\s*::|##\[|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(line), `not inert: ${JSON.stringify(line)}`);
          check(line.length < 2100, 'a line without an end');
        }
      });
  }
}

const holds = <T>(values: fc.Arbitrary<T>, look: (value: T) => void | Promise<void>): fc.IAsyncProperty<[unknown]> =>
  fc.asyncProperty(values, async (value) => {
    await look(value);
  });

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

type ErrorClass = abstract new (...args: never[]) => Error;

function only(expected: readonly ErrorClass[], run: () => unknown, never: readonly ErrorClass[] = []): void {
  try {
    run();
  } catch (error) {
    if (never.some((type) => error instanceof type) || !expected.some((type) => error instanceof type)) throw error;
  }
}

async function onlyAsync(expected: readonly ErrorClass[], run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!expected.some((type) => error instanceof type)) throw error;
  }
}

/** Any JSON, and JSON that is nearly what is expected: one place of it has another value. */
function likeJsonOf(examples: readonly object[]): fc.Arbitrary<unknown> {
  const changed = fc.tuple(fc.constantFrom(...examples), fc.nat(), fc.oneof(fc.jsonValue(), text)).map(([example, place, value]) => {
    const copy = structuredClone(example) as unknown;
    const places = placesOf(copy);
    places[place % places.length]?.(value);
    return copy;
  });
  return fc.oneof(fc.jsonValue(), changed);
}

function placesOf(json: unknown): ((value: unknown) => void)[] {
  if (typeof json !== 'object' || json === null) return [];
  const record = json as Record<string, unknown>;
  return Object.keys(record).flatMap((key) => [(value: unknown) => { record[key] = value; }, ...placesOf(record[key])]);
}

const PROMETHEUS = { namespace: 'monitoring', name: 'prometheus', port: 'http' };
const MATRIX = { status: 'success', data: { resultType: 'matrix', result: [{ metric: { pod: 'foo' }, values: [[1, '1'], [2, '3']] }, { metric: {}, values: [] }] } };
const TARGETS = { status: 'success', data: { activeTargets: [{ labels: { job: 'x', instance: 'y' }, scrapeUrl: 'http://x', health: 'up', lastError: '' }] } };

const shellThatPrints = (stdout: string): Shell => ({
  run: () => Promise.resolve({ command: 'docker', exitCode: 0, signal: null, durationMs: 1, stdout, stderr: '' }),
});

const kubectlThatPrints = (answer: string): Kubectl => ({
  get: () => Promise.resolve(null),
  watch: () => Promise.resolve(), raw: () => Promise.resolve(answer),
  apply: () => Promise.resolve(),
  create: () => Promise.resolve(),
  delete: () => Promise.resolve(),
  followLog: () => Promise.resolve(),
  text: () => Promise.resolve(answer),
});
