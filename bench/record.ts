import { appendFile, mkdir, readFile } from 'node:fs/promises';

/** Results of earlier calls: what takes long is made in several parts, each of which may be broken off. */
export interface BenchRecord<Run> {
  all(): Promise<Run[]>;
  add(run: Run): Promise<void>;
}

/** @param name of the record among the artifacts, such as `bench-whole`. */
export function benchRecord<Run>(name: string): BenchRecord<Run> {
  const file = `artifacts/${name}.jsonl`;
  return {
    all: async () => {
      const text = await readFile(file, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Run);
    },
    add: async (run) => {
      await mkdir('artifacts', { recursive: true });
      await appendFile(file, `${JSON.stringify(run)}\n`);
    },
  };
}
