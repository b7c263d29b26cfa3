import type { Exposure } from '../cluster/expose.ts';
import { parseAddress } from '../cluster/ingress-address.ts';
import { type LeaveOut, parseLeaveOut } from '../cluster/leave-out.ts';
import { parsePullSecret, type PullSecret } from '../cluster/pull-secret.ts';
import { parseRegistryMirror, type RegistryMirror } from '../cluster/registry-mirrors.ts';
import { FEWEST_ROUNDS } from '../comparison/plan.ts';
import { HOST_NAME, isRequestPath, type Target } from '../load/requests/plan.ts';
import { parseStages, type StagedLoad } from '../load/requests/stages.ts';
import { parseThresholds, type Threshold } from '../load/thresholds/thresholds.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { parseDuration, parseRate } from '../text/durations.ts';
import { type Line, numberedLinesOf } from '../text/lines.ts';

/** What came of reading one value: what it means, or what would have been allowed and, of several lines, the first that is wrong. */
export type Parsed<T> = { readonly value: T } | { readonly allowed: string; readonly line?: Line };

export const valid = <T>(value: T): Parsed<T> => ({ value });
const invalid = (allowed: string, line?: Line): Parsed<never> => ({ allowed, ...(line === undefined ? {} : { line }) });

/** Digits only, `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= min && value <= max
      ? valid(value)
      : invalid(`a whole number from ${String(min)} to ${String(max)}`);
  };
}

/** A time from `min` to `max` as `500ms`, `30s`, `1m30s`, `1h`, or as seconds without a unit; in milliseconds. */
export function duration(min: string, max: string) {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? Infinity];
  return (text: string): Parsed<number> => {
    const value = parseDuration(text);
    return value !== null && value >= least && value <= most
      ? valid(value)
      : invalid(`a time from ${min} to ${max}: a number with ms, s, m or h, or several of them (1m30s)`);
  };
}

/** Requests per second: a number, also for a second, minute or hour (`1000/m`), that comes to `min` to `max` a second. */
export function rate(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = parseRate(text);
    return value !== null && value >= min && value <= max
      ? valid(value)
      : invalid(`a number from ${String(min)} to ${String(max)} a second, such as 50, 50/s, 1000/m or 5000/h`);
  };
}

/** A load in stages. */
export function stages(text: string): Parsed<StagedLoad> {
  const value = parseStages(text);
  return value === null
    ? invalid(
        'stages such as "30s@50, 1m@200" (requests per second) or "30s@5 users, ramp 10s, 1m@20 users": a time from 100ms on, @ and a level of one kind, with one ramp at most between two of them; up to 100, and 6h together',
      )
    : valid(value);
}

/** Text of a pattern; `allowed` says the pattern in words. */
export function matching(pattern: RegExp, allowed: string) {
  return (text: string): Parsed<string> => (pattern.test(text) ? valid(text) : invalid(allowed));
}

/** One of the words. */
export function oneOf<const T extends string>(...choices: readonly T[]) {
  return (text: string): Parsed<T> => {
    const choice = choices.find((candidate) => candidate === text);
    return choice === undefined ? invalid(`one of ${choices.join(', ')}`) : valid(choice);
  };
}

/** The spellings of the YAML 1.2 core schema, which the Actions toolkit accepts too. */
export function boolean(text: string): Parsed<boolean> {
  if (/^(true|True|TRUE)$/.test(text)) return valid(true);
  if (/^(false|False|FALSE)$/.test(text)) return valid(false);
  return invalid('true or false');
}

/** What is not given is null. */
export const optional =
  <T>(parse: (text: string) => Parsed<T>) =>
  (text: string): Parsed<T | null> =>
    text === '' ? valid(null) : parse(text);

/** A release as vX.Y.Z; the v may be left out. */
export const version = (text: string): Parsed<string> =>
  /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(text)
    ? valid(text.startsWith('v') ? text : `v${text}`)
    : invalid('a version such as v1.35.8');

export const sha256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256 checksum: 64 hexadecimal digits in lower case');

// A value that starts with a hyphen would be read as an option by the tools that it is handed to.
export const path = matching(/^[^-\0][^\0\r\n]*$/, 'a path on this machine that does not start with a hyphen');

