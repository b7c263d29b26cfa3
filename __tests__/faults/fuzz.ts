import fc from 'fast-check';
import { openDocker } from '../../src/adapters/commands/docker.ts';
import type { Kubectl } from '../../src/adapters/commands/kubectl.ts';
import type { Shell } from '../../src/adapters/commands/shell.ts';
import { readSamples, readTargets } from '../../src/adapters/prometheus.ts';
import {
  cpuRequestOf,
  observeAutoscalers,
  parseAutoscalers,
  parseScaleTarget,
  seenUtilization,
  targetUtilization,
} from '../../src/cluster/autoscalers.ts';
import { nodeAddress, parseExposed } from '../../src/cluster/ingress-address.ts';
import { parseNodes, parsePods, parseWorkloads } from '../../src/cluster/kubernetes-json.ts';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { firstProblem } from '../../src/cluster/pod-problem.ts';
import { observeNodes, whyNotReady } from '../../src/cluster/readiness.ts';
import { levelsOf, lifeOf, ratesOf } from '../../src/cluster/usage/container-life.ts';
import { StageError } from '../../src/errors.ts';
import { InputError } from '../../src/inputs/faults.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { INPUT_NAMES } from '../../src/inputs/table.ts';
import { readAccessLog } from '../../src/load/imports/access-log.ts';
import { readHar } from '../../src/load/imports/har.ts';
import { readOpenApi } from '../../src/load/imports/openapi.ts';
import { scenarioFrom } from '../../src/load/imports/scenario-text.ts';
import { withoutReferences } from '../../src/load/journeys/answer-text.ts';
import { parseData } from '../../src/load/journeys/data-rows.ts';
import { parseExactJson } from '../../src/load/journeys/exact-json.ts';
import { firstAt, parseJsonPath } from '../../src/load/journeys/json-path.ts';
import { KeptAnswer } from '../../src/load/journeys/kept-answer.ts';
import { StreamWatch } from '../../src/load/journeys/stream-watch.ts';
import { parseScenario } from '../../src/load/requests/scenario.ts';
import { durationOf, meanOf, parseStages, stagesFault } from '../../src/load/requests/stages.ts';
import { scriptThresholds } from '../../src/load/k6/k6-summary.ts';
import { parseThresholds } from '../../src/load/thresholds/thresholds.ts';
import { report as reportSchema, type Report } from '../../src/model/report.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { renderHtml } from '../../src/report/html/html.ts';
import { code, fence, inline } from '../../src/report/markdown/markdown-text.ts';
import { renderReport } from '../../src/report/markdown/markdown.ts';
import { inertLines } from '../../src/text/inert-text.ts';
import { list, node, nodes, pod, PODS, workload } from '../fakes/kubernetes.ts';
import { ENDINGS, HOSTILE } from '../fakes/state.ts';

/** What takes text of others. Each holds a property for whatever text there is. */
export const FUZZ_TARGETS = [
  'inputs',
  'thresholds',
  'stages',
  'scenarios',
  'JSON paths',
  'rows of data',
  'kept answers',
  'imports',
  'kubectl JSON',
  'docker JSON',
  'Prometheus JSON',
  'k6 summary',
  'manifests',
  'Markdown',
  'reports',
  'log',
] as const;
export type FuzzTarget = (typeof FUZZ_TARGETS)[number];

/** Tries a target with ever new values for a time. @returns how many. @throws Error with the value that broke it, and the seed. */
export async function fuzz(target: FuzzTarget, seconds: number, seed: number): Promise<number> {
  const details = await fc.check(property(target), {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  });
  if (details.failed) throw new Error((await fc.asyncDefaultReportMessage(details)) ?? 'failed without a word');
  return details.numRuns;
}

/** Texts made of these pieces and of any other. */
const anyOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'binary', maxLength: 5 })),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(''));

/** Nothing where an Error says what is wrong. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError || !(error instanceof Error)) throw error;
    return null;
  }
}

/** Rules as k6's users write them, whole and in pieces. */
const RULES = anyOf(
  'http_req_failed',
  '{stage:2}',
  'ws_round_trip{name:a}',
  ': ',
  ': [\n',
  '\n],',
  '[',
  ']',
  "{ threshold: 'rate<0.1', abortOnFail: true },",
  '{ "threshold": "p(95)<1", "delayAbortEval": "10s" }',
  'rate<0.1',
  "'p(95)<500'",
  ' abortOnFail',
  ' delayAbortEval=10s',
  ',',
  '\n',
);

