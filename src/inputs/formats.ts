import type { Exposure } from '../cluster/expose.ts';
import { parseAddress } from '../cluster/ingress-address.ts';
import { type LeaveOut, parseLeaveOut } from '../cluster/leave-out.ts';
import { parsePullSecret, type PullSecret } from '../cluster/pull-secret.ts';
import { parseRegistryMirror, type RegistryMirror } from '../cluster/registry-mirrors.ts';
import { FEWEST_ROUNDS } from '../comparison/plan.ts';
import { HOST_NAME, isRequestPath, type Target } from '../load/requests/plan.ts';
import { parseStages, stagesFault, type StagedLoad } from '../load/requests/stages.ts';
import { parseThresholds, type Threshold } from '../load/thresholds/thresholds.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { parseDuration, parseRate } from '../text/durations.ts';
import { type Line, numberedLinesOf } from '../text/lines.ts';

/** The result of reading one value: its meaning, or what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly faults: readonly Fault[] };

/** What would have been allowed, and the wrong line if there are several. */
interface Fault {
  readonly allowed: string;
  readonly line?: Line;
}

/** How a value is written: its placeholder in the help, and its schema for editors. */
export interface Shape {
  /** The placeholder in the help, such as `count` for `--requests <count>`. */
  readonly placeholder: string;
  /** The JSON Schema of one value, or of one line of several, in YAML. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Whether it takes several values, one per line. */
  readonly several?: true;
}

/** Reads the text of an input, and describes its format. */
export type Format<T> = ((text: string) => Parsed<T>) & { readonly shape: Shape };

const TEXT = { type: 'string' } as const;

/** Without quotes, YAML reads `http_req_failed: rate<0.01` as a pair. */
const LINE = { anyOf: [TEXT, { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: TEXT }] };

/** A format from its description and its reader. */
export const format = <T>(shape: Shape, read: (text: string) => Parsed<T>): Format<T> =>
  // A new function each time, because several formats can share a reader.
  Object.assign((text: string) => read(text), { shape });

export const valid = <T>(value: T): Parsed<T> => ({ value });
const invalid = (allowed: string, ...lines: readonly Line[]): Parsed<never> => ({
  faults: lines.length === 0 ? [{ allowed }] : lines.map((line) => ({ allowed, line })),
});

/** Digits only, `min` to `max`. */
export function wholeNumber(min: number, max: number, placeholder = 'count'): Format<number> {
  return format({ placeholder, schema: { type: 'integer', minimum: min, maximum: max } }, (text) => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= min && value <= max
      ? valid(value)
      : invalid(`a whole number from ${String(min)} to ${String(max)}`);
  });
}

/**
 * A time from `min` to `max`, as `500ms`, `30s`, `1m30s`, `1h`, or in seconds without a unit; the result is in
 * milliseconds.
 */
export function duration(min: string, max: string): Format<number> {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? Infinity];
  return format({ placeholder: 'duration', schema: { type: ['string', 'number'] } }, (text) => {
    const value = parseDuration(text);
    return value !== null && value >= least && value <= most
      ? valid(value)
      : invalid(`a time from ${min} to ${max}: a number with ms, s, m or h, or several of them (1m30s)`);
  });
}

/** Requests per second: a number, per second, minute or hour (`1000/m`), that amounts to `min` to `max` a second. */
export function rate(min: number, max: number): Format<number> {
  return format({ placeholder: 'rate', schema: { type: ['string', 'number'] } }, (text) => {
    const value = parseRate(text);
    return value !== null && value >= min && value <= max
      ? valid(value)
      : invalid(`a number from ${String(min)} to ${String(max)} a second, such as 50, 50/s, 1000/m or 5000/h`);
  });
}

/** A load in stages. */
export const stages: Format<StagedLoad> = format({ placeholder: 'stages', schema: TEXT }, (text) => {
  const value = parseStages(text);
  return value === null
    ? invalid(
        `stages such as "30s@50, 1m@200" (requests per second) or "30s@5 users, ramp 10s, 1m@20 users". ${stagesFault(text)}`,
      )
    : valid(value);
});

/** Text that matches a pattern; `allowed` describes the pattern in words. */
export function matching(pattern: RegExp, allowed: string, placeholder = 'text'): Format<string> {
  // YAML reads a name made of digits as a number, and a schema's pattern ignores numbers.
  const schema = { type: ['string', 'number'], pattern: pattern.source };
  return format({ placeholder, schema }, (text) => (pattern.test(text) ? valid(text) : invalid(allowed)));
}

/** One of several words. */
export function oneOf<const T extends string>(...choices: readonly T[]): Format<T> {
  return format({ placeholder: choices.join('|'), schema: { enum: choices } }, (text) => {
    const choice = choices.find((candidate) => candidate === text);
    return choice === undefined ? invalid(`one of ${choices.join(', ')}`) : valid(choice);
  });
}

