import { StageError } from '../errors.ts';

/** Names of this machine in an address. */
const THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|\[::\])$/i;

/**
 * Whether an address of a Docker engine, as DOCKER_HOST has it, is that of another machine. Sockets and pipes are of
 * this one, if maybe of a virtual machine in it that forwards its ports.
 *
 * @param own further names and addresses of this machine.
 */
export function otherMachine(address: string, own: readonly string[] = []): boolean {
  if (address.startsWith('ssh://')) return true;
  const [, host] = /^(?:tcp|https?):\/\/(\[[^\]]*\]|[^:/]*)/.exec(address) ?? [];
  if (host === undefined || host === '' || THIS_MACHINE.test(host)) return false;
  return !own.includes(host.replace(/^\[|\]$/g, ''));
}

/** The engine exists, but what it publishes on 127.0.0.1 can't be reached on 127.0.0.1 of this program. */
export const engineElsewhere = (message: string, hint: string): StageError =>
  new StageError('docker-elsewhere', message, {
    hint,
    tryThis: "docker context inspect --format '{{.Endpoints.docker.Host}}'",
  });