/** Of an image that a registry holds. */
export const IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

// A digest is that of what a registry holds; an image that was built here has none that a manifest could name.
export const LOCAL_IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;
export const LOCAL_IMAGES =
  'image references by tag such as shop:ci, as an image by digest (@sha256:…) can only be pulled';

/** Logins of registries. */
export function pullSecret(text: string): Parsed<PullSecret> {
  const secret = parsePullSecret(text);
  return secret === null
    ? invalid(
        'lines registry=user:password, such as ghcr.io=me:token, or the content of a Docker config.json with auths that hold a login each',
      )
    : valid(secret);
}

/** Mirrors one a line. */
export function registryMirrors(text: string): Parsed<readonly RegistryMirror[]> {
  return eachLine(
    text,
    parseRegistryMirror,
    'addresses such as https://mirror.gcr.io or ghcr.io=http://10.0.0.5:5000, one a line, with http or https, without a user, a query or a fragment',
  );
}

/** Reads line after line by a function that gives null for a wrong one. */
function eachLine<T>(text: string, read: (line: string) => T | null, allowed: string): Parsed<readonly T[]> {
  const values: T[] = [];
  for (const line of numberedLinesOf(text)) {
    const value = read(line.text);
    if (value === null) return invalid(allowed, line);
    values.push(value);
  }
  return valid(values);
}

/** The first line that is another one again. */
function repeated(lines: readonly Line[], keyOf: (text: string) => string = (text) => text): Line | undefined {
  const seen = new Set<string>();
  return lines.find(({ text }) => seen.size === seen.add(keyOf(text)).size);
}

/** More addresses than this are no load test of one application. */
export const MAX_HOSTS = 100;

/** Addresses of the load one a line, each with the path `/` when it names none. */
export function hosts(text: string): Parsed<readonly Target[]> {
  const allowed =
    'one host name a line in lower case, optionally with a path (shop.localhost=/cart), no host and path twice, ' +
    `at most ${String(MAX_HOSTS)}; no scheme, port, # or space`;
  const given = numberedLinesOf(text);
  const again = repeated(given, (line) => {
    const { host, path } = targetOf(line);
    return `${host}=${path}`;
  });
  if (given.length === 0 || given.length > MAX_HOSTS) return invalid(allowed);
  if (again !== undefined) return invalid(allowed, again);
  return eachLine(
    text,
    (line) => {
      const target = targetOf(line);
      return HOST_NAME.test(target.host) && isRequestPath(target.path) ? target : null;
    },
    allowed,
  );
}

function targetOf(line: string): Target {
  const [host = '', ...rest] = line.split('=');
  return { host, path: rest.length === 0 ? '/' : rest.join('=') };
}

/** Objects that are not to be applied, one a line. */
export const leaveOut = (text: string): Parsed<readonly LeaveOut[]> =>
  eachLine(
    text,
    parseLeaveOut,
    'lines such as Deployment/loadgenerator, Deployment/shop/loadgenerator (with its namespace), ServiceMonitor/* or a label selector (app=loadgenerator,tier!=web)',
  );

/** Services to expose, one a line. */
export function exposures(text: string): Parsed<readonly Exposure[]> {
  const allowed =
    'lines such as shop.localhost=shop, shop.localhost=shop:http or shop.localhost=store/shop:8080/cart: a host name in lower case, then optionally a namespace, the Service, optionally its port and the path to ask; no host twice, ' +
    `at most ${String(MAX_HOSTS)}`;
  const given = numberedLinesOf(text);
  const again = repeated(given, (line) => line.split('=')[0] ?? '');
  if (given.length > MAX_HOSTS) return invalid(allowed);
  if (again !== undefined) return invalid(allowed, again);
  return eachLine(text, exposureOf, allowed);
}

const EXPOSURE = /^([^=]+)=(?:([a-z0-9-]+)\/(?=[a-z]))?([a-z][a-z0-9-]*)(?::([a-z0-9-]+))?(\/.*)?$/;

function exposureOf(line: string): Exposure | null {
  const [, host = '', namespace = null, service = '', port = null, path = '/'] = EXPOSURE.exec(line) ?? [];
  if (!HOST_NAME.test(host) || !isRequestPath(path)) return null;
  return { host, namespace, service, port, path };
}

