import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from './files.ts';

/** Who wrote a file, and where. */
export interface Origin {
  /** Tells machines and users apart; nobody who did not work here could know it. */
  readonly machine: string;
  /** The number of the user; null where users have none. */
  readonly user: number | null;
}

/** Of this machine and user. */
export function originHere(env: NodeJS.ProcessEnv = process.env): Origin {
  const machine = createHash('sha256')
    .update(JSON.stringify([machineId(), ownSecret(env)]))
    .digest('hex')
    .slice(0, 32);
  return { machine, user: process.getuid?.() ?? null };
}

function machineId(): string {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    const id = textOf(file);
    if (id !== '') return id;
  }
  return '';
}

/**
 * A random text in the user's cache, created by the first run: files that a stranger put into a repository can't
 * contain it.
 */
function ownSecret(env: NodeJS.ProcessEnv): string {
  const file = join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'k8s-loadtest-ci', 'origin');
  const known = textOf(file);
  if (known !== '') return known;
  try {
    writeFileAtomically(file, `${randomUUID()}\n`, { mode: 0o600 });
    // Another run may have been faster.
    return textOf(file);
  } catch {
    return hostname();
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Why a file may contain what another user wrote, as part of a sentence; null when it can't. */
export function whyOfOthers(file: string): string | null {
  const { uid, mode } = statSync(file);
  if (process.getuid !== undefined && uid !== process.getuid()) return 'it belongs to another user';
  return (mode & 0o002) === 0 ? null : 'every user may write to it';
}
