import { isRequestPath, PATH_CHARACTERS, type RequestContent, type Target } from '../../load/requests/plan.ts';
import { textsIn } from '../../load/requests/template.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';

/** Where a sender connects to, and what it may ask there. */
export interface HttpSenderSettings {
  readonly endpoint: Endpoint;
  readonly targets: readonly Target[];
  /** How many connections are used, each opened when it is first needed. */
  readonly connections: number;
  /** From sending a request to the last byte of its answer. */
  readonly requestTimeoutMs: number;
  /** As in the plan of the load. */
  readonly httpVersion?: 1 | 2 | undefined;
  /** As in the plan of the load. */
  readonly streams?: number | undefined;
}

/**
 * Refuses a target that is to be asked over HTTPS where nothing speaks TLS. To ask it over plain HTTP would measure
 * something else.
 *
 * @throws Error that names the host.
 */
export function refuseWithoutTls({ host, scheme }: Pick<Target, 'host' | 'scheme'>, endpoint: Endpoint): void {
  if (scheme === 'https' && endpoint.tls === undefined)
    throw new Error(`https://${host} can't be asked at ${endpointText(endpoint)}: no port for HTTPS is known there`);
}

/**
 * Refuses a target that can't stand in a request as it is; its text could otherwise end a header early.
 *
 * @throws Error that names the target and what is allowed.
 */
export function refuseUnsendable(target: Pick<Target, 'host' | 'path' | 'content'>): void {
  if (!/^[\w.:[\]-]+$/.test(target.host)) {
    throw new Error(
      `The host ${JSON.stringify(target.host)} can't be sent as a Host header: letters, digits, dots, hyphens and a port are allowed`,
    );
  }
  if (target.content !== undefined) refuseUnsendableContent(target.content);
  else if (!isRequestPath(target.path)) {
    throw new Error(
      `The path ${JSON.stringify(target.path)} can't be requested: it must begin with / and hold no space, no # and only ASCII characters`,
    );
  }
}

/** Every text that may come into a request, also those that a placeholder may choose. */
function refuseUnsendableContent({ path, headers }: RequestContent): void {
  const inPath = textsIn(path);
  const [first] = path;
  // A value in the first place is made a path when it is known.
  const beginsWell = typeof first === 'object' && first.kind === 'value' ? true : inPath[0]?.startsWith('/') === true;
  if (!beginsWell || !inPath.every((text) => PATH_CHARACTERS.test(text))) {
    throw new Error(
      `The path ${JSON.stringify(inPath.join(''))} can't be requested: it must begin with / and hold no space, no # and only ASCII characters`,
    );
  }
  for (const [name, value] of headers) {
    if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name) && textsIn(value).every((text) => /^[\t -~]*$/.test(text))) continue;
    throw new Error(
      `The header ${JSON.stringify(name)} can't be sent: its value must be one line of printable ASCII characters`,
    );
  }
}

/** The expected text of a target as the bytes that are looked for; null when there is none. */
export function expectedBytes(target: Target): Buffer | null {
  return target.expectedText === undefined || target.expectedText === '' ? null : Buffer.from(target.expectedText);
}
