import { isRequestPath, PATH_CHARACTERS, type RequestContent, type Target } from '../../load/requests/plan.ts';
import { textsIn } from '../../load/requests/template.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';

/** Where a sender connects, and what it may request there. */
export interface HttpSenderSettings {
  readonly endpoint: Endpoint;
  readonly targets: readonly Target[];
  /** The number of connections; each is opened when it is first needed. */
  readonly connections: number;
  /** From sending a request to the last byte of its answer. */
  readonly requestTimeoutMs: number;
  /** As in the plan of the load. */
  readonly httpVersion?: 1 | 2 | undefined;
  /** As in the plan of the load. */
  readonly streams?: number | undefined;
}

/**
 * Refuses a target that must use HTTPS where nothing accepts TLS, because plain HTTP would measure something else.
 *
 * @throws Error that names the host.
 */
export function refuseWithoutTls({ host, scheme }: Pick<Target, 'host' | 'scheme'>, endpoint: Endpoint): void {
  if (scheme === 'https' && endpoint.tls === undefined)
    throw new Error(`https://${host} can't be loaded at ${endpointText(endpoint)}: no HTTPS port is known there`);
}

/**
 * Refuses a target that can't be part of a request as it is; its text could end a header early.
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
      `The path ${JSON.stringify(target.path)} can't be requested: it must begin with / and contain only ASCII characters, without spaces or #`,
    );
  }
}

/** Every text that can be part of a request, including those that a placeholder may choose. */
function refuseUnsendableContent({ path, headers }: RequestContent): void {
  const inPath = textsIn(path);
  const [first] = path;
  // A value at the beginning becomes a path once it is known.
  const beginsWell = typeof first === 'object' && first.kind === 'value' ? true : inPath[0]?.startsWith('/') === true;
  if (!beginsWell || !inPath.every((text) => PATH_CHARACTERS.test(text))) {
    throw new Error(
      `The path ${JSON.stringify(inPath.join(''))} can't be requested: it must begin with / and contain only ASCII characters, without spaces or #`,
    );
  }
  for (const [name, value] of headers) {
    if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name) && textsIn(value).every((text) => /^[\t -~]*$/.test(text))) continue;
    throw new Error(
      `The header ${JSON.stringify(name)} can't be sent: its value must be one line of printable ASCII characters`,
    );
  }
}

/** The expected text of a target as bytes; null when there is none. */
export function expectedBytes(target: Target): Buffer | null {
  return target.expectedText === undefined || target.expectedText === '' ? null : Buffer.from(target.expectedText);
}
