import { loadTargets } from './load/targets.ts';
import { parseAddress, type IngressAddress } from './cluster/ingress-address.ts';
import { DEFAULT_VERSIONS } from './cluster/pinned-versions.ts';
import { parsePullSecret, type PullSecret } from './cluster/pull-secret.ts';
import { parseRegistryMirror, type RegistryMirror } from './cluster/registry-mirrors.ts';
import { StageError } from './errors.ts';
import { HOST_NAME, type Target } from './load/plan.ts';
import { parseThresholds, type Threshold } from './load/thresholds.ts';

/** What came of reading one value: what it means, or what would have been allowed. */
type Parsed<T> = { readonly value: T } | { readonly allowed: string };

interface Definition<T> {
  /** What action.yml and the README say about it. */
  readonly description: string;
  /** The text that stands for "not given". */
  readonly default: string;
  /** Other spellings, as helm/kind-action has them. */
  readonly aliases?: readonly string[];
  /** True for values that must not be printed or saved. */
  readonly secret?: boolean;
  readonly parse: (text: string) => Parsed<T>;
}

const define = <T>(definition: Definition<T>): Definition<T> => definition;
const valid = <T>(value: T): Parsed<T> => ({ value });
const invalid = (allowed: string): Parsed<never> => ({ allowed });

function wholeNumber(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= min && value <= max
      ? valid(value)
      : invalid(`a whole number from ${String(min)} to ${String(max)}`);
  };
}

function decimalNumber(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = Number(text);
    return /^\d{1,15}(\.\d{1,9})?$/.test(text) && value >= min && value <= max
      ? valid(value)
      : invalid(`a number from ${String(min)} to ${String(max)}`);
  };
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

function duration(min: string, max: string) {
  const read = (text: string): number | null => {
    const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text);
    if (match?.[1] === undefined) return null;
    return Number(match[1]) * MILLISECONDS[(match[2] ?? 's') as keyof typeof MILLISECONDS];
  };
  const [least, most] = [read(min) ?? 0, read(max) ?? Infinity];
  return (text: string): Parsed<number> => {
    const value = read(text);
    return value !== null && value >= least && value <= most
      ? valid(value)
      : invalid(`a time from ${min} to ${max}, such as 500ms, 30s or 2m`);
  };
}

function matching(pattern: RegExp, allowed: string) {
  return (text: string): Parsed<string> => (pattern.test(text) ? valid(text) : invalid(allowed));
}

function oneOf<const T extends string>(...choices: readonly T[]) {
  return (text: string): Parsed<T> => {
    const choice = choices.find((candidate) => candidate === text);
    return choice === undefined ? invalid(`one of ${choices.join(', ')}`) : valid(choice);
  };
}

/** The spellings of the YAML 1.2 core schema, which the Actions toolkit accepts too. */
function boolean(text: string): Parsed<boolean> {
  if (/^(true|True|TRUE)$/.test(text)) return valid(true);
  if (/^(false|False|FALSE)$/.test(text)) return valid(false);
  return invalid('true or false');
}

const optional =
  <T>(parse: (text: string) => Parsed<T>) =>
  (text: string): Parsed<T | null> =>
    text === '' ? valid(null) : parse(text);

const version = (text: string): Parsed<string> =>
  /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(text)
    ? valid(text.startsWith('v') ? text : `v${text}`)
    : invalid('a version such as v1.35.8');

const sha256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256 checksum: 64 hexadecimal digits in lower case');

// A value that starts with a hyphen would be read as an option by the tools that it is handed to.
const path = matching(/^[^-\0][^\0\r\n]*$/, 'a path on this machine that does not start with a hyphen');

const IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

// A digest is that of what a registry holds; an image that was built here has none that a manifest could name.
const LOCAL_IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;
const LOCAL_IMAGES = 'image references by tag such as shop:ci, as an image by digest (@sha256:…) can only be pulled';

function pullSecret(text: string): Parsed<PullSecret> {
  const secret = parsePullSecret(text);
  return secret === null
    ? invalid('lines registry=user:password, such as ghcr.io=me:token, or the content of a Docker config.json with auths that hold a login each')
    : valid(secret);
}