/** The spellings of the YAML 1.2 core schema, which the Actions toolkit accepts, too. */
export const boolean: Format<boolean> = format({ placeholder: 'boolean', schema: { type: 'boolean' } }, (text) => {
  if (/^(true|True|TRUE)$/.test(text)) return valid(true);
  if (/^(false|False|FALSE)$/.test(text)) return valid(false);
  return invalid('true or false');
});

/** An empty input is null. */
export const optional = <T>(parse: Format<T>): Format<T | null> =>
  format<T | null>(parse.shape, (text) => (text === '' ? valid(null) : parse(text)));

/** A release as vX.Y.Z; the v can be left out. */
const VERSION = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
export const version: Format<string> = format(
  { placeholder: 'version', schema: { ...TEXT, pattern: VERSION.source } },
  (text) =>
    VERSION.test(text) ? valid(text.startsWith('v') ? text : `v${text}`) : invalid('a version such as v1.35.8'),
);

export const sha256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256 checksum: 64 hexadecimal digits in lower case', 'checksum');

// Tools that get this value would read a leading hyphen as an option.
export const path = matching(/^[^-\0][^\0\r\n]*$/, 'a path on this machine that does not start with a hyphen', 'path');

/** An image reference in a registry. */
export const IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

// Only a registry gives an image a digest; a locally built image has none that a manifest could name.
export const LOCAL_IMAGE = /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;
export const LOCAL_IMAGES =
  'image references by tag such as shop:ci; an image by digest (@sha256:…) can only be pulled';

/** Registry logins. */
export const pullSecret: Format<PullSecret> = format({ placeholder: 'login', schema: TEXT, several: true }, (text) => {
  const secret = parsePullSecret(text);
  return secret === null
    ? invalid(
        'lines registry=user:password, such as ghcr.io=me:token, or the content of a Docker config.json with a login in each of its auths',
      )
    : valid(secret);
});

/** Registry mirrors, one per line. */
export const registryMirrors: Format<readonly RegistryMirror[]> = format(
  { placeholder: 'address', schema: TEXT, several: true },
  (text) => {
    return eachLine(
      text,
      parseRegistryMirror,
      'addresses such as https://mirror.gcr.io or ghcr.io=http://10.0.0.5:5000, one per line, with http or https, and without a user, query or fragment',
    );
  },
);

/** Reads each line with a function that returns null for a wrong one. */
function eachLine<T>(text: string, read: (line: string) => T | null, allowed: string): Parsed<readonly T[]> {
  const values: T[] = [];
  const wrong: Line[] = [];
  for (const line of numberedLinesOf(text)) {
    const value = read(line.text);
    if (value === null) wrong.push(line);
    else values.push(value);
  }
  return wrong.length > 0 ? invalid(allowed, ...wrong) : valid(values);
}

/** The first line that repeats an earlier one. */
function repeated(lines: readonly Line[], keyOf: (text: string) => string = (text) => text): Line | undefined {
  const seen = new Set<string>();
  return lines.find(({ text }) => seen.size === seen.add(keyOf(text)).size);
}

/** More addresses than this are not a load test of one application. */
export const MAX_HOSTS = 100;

/** Addresses to load, one per line; the path is `/` if none is given. */
export const hosts: Format<readonly Target[]> = format({ placeholder: 'host', schema: TEXT, several: true }, (text) => {
  const allowed =
    'one host name per line in lower case, optionally with a path (shop.localhost=/cart) or as an address with the scheme (https://shop.localhost/cart), no host and path twice, ' +
    `at most ${String(MAX_HOSTS)}; no port, # or space`;
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
});

/** `https://shop.localhost/cart` names its scheme; `shop.localhost=/cart` leaves it to the manifests. */
const ADDRESS = /^(https?):\/\/([^/=]*)=?(\/.*)?$/;

function targetOf(line: string): Target {
  const [address, scheme, named = '', path = '/'] = ADDRESS.exec(line) ?? [];
  if (address !== undefined) return { host: named, path, scheme: scheme === 'https' ? 'https' : 'http' };
  const [host = '', ...rest] = line.split('=');
  return { host, path: rest.length === 0 ? '/' : rest.join('=') };
}

/** Objects to leave out, one per line. */
export const leaveOut: Format<readonly LeaveOut[]> = format(
  { placeholder: 'object', schema: TEXT, several: true },
  (text) =>
    eachLine(
      text,
      parseLeaveOut,
      'lines such as Deployment/loadgenerator, Deployment/shop/loadgenerator (with its namespace), ServiceMonitor/* or a label selector (app=loadgenerator,tier!=web)',
    ),
);

/** Services to expose, one per line. */
export const exposures: Format<readonly Exposure[]> = format(
  { placeholder: 'host=service', schema: TEXT, several: true },
  (text) => {
    const allowed =
      'lines such as shop.localhost=shop, shop.localhost=shop:http or shop.localhost=store/shop:8080/cart: a host name in lower case, then optionally a namespace, the Service, and optionally its port and a path to load; no host twice, ' +
      `at most ${String(MAX_HOSTS)}`;
    const given = numberedLinesOf(text);
    const again = repeated(given, (line) => line.split('=')[0] ?? '');
    if (given.length > MAX_HOSTS) return invalid(allowed);
    if (again !== undefined) return invalid(allowed, again);
    return eachLine(text, exposureOf, allowed);
  },
);