const JOURNEYS = {
  journeys: [
    {
      name: 'buy',
      think: '1s..3s',
      data: 'a.csv',
      steps: [
        {
          name: 'a',
          path: '/{{a}}',
          save: { token: { json: '$.token' } },
          expect: { json: ['$.a'], header: { a: '' } },
        },
        { name: 'b', path: '{{token}}', headers: { authorization: '{{token}}' }, stream: 'events' },
        {
          name: 'c',
          path: '/ws',
          websocket: { send: ['{{token}}', 'a'], messages: 3, every: '1s..2s', answer: { text: 'b' }, greetings: 1 },
          save: { id: { header: 'x-id' } },
        },
      ],
    },
  ],
};
const HAR = {
  log: {
    entries: [
      {
        request: {
          method: 'POST',
          url: 'http://a.localhost/x?token=1',
          headers: [{ name: 'content-type', value: 'application/json' }],
          postData: { text: '{"a":1}' },
        },
        response: { status: 200 },
      },
    ],
  },
};
const OPENAPI = {
  openapi: '3.1.0',
  paths: {
    '/a/{id}': {
      get: { parameters: [{ in: 'path', name: 'id', schema: { type: 'integer' } }], responses: { '200': {} } },
      post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } } },
    },
  },
  components: { schemas: { A: { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } } } },
};

/** Texts that mean something to somebody, and any other. */
const text = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '::error::',
            '##[',
            '::stop-commands::x',
            '\u001b[31m',
            '\u001b]0;',
            '\u0007',
            '\r',
            '\n',
            '\u2028',
            '`',
            '```',
            '~~~',
            '|',
            '<!--',
            '-->',
            '<img src=x>',
            '@all',
            '#1',
            '[x](y)',
            '\\',
            '&',
            '$',
            '*',
            '_',
            ' ',
            ':',
            '=',
            '/',
            '-',
            '1',
            '1e9',
            'NaN',
            '-0',
            '%',
            '{',
            '}',
            'p(95)<500',
            'http_req_duration',
            'host',
            '\0',
            '\ud800',
            'a'.repeat(2100),
            'github.com/o/r/issues/1',
          ),
          fc.string({ maxLength: 5 }),
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join('')),
  },
);

const ANSWER_PARTS = [
  'HTTP/1.1 200 OK',
  '\r\n',
  '\n',
  'a: b',
  ':',
  ' ',
  'data: x',
  '100',
  'content-encoding: gzip',
  'content-type: text/html; charset=utf-16',
  '&amp;',
  '&#',
  '[9007199254740993,',
  '"9007199254740993"',
  ']',
];