function registryMirrors(text: string): Parsed<readonly RegistryMirror[]> {
  const mirrors = linesOf(text).map(parseRegistryMirror);
  const valids = mirrors.filter((mirror) => mirror !== null);
  return valids.length < mirrors.length
    ? invalid('addresses such as https://mirror.gcr.io or ghcr.io=http://10.0.0.5:5000, one a line, with http or https, without a user, a query or a fragment')
    : valid(valids);
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

// Printable ASCII without #: a client never sends what stands behind one.
const REQUEST_PATH = /^\/[!"$-~]*$/;
/** More addresses than this are no load test of one application. */
export const MAX_HOSTS = 100;

function hosts(text: string): Parsed<readonly Target[]> {
  const allowed =
    'one host name a line in lower case, optionally with a path (shop.localhost=/cart), no host and path twice, ' +
    `at most ${String(MAX_HOSTS)}; no scheme, port, # or space`;
  const targets = linesOf(text).map((line): Target => {
    const [host = '', ...rest] = line.split('=');
    return { host, path: rest.length === 0 ? '/' : rest.join('=') };
  });
  const distinct = new Set(targets.map(({ host, path }) => `${host}=${path}`));
  const wrong = targets.filter(({ host, path }) => !HOST_NAME.test(host) || !REQUEST_PATH.test(path));
  if (wrong.length > 0 || targets.length === 0 || targets.length > MAX_HOSTS || distinct.size < targets.length) {
    return invalid(allowed);
  }
  return valid(targets);
}

const MAX_LINES = 100;

/** Texts one a line, none twice. */
function lines(each: (text: string) => Parsed<string>, allowed: string) {
  return (text: string): Parsed<readonly string[]> => {
    const given = linesOf(text);
    const wrong = given.length > MAX_LINES || new Set(given).size < given.length || given.some((line) => 'allowed' in each(line));
    return wrong ? invalid(`${allowed}, one a line, none twice, at most ${String(MAX_LINES)}`) : valid(given);
  };
}

/** A share as a percentage: `5%` is 0.05. */
function percentage(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = /^(\d{1,3}(?:\.\d{1,3})?) ?%$/.exec(text)?.[1];
    return value !== undefined && Number(value) >= min && Number(value) <= max
      ? valid(Number(value) / 100)
      : invalid(`a percentage from ${String(min)}% to ${String(max)}%, such as 5%`);
  };
}

/** Head and base are judged by blocks of two rounds; with fewer blocks than 10 no result could be told from chance. */
const FEWEST_ROUNDS = 20;
const MOST_ROUNDS = 400;

function rounds(text: string): Parsed<number> {
  const value = Number(text);
  return /^\d{1,3}$/.test(text) && value % 2 === 0 && value >= FEWEST_ROUNDS && value <= MOST_ROUNDS
    ? valid(value)
    : invalid(`an even number from ${String(FEWEST_ROUNDS)} to ${String(MOST_ROUNDS)}`);
}

function hostNames(text: string): Parsed<readonly string[]> {
  const names = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return names.every((name) => HOST_NAME.test(name)) ? valid(names) : invalid('one host name a line in lower case; no pattern, path or port');
}

function ingressAddress(text: string): Parsed<IngressAddress> {
  const address = parseAddress(text);
  return address === null ? invalid('an IP address or a host name, optionally with a port (10.0.0.5:8080)') : valid(address);
}

function thresholds(text: string): Parsed<readonly Threshold[]> {
  const { thresholds: rules, faults } = parseThresholds(text);
  return faults.length === 0 ? valid(rules) : invalid(faults.map(({ line, message }) => `(line ${String(line)}) ${message}`).join(' '));
}

/**
 * Every input, in the order in which readers meet them. action.yml, the README's table and the
 * options of the command line are made from this (`npm run update`).
 */
export const INPUTS = {
  mode: define({
    description:
      '`load` sends one load. `capacity` looks for the highest rate that keeps the `thresholds`, in steps of the open model; `rate` and `requests` are then not yours to give, and `duration` is the least length of a step.',
    default: 'load',
    parse: oneOf('load', 'capacity'),
  }),
  'capacity-limit': define({
    description: 'With `mode: capacity`: the most time that the search may take.',
    default: '5m',
    parse: duration('20s', '2h'),
  }),
  requests: define({
    description: 'How many requests the measured load sends. Not used when `duration` is given.',
    default: '200',
    parse: wholeNumber(1, 100_000_000),
  }),
  hosts: define({
    description:
      'The hosts to send requests to through the ingress, one a line, each optionally with a path: `shop.localhost=/cart`. When empty, those of the Ingress and HTTPRoute rules in `manifests`, or foo.localhost and bar.localhost of the action\'s own services.',
    default: '',
    parse: optional(hosts),
  }),
  scenario: define({
    description:
      'A YAML file with the requests to send, when they are more than a GET of each host: weights, methods, paths, headers, bodies, expected answers and random values.',
    default: '',
    parse: optional(path),
  }),
  concurrency: define({
    description: 'How many connections send at the same time.',
    default: '10',
    parse: wholeNumber(1, 10_000),
  }),
  duration: define({
    description: 'Ends the load after this time (`30s`, `2m`) instead of after `requests`.',
    default: '',
    parse: optional(duration('1s', '6h')),
  }),
  rate: define({
    description:
      'Requests per second that arrive whether or not earlier ones were answered (open model). Without it each connection sends its next request when the last one is answered (closed model).',
    default: '',
    parse: optional(decimalNumber(0.1, 1_000_000)),
  }),
  arrivals: define({
    description: 'How requests arrive with `rate`: `constant` (even gaps) or `poisson` (as from independent users).',
    default: 'constant',
    parse: oneOf('constant', 'poisson'),
  }),
  'ramp-up': define({
    description: 'The load grows to its full strength over this time (`10s`) before the measured window begins; not counted.',
    default: '',
    parse: optional(duration('100ms', '1h')),
  }),
  engine: define({
    description:
      'What sends the load: `builtin`, or `k6`, which is downloaded. k6 needs more CPU for the same load, has no Poisson arrivals, and runs scripts of your own (`k6-script`).',
    default: 'builtin',
    parse: oneOf('builtin', 'k6'),
  }),
  'k6-script': define({
    description:
      'A k6 script of your own, run in place of the generated one: it decides what is sent, and its thresholds count beside `thresholds`. The hosts lead to the ingress in it: `http.get("http://foo.localhost/")`.',
    default: '',
    parse: optional(path),
  }),
  workers: define({
    description: 'Threads that send the load. Without it one, or all cores but two: the system under test needs cores too.',
    default: '',
    parse: optional(wholeNumber(1, 64)),
  }),
  thresholds: define({
    description:
      "Rules that the run must keep, one a line, in k6's grammar: `http_req_duration: p(95)<500` (milliseconds), `http_req_failed: rate<0.01`, `http_reqs: rate>100`, `http_req_duration{host:foo.localhost}: p(99)<800`, `resource_cpu{workload:foo}: max<0.5`. A rule on something that was not measured fails.",
    default: 'http_req_failed: rate<0.01',
    parse: thresholds,
  }),
  'fail-on-threshold': define({
    description: 'Fails the step when a threshold is not kept.',
    default: 'true',
    parse: boolean,
  }),
  rounds: define({
    description:
      'With `baseline-manifests`: how many rounds the comparison has before it is first judged, an even number. In each round both versions are loaded once. Chosen from `compare-duration` when empty.',
    default: '',
    parse: optional(rounds),
  }),
  'compare-duration': define({
    description: 'With `baseline-manifests`: how long both versions are loaded in turns before the comparison is first judged.',
    default: '2m',
    parse: duration('20s', '2h'),
  }),
  'compare-limit': define({
    description:
      'With `baseline-manifests`: the most time that the comparison may take with the rounds that are added while nothing can be told yet, and with those that confirm a regression. Three times `compare-duration` when empty.',
    default: '',
    parse: optional(duration('20s', '6h')),
  }),
  tolerance: define({
    description: 'With `baseline-manifests`: a change up to this share does not matter. `0%` makes every change count that can be told from chance.',
    default: '5%',
    parse: percentage(0, 100),
  }),
  'fail-on-regression': define({
    description: 'With `baseline-manifests`: fails the step when head is worse than base by more than `tolerance` and fresh rounds have confirmed it.',
    default: 'true',
    parse: boolean,
  }),
  'warmup-requests': define({
    description: 'Requests sent before the measured load and not counted.',
    default: '50',
    parse: wholeNumber(0, 1_000_000),
  }),
  'request-timeout': define({
    description: 'A request without a whole answer after this time counts as failed.',
    default: '10s',
    parse: duration('10ms', '10m'),
  }),
  seed: define({
    description: 'Any text; the same seed sends the same sequence of hosts. Chosen at random, and printed, when empty.',
    default: '',
    parse: optional(matching(/^[!-~]{1,64}$/, 'up to 64 printable ASCII characters without spaces')),
  }),
  'cluster-name': define({
    description: 'Name of the kind cluster. Unique for run, attempt and job when empty.',
    default: '',
    aliases: ['cluster_name'],
    parse: optional(
      matching(/^[a-z0-9]([a-z0-9.-]{0,48}[a-z0-9])?$/, 'up to 50 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends'),
    ),
  }),
  nodes: define({
    description: 'How many nodes the cluster has: one control plane, the rest workers. Not used when `config` is given.',
    default: '3',
    parse: wholeNumber(1, 20),
  }),
  'kind-version': define({
    description: 'Version of kind.',
    default: DEFAULT_VERSIONS.kind,
    aliases: ['version'],
    parse: version,
  }),
  'kubectl-version': define({
    description: 'Version of kubectl.',
    default: DEFAULT_VERSIONS.kubectl,
    aliases: ['kubectl_version'],
    parse: version,
  }),
  'kind-sha256': define({
    description: 'SHA-256 of the kind binary, for a version or build whose checksum the action does not know.',
    default: '',
    parse: optional(sha256),
  }),
  'kubectl-sha256': define({
    description: 'SHA-256 of the kubectl binary, for a version or build whose checksum the action does not know.',
    default: '',
    parse: optional(sha256),
  }),
  'k6-version': define({
    description: 'Version of k6, with `engine: k6`.',
    default: DEFAULT_VERSIONS.k6,
    parse: version,
  }),
  'k6-sha256': define({
    description: 'SHA-256 of the k6 binary (not of its archive), for a version or build whose checksum the action does not know.',
    default: '',
    parse: optional(sha256),
  }),
  'node-image': define({
    description: "Image of the cluster's nodes, best by digest.",
    default: DEFAULT_VERSIONS.nodeImage,
    aliases: ['node_image'],
    parse: matching(IMAGE, 'an image reference such as kindest/node:v1.35.8@sha256:…'),
  }),
  kubeconfig: define({
    description: 'Kubeconfig of a cluster that exists already: nothing is provisioned, and the application is put into a namespace of the run. Needs `context` and `allow-hosts`.',
    default: '',
    parse: optional(path),
  }),
  context: define({
    description: 'Context of `kubeconfig`. Never the current one: which cluster it is must be said.',
    default: '',
    parse: optional(matching(/^[^-\s\0][^\s\0]{0,252}$/, 'the name of a context, which does not start with a hyphen')),
  }),
  'allow-hosts': define({
    description: 'Hosts that load may be sent to in an existing cluster, one a line, each in full. A host of `hosts` that is not among them is refused.',
    default: '',
    parse: optional(hostNames),
  }),
  'ingress-address': define({
    description: 'Where the ingress of an existing cluster listens: `10.0.0.5`, `lb.example.com:8080`. Found in the status of Ingress and Services when empty.',
    default: '',
    parse: optional(ingressAddress),
  }),
  'allow-cluster-changes': define({
    description: 'In an existing cluster creates also those objects that are not in one namespace: cluster-wide ones, and those of other namespaces. Without it they are refused.',
    default: 'false',
    parse: boolean,
  }),
  'prometheus-service': define({
    description: 'Prometheus of an existing cluster that CPU, memory and network are read from: `monitoring/prometheus:9090`. They are not measured when empty.',
    default: '',
    parse: optional(matching(/^[a-z0-9-]+\/[a-z0-9-]+:[a-z0-9-]+$/, 'namespace/service:port, the port by number or name')),
  }),
  config: define({
    description: 'A kind configuration file of your own, used instead of the generated one. One node needs the label `ingress-ready=true` and a port mapping to its port 80.',
    default: '',
    parse: optional(path),
  }),
  wait: define({
    description: 'How long to wait for the nodes, and again for the workloads, to be ready.',
    default: '300s',
    parse: duration('10s', '60m'),
  }),
  manifests: define({
    description:
      "The application to test, one a line: a folder with a kustomization, a folder of YAML files, or a file, such as the output of `helm template`. The action's own two echo services when empty.",
    default: '',
    parse: lines(path, 'paths on this machine that do not start with a hyphen'),
  }),
  namespace: define({
    description: 'Where objects of `manifests` go that name no namespace. Created when it is not there.',
    default: 'default',
    parse: matching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name of up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends'),
  }),
  images: define({
    description:
      'Images that an earlier step built on this machine, one a line: they are loaded into the nodes, and containers that use them pull nothing.',
    default: '',
    parse: lines(matching(LOCAL_IMAGE, 'an image'), LOCAL_IMAGES),
  }),
  'pull-secret': define({
    description:
      'What private registries of `manifests` are asked with: lines `registry=user:password`, or the content of a Docker config.json. Give it from a secret.',
    default: '',
    secret: true,
    parse: optional(pullSecret),
  }),
  'registry-mirror': define({
    description: 'Where the nodes ask first for images: the address of a mirror of Docker Hub, or `registry=address`, one a line.',
    default: '',
    parse: registryMirrors,
  }),
  'baseline-manifests': define({
    description:
      'Manifests of the version to compare `manifests` with, typically of the base of the pull request checked out in a folder of its own. Both versions run side by side and are loaded in turns.',
    default: '',
    parse: lines(path, 'paths on this machine that do not start with a hyphen'),
  }),
  'baseline-images': define({
    description: 'With `baseline-manifests`: images of that version that were built on this machine, one a line.',
    default: '',
    parse: lines(matching(LOCAL_IMAGE, 'an image'), LOCAL_IMAGES),
  }),
  'ingress-controller': define({
    description: '`nginx`; `custom` for one of your choice (`ingress-manifests`); or `none` when the manifests of the application bring their own.',
    default: 'nginx',
    parse: oneOf('nginx', 'custom', 'none'),
  }),
  'ingress-manifests': define({
    description: 'Folder with a kustomization of the ingress controller, with `ingress-controller: custom`. It must listen on port 80 of the node with the label `ingress-ready=true`.',
    default: '',
    parse: optional(path),
  }),
  'ingress-namespace': define({
    description: "Namespace of the controller's pods, with `ingress-controller: custom`.",
    default: '',
    parse: optional(matching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name of a namespace: up to 63 lower-case letters, digits and hyphens')),
  }),
  'ingress-selector': define({
    description: "Labels of the controller's pods, with `ingress-controller: custom`: `app.kubernetes.io/name=traefik`. Prometheus scrapes their port named `metrics`.",
    default: '',
    parse: optional(matching(/^[\w./-]+=[\w.-]+(,[\w./-]+=[\w.-]+)*$/, 'labels such as app=traefik,component=proxy')),
  }),
  'ingress-class': define({
    description: 'Class that every Ingress of the application gets in the place of its own, so that the same application runs behind another controller.',
    default: '',
    parse: optional(matching(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a name of an IngressClass')),
  }),
  prometheus: define({
    description: 'Deploys Prometheus and reports CPU, memory and network of the workloads.',
    default: 'true',
    parse: boolean,
  }),
  'http-port': define({
    description: 'Port on 127.0.0.1 that leads to the ingress. 80 when it is free, otherwise a free one, when empty.',
    default: '',
    parse: optional(wholeNumber(1, 65_535)),
  }),
  'github-token': define({
    description: 'Token for the pull-request comment. Needs `pull-requests: write`.',
    default: '${{ github.token }}',
    secret: true,
    parse: optional(matching(/^[!-~]+$/, 'a token')),
  }),
  comment: define({
    description: 'Writes one comment on the pull request and updates it on every run.',
    default: 'true',
    parse: boolean,
  }),
  'comment-header': define({
    description: 'Tells several comments on one pull request apart. Made from workflow, job and matrix when empty.',
    default: '',
    parse: optional(matching(/^[^\0\r\n]{1,200}$/, 'one line of up to 200 characters')),
  }),
  'allow-pull-request-target': define({
    description:
      'Runs on the event pull_request_target too, where the manifests and images of a stranger would be run with the rights of the repository. Only for workflows that check out nothing of the pull request.',
    default: 'false',
    parse: boolean,
  }),
  matrix: define({
    description: 'Tells the jobs of a matrix apart in names and comments. Leave it as it is.',
    default: '${{ toJSON(matrix) }}',
    parse: (text) => valid(text),
  }),
  'artifact-name': define({
    description: 'Name of the artifact with the reports. Made from job, attempt and matrix when empty.',
    default: '',
    parse: optional(
      // The characters that GitHub forbids in artifact names.
      matching(/^[^":<>|*?\r\n\\/]{1,200}$/, 'up to 200 characters other than " : < > | * ? \\ / and line ends'),
    ),
  }),
  'output-dir': define({
    description: 'Folder for reports, state and kubeconfig.',
    default: 'artifacts',
    parse: path,
  }),
  'keep-cluster': define({
    description: 'Leaves the cluster running at the end of the job.',
    default: 'false',
    parse: boolean,
  }),
} as const;

export type InputName = keyof typeof INPUTS;

/** The value of each input as the program uses it. All times are in milliseconds. */
export type Inputs = {
  readonly [Name in InputName]: (typeof INPUTS)[Name] extends Definition<infer T> ? T : never;
};

export const INPUT_NAMES = Object.keys(INPUTS) as InputName[];

/** Every text in the inputs that must not be printed, saved or uploaded. */
export const secretTextsOf = (inputs: Inputs): string[] => [
  ...(inputs['github-token'] === null ? [] : [inputs['github-token']]),
  ...(inputs['pull-secret']?.secretTexts ?? []),
];

/** The texts of the inputs as they will be read, without secrets, by name. */
export type Settings = Readonly<Record<string, string>>;

export interface InputFault {
  readonly input: string;
  readonly got: string;
  readonly allowed: string;
}

/** All wrong inputs at once. */
export class InputError extends StageError {
  override readonly name = 'InputError';
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super(
      'input-invalid',
      faults.map(({ input, got, allowed }) => `Input ${input} is ${JSON.stringify(got)}; allowed is ${allowed.endsWith('.') ? allowed : `${allowed}.`}`).join('\n'),
      { hint: 'Correct the inputs above; nothing was created.' },
    );
    this.faults = faults;
  }
}

export interface ParsedInputs {
  /** Where an input has a fault this holds its default, so that the fault can still be reported. */
  readonly inputs: Inputs;
  readonly settings: Settings;
  readonly faults: readonly InputFault[];
}

/**
 * Reads every input from a source of texts and collects every fault.
 *
 * @param read gives the text of an input or alias, `''` when it was not given.
 */
export function parseInputs(read: (name: string) => string): ParsedInputs {
  const faults: InputFault[] = [];
  const values: Record<string, unknown> = {};
  const settings: Record<string, string> = {};
  for (const name of INPUT_NAMES) {
    const definition: Definition<unknown> = INPUTS[name];
    const text = textOf(name, definition, read, faults);
    const parsed = definition.parse(text);
    if ('allowed' in parsed) {
      faults.push({ input: name, got: definition.secret === true ? '***' : text, allowed: parsed.allowed });
    }
    values[name] = 'value' in parsed ? parsed.value : fallbackValue(definition);
    if (definition.secret !== true) settings[name] = text;
  }
  const inputs = Object.freeze(values) as unknown as Inputs;
  return { inputs, settings, faults: [...faults, ...engineFaults(inputs), ...ingressFaults(inputs), ...existingClusterFaults(inputs), ...comparisonFaults(inputs), ...capacityFaults(inputs)] };
}

/** What one engine can do and the other can't is refused, not ignored. */
function engineFaults(inputs: Inputs): InputFault[] {
  if (inputs.engine === 'builtin') {
    if (inputs['k6-script'] === null) return [];
    return [{ input: 'k6-script', got: inputs['k6-script'], allowed: 'only empty with engine builtin; give engine k6 to run it' }];
  }
  const poisson = inputs.rate !== null && inputs.arrivals === 'poisson' && inputs['k6-script'] === null;
  return [
    ...(poisson ? [{ input: 'arrivals', got: inputs.arrivals, allowed: 'only constant with engine k6, which has no Poisson arrivals; the engine builtin has' }] : []),
    ...(inputs.scenario === null ? [] : [{ input: 'scenario', got: inputs.scenario, allowed: 'only empty with engine k6; the engine builtin sends scenarios, and k6-script runs a script of your own' }]),
    ...(inputs.workers === null ? [] : [{ input: 'workers', got: String(inputs.workers), allowed: 'only empty with engine k6, which uses every core by itself' }]),
  ];
}

/** A controller of one's own is named as a whole, and nothing of it is given for another one. */
function ingressFaults(inputs: Inputs): InputFault[] {
  const custom = inputs['ingress-controller'] === 'custom';
  return (['ingress-manifests', 'ingress-namespace', 'ingress-selector'] as const)
    .filter((name) => (inputs[name] === null) === custom)
    .map((name) => {
      const allowed = custom ? 'a value, as ingress-controller is custom' : `only empty with ingress-controller ${inputs['ingress-controller']}; give custom to use it`;
      return { input: name, got: inputs[name] ?? '', allowed };
    });
}

/** Half of a round shorter than this is more start and end than load. */
const SHORTEST_WINDOW_MS = 500;

/** A regression is confirmed by fresh rounds, half as many as have found it. */
const CONFIRMATION_FACTOR = 1.5;

/** What a comparison needs, and what only makes sense with one. */
function comparisonFaults(inputs: Inputs): InputFault[] {
  const given = (input: InputName, got: string, allowed: string): InputFault => ({ input, got, allowed });
  if (inputs['baseline-manifests'].length === 0) {
    const images = inputs['baseline-images'];
    return images.length === 0 ? [] : [given('baseline-images', images.join('\n'), 'only empty without baseline-manifests, which use them')];
  }
  const baseline = inputs['baseline-manifests'].join('\n');
  const { 'compare-duration': durationMs, 'compare-limit': limitMs, rounds: count } = inputs;
  const seconds = (ms: number): string => `${String(ms / 1000)}s`;
  return [
    ...(inputs.manifests.length === 0 ? [given('baseline-manifests', baseline, 'only empty without manifests, the version to compare them with')] : []),
    ...(inputs.engine === 'k6' ? [given('baseline-manifests', baseline, 'only empty with engine k6; the engine builtin compares')] : []),
    ...(limitMs !== null && limitMs < CONFIRMATION_FACTOR * durationMs
      ? [given('compare-limit', seconds(limitMs), `a time from one and a half times compare-duration (${seconds(CONFIRMATION_FACTOR * durationMs)}) on, which leaves time to confirm a regression`)]
      : []),
    ...(count !== null && durationMs / (2 * count) < SHORTEST_WINDOW_MS
      ? [given('rounds', String(count), `at most ${String(Math.floor(durationMs / (2 * SHORTEST_WINDOW_MS)))} in a compare-duration of ${seconds(durationMs)}, as each version is loaded for at least ${String(SHORTEST_WINDOW_MS)} ms`)]
      : []),
  ];
}

/**
 * A cluster that may be somebody's production is named in full, and so is each host that load goes to.
 * What only a cluster of the run's own has is refused beside it.
 */
function existingClusterFaults(inputs: Inputs): InputFault[] {
  const only = (name: InputName, allowed: string): InputFault => ({ input: name, got: textOfValue(inputs[name]), allowed });
  if (inputs.kubeconfig === null) {
    const given = (['context', 'allow-hosts', 'ingress-address', 'prometheus-service'] as const).filter((name) => inputs[name] !== null);
    return [...given, ...(inputs['allow-cluster-changes'] ? (['allow-cluster-changes'] as const) : [])].map((name) => only(name, 'only given with kubeconfig, for a cluster that exists already'));
  }
  const allowed = inputs['allow-hosts'] ?? [];
  // Those that rules of the manifests lead to would be chosen by the manifests: somebody has to name them.
  const unnamed = inputs.hosts === null && inputs.manifests.length > 0;
  const others = loadTargets(inputs, null).filter(({ host }) => !allowed.includes(host)).map(({ host }) => host);
  return [
    ...(unnamed ? [only('hosts', 'the hosts of the load, in full, as kubeconfig is given')] : []),
    ...(inputs.context === null ? [only('context', 'a context of kubeconfig')] : []),
    ...(unnamed || others.length === 0 ? [] : [{ input: 'allow-hosts', got: allowed.join('\n'), allowed: `a list with each host that load is sent to; it lacks ${[...new Set(others)].join(', ')}` }]),
    ...(inputs.engine === 'builtin' ? [] : [only('engine', 'only builtin with kubeconfig, as it connects to the found ingress and nowhere else')]),
    ...(inputs['ingress-controller'] === 'custom' ? [only('ingress-controller', 'not custom with kubeconfig, as no controller is installed then')] : []),
    ...(inputs['baseline-manifests'].length === 0 ? [] : [only('baseline-manifests', 'only empty with kubeconfig; compare on a cluster of the run')]),
    // Its requests name hosts of their own, which would have to be allowed, too.
    ...(inputs.scenario === null ? [] : [only('scenario', 'only empty with kubeconfig, where each host of the load is an input')]),
    ...(inputs['pull-secret'] === null ? [] : [{ input: 'pull-secret', got: '***', allowed: 'only empty with kubeconfig; the namespace has its own service accounts' }]),
    ...(['images', 'registry-mirror'] as const).filter((name) => inputs[name].length > 0).map((name) => only(name, 'only empty with kubeconfig, whose nodes are not touched')),
    ...(['config', 'cluster-name', 'http-port'] as const).filter((name) => inputs[name] !== null).map((name) => only(name, 'only empty with kubeconfig, as no cluster is made')),
  ];
}

const textOfValue = (value: unknown): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));

/** Rules that more requests per second can't break, or that a step measures nothing for. */
const NOT_OF_A_STEP: ReadonlySet<string> = new Set(['http_reqs', 'resource_cpu', 'resource_memory']);

/** What a search for the capacity decides by itself, and what it can't do. */
function capacityFaults(inputs: Inputs): InputFault[] {
  if (inputs.mode !== 'capacity') return [];
  const fault = (input: InputName, got: string, allowed: string): InputFault => ({ input, got, allowed });
  const rules = inputs.thresholds.filter(({ metric }) => NOT_OF_A_STEP.has(metric));
  return [
    ...(inputs.rate === null ? [] : [fault('rate', String(inputs.rate), 'only empty with mode capacity, which looks for it')]),
    ...(String(inputs.requests) === INPUTS.requests.default ? [] : [fault('requests', String(inputs.requests), 'only the default with mode capacity; the length of its steps follows from the thresholds and duration')]),
    ...(inputs.engine === 'builtin' ? [] : [fault('engine', inputs.engine, 'only builtin with mode capacity')]),
    ...(inputs['baseline-manifests'].length === 0 ? [] : [fault('mode', inputs.mode, 'only load with baseline-manifests')]),
    ...(inputs.kubeconfig === null ? [] : [fault('mode', inputs.mode, 'only load with kubeconfig: a search loads the cluster until it breaks, which one that exists already has others to answer for')]),
    ...(inputs.thresholds.length === 0 ? [fault('thresholds', '', 'at least one rule with mode capacity, which looks for the highest rate that keeps it')] : []),
    ...rules.map(({ rule }) => fault('thresholds', rule, 'only rules on http_req_duration, http_req_failed and dropped_iterations with mode capacity, as its steps are judged by nothing else')),
    ...((inputs.duration ?? 0) <= inputs['capacity-limit'] / 4 ? [] : [fault('duration', `${String((inputs.duration ?? 0) / 1000)}s`, `at most a quarter of capacity-limit (${String(inputs['capacity-limit'] / 1000)}s) with mode capacity, as a search takes several steps`)]),
  ];
}

function fallbackValue(definition: Definition<unknown>): unknown {
  const parsed = definition.parse(withoutExpression(definition.default));
  return 'value' in parsed ? parsed.value : null;
}

/** A default that only a workflow can work out is empty on a laptop. */
const withoutExpression = (text: string): string => (text.startsWith('${{') ? '' : text);

function textOf(
  name: string,
  definition: Definition<unknown>,
  read: (name: string) => string,
  faults: InputFault[],
): string {
  const fallback = withoutExpression(definition.default);
  const given = read(name).trim();
  const own = given === '' ? fallback : given;
  for (const alias of definition.aliases ?? []) {
    const other = read(alias).trim();
    if (other === '') continue;
    if (own === fallback || own === other) return other;
    faults.push({ input: alias, got: other, allowed: `only one of ${name} and ${alias}, as they name the same setting` });
  }
  return own;
}
