import { execFileSync } from 'node:child_process';

const docker = (...args: string[]): string[] =>
  execFileSync('docker', args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();

/** What a run could leave behind on this machine. */
export interface Leftovers {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

export const machineState = (): Leftovers => ({
  containers: docker('ps', '--all', '--format', '{{.Names}}'),
  networks: docker('network', 'ls', '--format', '{{.Name}}'),
  volumes: docker('volume', 'ls', '--format', '{{.Name}}'),
});
