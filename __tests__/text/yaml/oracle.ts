import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDocuments } from '../../../src/text/yaml/documents.ts';
import { readJson, writeJson } from '../../../src/text/yaml/json.ts';
import type { Json } from '../../../src/text/yaml/read.ts';

const MODULE = fileURLToPath(new URL('oracle/', import.meta.url));

/** Whether the oracle can be built on this machine. */
export const HAS_GO = spawnSync('go', ['version']).status === 0;

/** A program made of the packages with which kubectl reads files. */
export class Oracle {
  readonly #folder = mkdtempSync(join(tmpdir(), 'yaml-oracle-'));
  readonly #program = join(this.#folder, 'oracle');

  constructor() {
    const { status, stderr } = spawnSync('go', ['build', '-o', this.#program, '.'], { cwd: MODULE, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the oracle can't be built: ${stderr}`);
  }

  /** For each file the JSON of its documents, with sorted keys, one per line; null for one that is refused. */
  async read(files: readonly string[]): Promise<(string | null)[]> {
    const program = spawn(this.#program, { stdio: ['pipe', 'pipe', 'inherit'] });
    program.stdin.end(files.map((text) => JSON.stringify(text)).join('\n'));
    const chunks: Buffer[] = [];
    for await (const chunk of program.stdout) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
    if (lines.length !== files.length)
      throw new Error(`the oracle answered ${String(lines.length)} of ${String(files.length)} questions`);
    return lines.map((line) => {
      const { documents } = readJson(line) as { documents: Json[] | null };
      return documents === null ? null : canonical(documents);
    });
  }

  /**
   * Compares our reader with the oracle.
   *
   * @returns a sentence for each file that is not read alike, or not refused alike.
   */
  async differences(files: readonly string[]): Promise<string[]> {
    const answers = await this.read(files);
    const found: string[] = [];
    for (const [index, text] of files.entries()) {
      const ours = readOrNull(text);
      if (ours === answers[index] || (await this.#mayAnswer(text, ours))) continue;
      found.push(`${JSON.stringify(text)}\n  ours:    ${String(ours)}\n  kubectl: ${String(answers[index])}`);
    }
    return found;
  }

  /** Where both `1` and `"1"` are keys of one mapping, chance decides which of them kubectl keeps. */
  async #mayAnswer(text: string, answer: string | null): Promise<boolean> {
    return answer !== null && (await this.read(Array.from({ length: 30 }, () => text))).includes(answer);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** What our reader makes of a file, in the words of the oracle. */
export function readOrNull(text: string): string | null {
  let documents;
  try {
    documents = readDocuments(text);
  } catch (error) {
    if ((error as Error).name !== 'YamlError') throw error;
    return null;
  }
  return canonical(documents.map(({ value }) => value));
}

const canonical = (documents: readonly Json[]): string => documents.map((value) => writeJson(sorted(value))).join('\n');

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