/** What is profiled, and how. */
export interface ProfileSource {
  /** The workload, by the name of its Deployment, StatefulSet, DaemonSet or Pod in each version. */
  readonly workload: string;
  readonly from: { readonly port: number; readonly path: string } | { readonly command: string };
}

/** Workloads to profile, one a line. */
export function profileSources(text: string): Parsed<readonly ProfileSource[]> {
  const allowed =
    'lines such as shop=:6060/debug/pprof/profile or shop=exec: py-spy record --pid 1 --duration {seconds} --format raw --output /dev/stdout: the name of a workload, then a port with a path, or a command that prints the profile; no workload twice, ' +
    `at most ${String(MAX_LINES)}`;
  const given = numberedLinesOf(text);
  const again = repeated(given, (line) => line.split('=')[0] ?? '');
  if (given.length > MAX_LINES) return invalid(allowed);
  if (again !== undefined) return invalid(allowed, again);
  return eachLine(text, profileSourceOf, allowed);
}

const PROFILE_SOURCE = /^([a-z0-9][a-z0-9.-]{0,252})=(?::(\d{1,5})(\/\S*)|exec:\s*(\S.*))$/;
const HIGHEST_PORT = 65_535;

function profileSourceOf(line: string): ProfileSource | null {
  const [, workload, port, path, command] = PROFILE_SOURCE.exec(line) ?? [];
  if (workload === undefined) return null;
  if (command !== undefined) return { workload, from: { command } };
  const number = Number(port);
  return path !== undefined && number >= 1 && number <= HIGHEST_PORT && isRequestPath(path)
    ? { workload, from: { port: number, path } }
    : null;
}

const MAX_LINES = 100;

/** Texts one a line, none twice. */
export function lines(each: (text: string) => Parsed<string>, allowed: string) {
  return (text: string): Parsed<readonly string[]> => {
    const given = numberedLinesOf(text);
    const wrong = given.find((line) => 'allowed' in each(line.text)) ?? repeated(given);
    return wrong !== undefined || given.length > MAX_LINES
      ? invalid(`${allowed}, one a line, none twice, at most ${String(MAX_LINES)}`, wrong)
      : valid(given.map((line) => line.text));
  };
}

/** A share as a percentage: `5%` is 0.05. */
export function percentage(min: number, max: number) {
  return (text: string): Parsed<number> => {
    const value = /^(\d{1,3}(?:\.\d{1,3})?) ?%$/.exec(text)?.[1];
    return value !== undefined && Number(value) >= min && Number(value) <= max
      ? valid(Number(value) / 100)
      : invalid(`a percentage from ${String(min)}% to ${String(max)}%, such as 5%`);
  };
}

const MOST_ROUNDS = 400;

/** Rounds of a comparison: even, as they are judged in pairs. */
export function rounds(text: string): Parsed<number> {
  const value = Number(text);
  return /^\d{1,3}$/.test(text) && value % 2 === 0 && value >= FEWEST_ROUNDS && value <= MOST_ROUNDS
    ? valid(value)
    : invalid(`an even number from ${String(FEWEST_ROUNDS)} to ${String(MOST_ROUNDS)}`);
}

/** Host names one a line. */
export function hostNames(text: string): Parsed<readonly string[]> {
  return eachLine(
    text,
    (name) => (HOST_NAME.test(name) ? name : null),
    'one host name a line in lower case; no pattern, path or port',
  );
}

/** An address with the port 80 when it names none. */
export function ingressAddress(text: string): Parsed<Endpoint> {
  const address = parseAddress(text);
  return address === null
    ? invalid('an IP address or a host name, optionally with a port (10.0.0.5:8080)')
    : valid(address);
}

/** Rules in k6's grammar one a line, with every line that is none. */
export function thresholds(text: string): Parsed<readonly Threshold[]> {
  const { thresholds: rules, faults } = parseThresholds(text);
  return faults.length === 0
    ? valid(rules)
    : invalid(faults.map(({ line, message }) => `(line ${String(line)}) ${message}`).join(' '));
}