const EXPOSURE = /^([^=]+)=(?:([a-z0-9-]+)\/(?=[a-z]))?([a-z][a-z0-9-]*)(?::([a-z0-9-]+))?(\/.*)?$/;

function exposureOf(line: string): Exposure | null {
  const [, host = '', namespace = null, service = '', port = null, path = '/'] = EXPOSURE.exec(line) ?? [];
  if (!HOST_NAME.test(host) || !isRequestPath(path)) return null;
  return { host, namespace, service, port, path };
}

/** What to profile, and how. */
export interface ProfileSource {
  /** The workload, by the name of its Deployment, StatefulSet, DaemonSet or Pod in each version. */
  readonly workload: string;
  readonly from: { readonly port: number; readonly path: string } | { readonly command: string };
}

/** Workloads to profile, one per line. */
export const profileSources: Format<readonly ProfileSource[]> = format(
  { placeholder: 'workload=source', schema: LINE, several: true },
  (text) => {
    const allowed =
      'lines such as shop=:6060/debug/pprof/profile or shop=exec: py-spy record --pid 1 --duration {seconds} --format raw --output /dev/stdout: the name of a workload, then a port with a path, or a command that prints the profile; no workload twice, ' +
      `at most ${String(MAX_LINES)}`;
    const given = numberedLinesOf(text);
    const again = repeated(given, (line) => line.split('=')[0] ?? '');
    if (given.length > MAX_LINES) return invalid(allowed);
    if (again !== undefined) return invalid(allowed, again);
    return eachLine(text, profileSourceOf, allowed);
  },
);

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

/** Lines of text without duplicates. */
export function lines(each: Format<string>, allowed: string): Format<readonly string[]> {
  return format({ ...each.shape, several: true }, (text) => {
    const given = numberedLinesOf(text);
    const again = repeated(given);
    const wrong = given.filter((line) => line === again || 'faults' in each(line.text));
    return wrong.length > 0 || given.length > MAX_LINES
      ? invalid(`${allowed}, one per line, none twice, at most ${String(MAX_LINES)}`, ...wrong)
      : valid(given.map((line) => line.text));
  });
}

/** A share as a percentage: `5%` is 0.05. */
export function percentage(min: number, max: number): Format<number> {
  const pattern = /^(\d{1,3}(?:\.\d{1,3})?) ?%$/;
  return format({ placeholder: 'percent', schema: { ...TEXT, pattern: pattern.source } }, (text) => {
    const value = pattern.exec(text)?.[1];
    return value !== undefined && Number(value) >= min && Number(value) <= max
      ? valid(Number(value) / 100)
      : invalid(`a percentage from ${String(min)}% to ${String(max)}%, such as 5%`);
  });
}

const MOST_ROUNDS = 400;
const ROUNDS: Shape = {
  placeholder: 'count',
  schema: { type: 'integer', minimum: FEWEST_ROUNDS, maximum: MOST_ROUNDS, multipleOf: 2 },
};

/** Rounds of a comparison: an even number, because they are judged in pairs. */
export const rounds: Format<number> = format(ROUNDS, (text) => {
  const value = Number(text);
  return /^\d{1,3}$/.test(text) && value % 2 === 0 && value >= FEWEST_ROUNDS && value <= MOST_ROUNDS
    ? valid(value)
    : invalid(`an even number from ${String(FEWEST_ROUNDS)} to ${String(MOST_ROUNDS)}`);
});

/** Host names one per line. */
export const hostNames: Format<readonly string[]> = format(
  { placeholder: 'host', schema: TEXT, several: true },
  (text) => {
    return eachLine(
      text,
      (name) => (HOST_NAME.test(name) ? name : null),
      'one host name per line in lower case; no pattern, path or port',
    );
  },
);

/** An address, with port 80 if none is given. */
export const ingressAddress: Format<Endpoint> = format({ placeholder: 'address', schema: TEXT }, (text) => {
  const address = parseAddress(text);
  return address === null
    ? invalid('an IP address or a host name, optionally with a port (10.0.0.5:8080)')
    : valid(address);
});

/** Rules in k6's syntax, one per line, and all invalid lines. */
export const thresholds: Format<readonly Threshold[]> = format(
  { placeholder: 'rule', schema: LINE, several: true },
  (text) => {
    const { thresholds: rules, faults } = parseThresholds(text);
    const given = text.split('\n');
    return faults.length === 0
      ? valid(rules)
      : {
          faults: faults.map(({ line, message }) => ({
            allowed: message,
            line: { number: line, text: (given[line - 1] ?? '').trim() },
          })),
        };
  },
);
