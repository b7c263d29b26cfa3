import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { oneLine } from '../../text/lines.ts';
import { withDeadline } from '../deadline.ts';

export interface ArtifactOptions {
  readonly name: string;
  /** Absolute paths, all below rootDirectory. */
  readonly files: readonly string[];
  readonly rootDirectory: string;
  readonly retentionDays?: number | undefined;
  /**
   * For an artifact that others find by its name, so it gets exactly this name or none. One from an earlier attempt of
   * the run, before this time, is replaced; null when there was no earlier attempt. Without this option, an artifact
   * whose name another job or step of the run has taken gets a number.
   */
  readonly replaces?: { readonly before: Date | null } | undefined;
  /** Secrets: a file that contains one is not uploaded. */
  readonly secrets?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log?: ((line: string) => void) | undefined;
}

export type ArtifactOutcome =
  | { readonly url: string | null; readonly id: number | null; /** The name that it got. */ readonly name: string }
  | { readonly skipped: string };

/** More parts of one run with the same name than anybody intends. */
const MOST_OF_A_NAME = 20;

const TIMEOUT_MS = 120_000;

/**
 * Uploads files as an artifact of the run. Without a runner, on GitHub Enterprise Server, and when the upload fails, it
 * returns the reason, for a notice: the files themselves are still there.
 */
export async function uploadArtifact(options: ArtifactOptions): Promise<ArtifactOutcome> {
  const { rootDirectory, retentionDays, clock, signal, log = ignore } = options;
  const reason = whyNotHere();
  if (reason !== null) return { skipped: reason };
  try {
    const files = await presentable(options.files, rootDirectory, options.secrets ?? [], log);
    if (files.length === 0) return { skipped: 'There is no file to upload.' };
    const { ArtifactNotFoundError, DefaultArtifactClient } = await import('@actions/artifact');
    const client = new DefaultArtifactClient();
    const name = acceptedName(options.name);
    const { replaces } = options;
    if (replaces?.before instanceof Date) {
      const { before } = replaces;
      const removal = client
        .getArtifact(name)
        .then(async ({ artifact: { createdAt } }) => {
          if (createdAt === undefined || createdAt < before) await client.deleteArtifact(name);
        })
        .catch((error: unknown) => {
          if (!(error instanceof ArtifactNotFoundError)) throw error;
        });
      await withDeadline(removal, TIMEOUT_MS, { clock, signal });
    }
    for (let place = 1; ; place += 1) {
      const given = furtherName(name, place);
      const upload = client.uploadArtifact(
        given,
        files,
        rootDirectory,
        retentionDays === undefined ? {} : { retentionDays },
      );
      try {
        const { id } = await withDeadline(upload, TIMEOUT_MS, { clock, signal });
        return { id: id ?? null, url: artifactUrl(id), name: given };
      } catch (error) {
        if (!isTaken(error)) throw error;
        if (replaces !== undefined)
          return { skipped: `Another job or step of this run uploaded an artifact ${name}: give each its own name.` };
        if (place === MOST_OF_A_NAME) throw error;
      }
    }
  } catch (error) {
    const message = signal.aborted ? 'the run was cancelled' : messageOf(error);
    return { skipped: `The upload failed (${oneLine(message)}). The files are still on the runner.` };
  }
}

const ignore = (): void => undefined;

/** Two calls of one reusable workflow, and two steps with the same name, can't be told apart before. */
const furtherName = (name: string, place: number): string => (place === 1 ? name : `${name}-${String(place)}`);

/** The client only has the service's message. */
const isTaken = (error: unknown): boolean => /already exists|\(409\)/i.test(messageOf(error));

function whyNotHere(): string | null {
  const { ACTIONS_RUNTIME_TOKEN, ACTIONS_RESULTS_URL } = process.env;
  if (!ACTIONS_RUNTIME_TOKEN || !ACTIONS_RESULTS_URL) {
    return 'This is not a GitHub runner (ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL are not set).';
  }
  const host = new URL(serverUrl()).hostname.toLowerCase();
  // The same check as in @actions/artifact, which would print its own warning.
  if (host === 'github.com' || host.endsWith('.ghe.com') || host.endsWith('.localhost')) return null;
  return (
    'GitHub Enterprise Server does not support the artifact service that this action uses. ' +
    'Upload the folder of the `output-dir` input with `actions/upload-artifact@v3` in a separate step.'
  );
}

function serverUrl(): string {
  const url = process.env['GITHUB_SERVER_URL'];
  return url !== undefined && URL.canParse(url) ? url : 'https://github.com';
}

function artifactUrl(id: number | undefined): string | null {
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  if (id === undefined || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return null;
  return `${new URL(serverUrl()).origin}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/artifacts/${String(id)}`;
}

const LONGEST_NAME = 200;
const DEFAULT_NAME = 'load-test';

/** A name that the service accepts: it refuses names that Windows does not allow. */
export function acceptedName(name: string): string {
  const safe = name
    .replace(/[":<>|*?\\/\p{C}]+/gu, '-')
    .slice(0, LONGEST_NAME)
    // The cut may split a pair of surrogates.
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
  return safe === '' ? DEFAULT_NAME : safe;
}

const FORBIDDEN_IN_PATH = /[":<>|*?\r\n]/;
const CREDENTIALS = /client-key-data:|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** An artifact of a public repository is public, so files that look like credentials are not uploaded. */
async function presentable(
  files: readonly string[],
  rootDirectory: string,
  secrets: readonly string[],
  log: (line: string) => void,
): Promise<string[]> {
  const kept = [];
  for (const file of files) {
    const reason = await whyLeftOut(file, rootDirectory, secrets);
    if (reason === null) kept.push(file);
    else log(`Left out of the artifact: ${oneLine(relative(rootDirectory, file))} ${reason}`);
  }
  return kept;
}

async function whyLeftOut(file: string, rootDirectory: string, secrets: readonly string[]): Promise<string | null> {
  if (FORBIDDEN_IN_PATH.test(relative(rootDirectory, file))) return 'has a name that the artifact service refuses';
  let content: string;
  try {
    // Every byte is one character, so that no text of a secret can hide behind an invalid one.
    content = await readFile(file, 'latin1');
  } catch {
    return 'cannot be read';
  }
  const known = secrets.filter((secret) => secret !== '').map((secret) => Buffer.from(secret).toString('latin1'));
  return CREDENTIALS.test(content) || known.some((secret) => content.includes(secret)) ? 'holds a credential' : null;
}