function property(target: FuzzTarget): fc.IAsyncProperty<[unknown]> {
  switch (target) {
    case 'inputs':
      return holds(fc.dictionary(fc.constantFrom(...INPUT_NAMES), text), (given) => {
        const { faults } = parseInputs((name) => given[name] ?? '');
        check(new InputError(faults).message.length > 0 || faults.length === 0, 'a fault without a word');
      });
    case 'thresholds':
      return holds(fc.oneof(text, RULES), (given) => {
        const { thresholds, faults } = parseThresholds(given);
        // What a report keeps of a rule is its text.
        for (const threshold of thresholds)
          check(
            JSON.stringify(parseThresholds(threshold.rule).thresholds) === JSON.stringify([threshold]),
            'a rule that is another one when it is read again',
          );
        check(
          thresholds.every(({ limit }) => Number.isFinite(limit)),
          'a limit that is no number',
        );
        check(
          faults.every(({ message }) => message !== ''),
          'a fault without a word',
        );
      });
    case 'stages':
      return holds(anyOf('30s', '1m', '@', '50', '/m', ' users', 'ramp ', ',', '\n', ' '), (given) => {
        const read = parseStages(given);
        check(read !== null || stagesFault(given) !== '', 'a fault without a word');
        check(read === null || durationOf(read.stages) > 0, 'stages that take no time');
        check(read === null || Number.isFinite(meanOf(read.stages)), 'a strength that is no number');
      });
    case 'scenarios':
      return holds(
        fc.tuple(
          likeJsonOf([JOURNEYS]).map((json) => JSON.stringify(json)),
          anyOf('a,b\n', '"', ',', '\n', 'x'),
        ),
        ([given, data]) => {
          const { targets, journeys, faults } = parseScenario(given, () => data);
          check(faults.length > 0 || targets.length > 0, 'a scenario of nothing');
          check(
            faults.every(({ line, message }) => line >= 1 && message !== ''),
            'a fault without a line or a word',
          );
          check(
            (journeys ?? []).every(({ steps }) => steps.every(({ target: at }) => targets[at] !== undefined)),
            'a step without a target',
          );
        },
      );
    case 'JSON paths':
      return holds(
        fc.tuple(anyOf('$', '.', '..', '[', ']', '*', "'", '"', 'a', '0', '-1', '\\'), fc.jsonValue()),
        ([given, value]) => {
          const path = orNull(() => parseJsonPath(given));
          if (path !== null) firstAt(value, path);
        },
      );
    case 'rows of data':
      return holds(fc.tuple(anyOf('a', ',', '"', '\n', '\r', '[{"a":1}]', '{', '}'), fc.boolean()), ([given, csv]) => {
        const table = orNull(() => parseData(given, csv ? 'csv' : 'json'));
        check(
          table === null || table.rows.every((row) => row.length === table.columns.length),
          'a row with another number of fields',
        );
      });
    case 'kept answers':
      return holds(fc.array(anyOf(...ANSWER_PARTS)), (pieces) => {
        const answer = new KeptAnswer();
        let gaps = 0;
        const stream = new StreamWatch(
          'events',
          () => 1,
          () => (gaps += 1),
        );
        answer.begin(true, stream);
        for (const piece of pieces) {
          const bytes = Buffer.from(piece);
          answer.addRaw(bytes, 0, bytes.length);
          answer.addBody(bytes, 0, bytes.length);
        }
        check(
          answer.fields.every(([name]) => name === name.toLowerCase()),
          'a name in capitals',
        );
        check(gaps === Math.max(0, stream.times.events - 1), 'events without the time between them');
        const { text: body } = answer.body;
        check(withoutReferences(body).length <= body.length, 'references that stand for more than they are');
        const json = orNull(() => JSON.stringify(JSON.parse(body)));
        const exact = orNull(() =>
          JSON.stringify(parseExactJson(body), (_, value: unknown) =>
            typeof value === 'bigint' ? Number(value) : value,
          ),
        );
        check(json === exact, 'JSON that is read as something else');
      });
    case 'imports':
      return holds(
        fc.tuple(
          fc.oneof(
            likeJsonOf([HAR, OPENAPI]).map((json) => JSON.stringify(json)),
            anyOf('"GET / HTTP/1.1" 200 ', '\n', '{', '}', '"', '?token=', 'x'),
          ),
          fc.constantFrom(readHar, readOpenApi, readAccessLog),
        ),
        ([given, read]) => {
          const found = orNull(() => read(given));
          if (found === null) return;
          const { yaml, requests } = scenarioFrom(found, 'x');
          check(requests === 0 || parseScenario(yaml).faults.length === 0, 'a scenario with faults');
        },
      );
    case 'kubectl JSON':
      return holds(
        likeJsonOf([
          list(...nodes(3), node({ ready: null })),
          list(workload(), workload({ kind: 'Job', status: {} })),
          list(pod(), ...Object.values(PODS)),
          list(AUTOSCALER),
          SCALE_TARGET,
          list(INGRESS),
          list(ADDRESSED_NODE),
        ]),
        (given) => {
          only([StageError], () => observeNodes(parseNodes(given), 3));
          only([StageError], () => parseWorkloads(given).map(whyNotReady));
          only([StageError], () => firstProblem(parsePods(given)));
          only([StageError], () => {
            const autoscalers = parseAutoscalers(given);
            observeAutoscalers(
              autoscalers.map(({ metadata }) => metadata),
              autoscalers,
            );
            for (const share of autoscalers.flatMap((one) => [targetUtilization(one), seenUtilization(one)]))
              check(share === null || !Number.isNaN(share), 'a share that is no number');
          });
          only([StageError], () => {
            const cores = cpuRequestOf(parseScaleTarget(given));
            check(cores === null || !Number.isNaN(cores), 'a request that is no number');
          });
          only([StageError], () => parseExposed(given));
          only([StageError], () => nodeAddress(given));
        },
      );
    case 'docker JSON':
      return holds(
        fc.oneof(
          text,
          likeJsonOf([
            { ServerVersion: '28', CgroupVersion: '2', SecurityOptions: ['name=rootless'], ServerErrors: ['x'] },
          ]).map((json) => JSON.stringify(json)),
        ),
        (given) => onlyAsync([StageError], () => openDocker(shellThatPrints(given)).info()),
      );
    case 'Prometheus JSON':
      return holds(
        fc.oneof(
          text,
          likeJsonOf([MATRIX, TARGETS]).map((json) => JSON.stringify(json)),
        ),
        async (given) => {
          const kubectl = kubectlThatPrints(given);
          await onlyAsync([StageError], () => readTargets(kubectl, PROMETHEUS));
          await onlyAsync([StageError], async () => {
            const series = await readSamples(kubectl, PROMETHEUS, 'x', { start: 1, end: 2 });
            const life = lifeOf(series);
            for (const { value } of [...ratesOf(life, 1), ...levelsOf(life, { from: 1, to: 2 })])
              check(!Number.isNaN(value), 'a figure that is no number');
          });
        },
      );
    case 'k6 summary':
      return holds(
        fc.oneof(
          text,
          likeJsonOf([K6_SUMMARY]).map((json) => JSON.stringify(json)),
        ),
        (given) => {
          for (const { measured, rule } of scriptThresholds(given))
            check(
              (measured === null || Number.isFinite(measured)) && rule !== '',
              'a threshold without a figure or name',
            );
        },
      );
    case 'manifests':
      return holds(
        fc.oneof(
          text,
          fc
            .array(
              fc.constantFrom(
                'a: &a [*a]',
                'kind: List',
                'items:',
                '- ',
                '---',
                '!!binary x',
                '<<: *a',
                '&a',
                '*a',
                '? x',
                ': y',
                '"',
                '|',
                '>',
                '  ',
                '\t',
                '{',
                ']',
              ),
            )
            .map((lines) => lines.join('\n')),
        ),
        (given) => {
          // The stage makes a StageError of each; a TypeError would be a defect here.
          only([Error], () => parseManifests(given), [TypeError, RangeError]);
        },
      );
    case 'Markdown':
      return holds(text, (given) => {
        const plain = inline(given);
        check(!/[\n\r<]|(?<!\\)(?:\\\\)*[`*_[\]|~]|@(?!\u2060)/.test(plain), `markup in ${JSON.stringify(plain)}`);
        const span = code(given);
        check(!span.includes('\n') && !/(?<!\\)\|/.test(span), `a span that ends early: ${JSON.stringify(span)}`);
        const block = fence(given).split('\n');
        const ticks = /^`+/.exec(block[0] ?? '')?.[0] ?? '';
        check(
          block.slice(1, -1).every((line) => !new RegExp(`^ {0,3}${ticks}`).test(line)),
          `a block that ends early: ${JSON.stringify(block)}`,
        );
      });
    case 'reports':
      return holds(poisonedReport, (report) => {
        const markdown = withoutCode(renderReport(report).join('\n\n'));
        check(
          !/<img|<!--|<script|(?<!\\)!\[|@all|(?<![\w&])#1/.test(markdown),
          `markup of others in ${JSON.stringify(markdown)}`,
        );
        check(!renderHtml(report).includes('<img src=x>'), 'markup of others in the page');
      });
    case 'log':
      return holds(text, (given) => {
        for (const line of inertLines(given)) {
          check(
            !/^\s*::|##\[|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(line),
            `not inert: ${JSON.stringify(line)}`,
          );
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
  const changed = fc
    .tuple(fc.constantFrom(...examples), fc.nat(), fc.oneof(fc.jsonValue(), text))
    .map(([example, place, value]) => {
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
  return Object.keys(record).flatMap((key) => [
    (value: unknown) => {
      record[key] = value;
    },
    ...placesOf(record[key]),
  ]);
}

const REPORTS = [...Object.values(ENDINGS), HOSTILE].map((ending) => {
  const report = buildReport(ending, '2026-11-23T10:05:00.000Z');
  return {
    report,
    texts: pathsOf(report).filter((path) => reportSchema.safeParse(withText(report, path, 'x')).success),
  };
});

/** A report of ours with texts of others in some of the places that may hold any text. */
const poisonedReport: fc.Arbitrary<Report> = fc
  .tuple(fc.constantFrom(...REPORTS), fc.array(fc.tuple(fc.nat(), text), { minLength: 1, maxLength: 5 }))
  .map(([{ report, texts }, changes]) =>
    changes.reduce((changed, [place, given]) => withText(changed, texts[place % texts.length] ?? [], given), report),
  );

/** The way to each text in JSON. */
function pathsOf(json: unknown): string[][] {
  if (typeof json === 'string') return [[]];
  return typeof json === 'object' && json !== null
    ? Object.entries(json).flatMap(([key, value]) => pathsOf(value).map((path) => [key, ...path]))
    : [];
}

function withText<T>(json: T, path: readonly string[], given: string): T {
  const copy = structuredClone(json);
  const holder = path
    .slice(0, -1)
    .reduce((inner, key) => inner[key] as Record<string, unknown>, copy as Record<string, unknown>);
  holder[path.at(-1) ?? ''] = given;
  return copy;
}

/** Markdown without its blocks and spans of code, in which nothing means anything. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '').replace(/(?<![`\\])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');

const PROMETHEUS = { namespace: 'monitoring', name: 'prometheus', port: 'http' };
const AUTOSCALER = {
  metadata: { name: 'shop' },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'shop' },
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 50 } } }],
  },
  status: {
    conditions: [{ type: 'ScalingActive', status: 'True', message: '' }],
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 10 } } }],
  },
};
const SCALE_TARGET = {
  kind: 'Deployment',
  metadata: { name: 'shop' },
  spec: { template: { spec: { containers: [{ resources: { requests: { cpu: '100m' } } }] } } },
};
const INGRESS = {
  kind: 'Ingress',
  metadata: { name: 'shop' },
  spec: { ports: [{ port: 80, nodePort: 30080 }] },
  status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
};
const ADDRESSED_NODE = { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } };
const K6_SUMMARY = {
  metrics: {
    http_req_duration: { avg: 1, 'p(95)': 2, thresholds: { 'p(95)<500': false } },
    http_req_failed: { value: 0, thresholds: { 'rate<0.01': true } },
  },
};
const MATRIX = {
  status: 'success',
  data: {
    resultType: 'matrix',
    result: [
      {
        metric: { pod: 'foo' },
        values: [
          [1, '1'],
          [2, '3'],
        ],
      },
      { metric: {}, values: [] },
    ],
  },
};
const TARGETS = {
  status: 'success',
  data: {
    activeTargets: [{ labels: { job: 'x', instance: 'y' }, scrapeUrl: 'http://x', health: 'up', lastError: '' }],
  },
};

const shellThatPrints = (stdout: string): Shell => ({
  run: () => Promise.resolve({ command: 'docker', exitCode: 0, signal: null, durationMs: 1, stdout, stderr: '' }),
});

const kubectlThatPrints = (answer: string): Kubectl => ({
  get: () => Promise.resolve(null),
  watch: () => Promise.resolve(),
  raw: () => Promise.resolve(answer),
  apply: () => Promise.resolve(),
  applyByClient: () => Promise.resolve(),
  create: () => Promise.resolve(),
  patch: () => Promise.resolve(),
  delete: () => Promise.resolve(),
  deleteAll: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  followLog: () => Promise.resolve(),
  forward: () => Promise.resolve({ port: 1, ended: Promise.resolve(''), close: () => Promise.resolve() }),
  forwardToPod: () => Promise.resolve({ port: 1, ended: Promise.resolve(''), close: () => Promise.resolve() }),
  exec: () => Promise.resolve(Buffer.from(answer)),
  nodesWith: () => Promise.resolve([]),
  text: () => Promise.resolve(answer),
});
