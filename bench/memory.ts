import { benchPlan, runEngine } from './generators.ts';
import { table } from './statistics.ts';

export interface MemoryResult {
  readonly requests: number;
  readonly rssBytes: number;
}

const SLOWEST_PER_SECOND = 2000;

/** Memory of the engine's process after so many requests; it must not grow with them. */
export async function benchMemory(port: number, counts: readonly number[]): Promise<MemoryResult[]> {
  const results: MemoryResult[] = [];
  for (const requests of counts) {
    console.error(`${String(requests)} requests`);
    const plan = benchPlan({ requests, warmupRequests: 50 });
    const { rssBytes } = await runEngine('fast', port, plan, 20_000 + (requests / SLOWEST_PER_SECOND) * 1000);
    results.push({ requests, rssBytes });
  }
  return results;
}

export function memoryTable(results: readonly MemoryResult[]): string {
  return table(
    ['requests', 'RSS MB'],
    results.map(({ requests, rssBytes }) => [requests.toLocaleString('en'), (rssBytes / 1e6).toFixed(0)]),
  );
}
