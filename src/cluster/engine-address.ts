/** Names of this machine in an address. */
const THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Whether an address of a Docker engine, as DOCKER_HOST has it, is that of another machine. Sockets and pipes are of this
 * one, if maybe of a virtual machine in it that forwards its ports.
 */
export function otherMachine(address: string): boolean {
  if (address.startsWith('ssh://')) return true;
  const [, host] = /^(?:tcp|https?):\/\/(\[[^\]]*\]|[^:/]*)/.exec(address) ?? [];
  return host !== undefined && host !== '' && !THIS_MACHINE.test(host) && host !== '0.0.0.0';
}
