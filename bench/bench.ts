import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { accuracyTable, benchAccuracy } from './accuracy.ts';
import { benchCapacity, capacityTable } from './capacity.ts';
import { benchCapacityComparison, capacityComparisonTable } from './capacity-comparison.ts';
import { COMPARISON_BENCHES } from './comparison.ts';
import { benchCosts, costsTable } from './costs.ts';
import { benchGeneratorLimit, generatorLimitTable } from './generator-limit.ts';
import { benchHalfRate, halfRateTable } from './half-rate.ts';
import { benchHttp2, benchHttps, startSecureNginx } from './https.ts';
import { benchIngress, ingressTable } from './ingress.ts';
import { isInstalled, pinning, priority, startNginx } from './machine.ts';
import { benchMemory, memoryTable } from './memory.ts';
import { benchScaling, scalingTable } from './scaling.ts';
import { benchShortLoads, shortLoadsTable } from './short-loads.ts';
import { benchStartUp, startUpTable } from './start-up.ts';
import { benchThroughput, throughputTable } from './throughput.ts';
import { benchWhole, wholeTable } from './whole.ts';

/**
 * `npm run bench [-- PART…] [--rounds 5] [--seconds 3] [--connections 50]`, the parts being costs,
 * start-up, throughput, half-rate, short-loads, memory, https, http2, accuracy, generator-limit, capacity, capacity-comparison and comparison, and `ingress --port P --host H
 * [--scheme https] [--generators wrk,ours]` for the ingress of a running cluster, and two that make clusters: `whole` for the time from nothing
 * to the first result, and `scaling [--nodes 1,3]` for how the cost grows; like the next ones they go on from call to call. The comparison has parts of its own (comparison-intervals,
 * -false-alarms, -boundary, -power, -starts, -starts-changed, -starts-alone, -failures, -requests, -detectable, -echo), with [--replications 1000] and, for the echo services,
 * [--minutes 15]; a further call goes on with those where the last one ended. Prints a table for each and writes
 * artifacts/bench.json. Only 127.0.0.1 is
 * asked for anything. Peers that are not on PATH are skipped with a line that says how to get them.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
    requests: { type: 'string', default: '10000,100000,1000000,5000000' },
    generators: { type: 'string', default: 'wrk,ours,hey,k6' },
    host: { type: 'string', default: 'foo.localhost' },
    port: { type: 'string', default: '18480' },
    scheme: { type: 'string', default: 'http' },
    replications: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '15' },
    nodes: { type: 'string', default: '0,1,3,5' },
  },
});
const PARTS = [
  'costs',
  'start-up',
  'throughput',
  'half-rate',
  'short-loads',
  'memory',
  'https',
  'http2',
  'accuracy',
  'generator-limit',
  'capacity',
  'capacity-comparison',
  'ingress',
  'whole',
  'scaling',
  'comparison',
  ...COMPARISON_BENCHES.map(({ part }) => part),
];
const unknown = positionals.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);
const { scheme } = values;
if (scheme !== 'http' && scheme !== 'https') throw new Error(`--scheme is ${scheme}; allowed: http, https`);
const port = Number(values.port);
const rounds = Number(values.rounds);
const settings = {
  port,
  host: values.host,
  scheme: 'http' as const,
  connections: Number(values.connections),
  seconds: Number(values.seconds),
  pinned: true,
};
// What needs a cluster or makes some is only done when it is asked for.
const wants = (part: string): boolean =>
  (positionals.length === 0 && !['ingress', 'whole', 'scaling'].includes(part)) || positionals.includes(part);
const results: Record<string, unknown> = {
  cpu: cpus()[0]?.model,
  cpus: cpus().length,
  node: process.version,
  pinning,
  settings,
};

function publish<T>(part: string, title: string, result: T, render: (result: T) => string): void {
  results[part] = result;
  console.log(`\n## ${title}\n\n${render(result)}`);
}

async function withNginx(ahead: boolean, bench: () => Promise<void>): Promise<void> {
  const nginx = await startNginx(port, ahead);
  try {
    await bench();
  } finally {
    await nginx.stop();
  }
}

console.log(`${String(results['cpu'])}, ${String(results['cpus'])} CPUs, node ${process.version}; ${pinning}`);
if (wants('costs')) publish('costs', 'Cost per request of our parts', benchCosts(), costsTable);

if (wants('generator-limit'))
  publish(
    'generator-limit',
    `What the generator adds, ${priority}`,
    await benchGeneratorLimit(port, rounds),
    generatorLimitTable,
  );

if (wants('start-up'))
  publish('start-up', `Start-up, ${values.rounds} rounds`, await benchStartUp(rounds), startUpTable);

const needNginx = ['throughput', 'half-rate', 'short-loads', 'memory'].filter(wants);
if (needNginx.length > 0 && !isInstalled('nginx')) {
  console.log(`${needNginx.join(', ')} skipped, since nginx is not on PATH: apt-get install nginx-light`);
} else if (needNginx.length > 0) {
  if (needNginx.some((part) => part !== 'half-rate'))
    await withNginx(false, async () => {
      if (wants('throughput')) {
        const title = `Requests per second, closed model, ${values.connections} connections, ${values.rounds} rounds of ${values.seconds} s`;
        publish('throughput', title, await benchThroughput(settings, rounds), throughputTable);
      }
      if (wants('short-loads'))
        publish(
          'short-loads',
          `Short loads, ${String(rounds)} rounds`,
          await benchShortLoads(settings, rounds),
          shortLoadsTable,
        );
      if (wants('memory'))
        publish('memory', 'Memory', await benchMemory(port, values.requests.split(',').map(Number)), memoryTable);
    });
  if (wants('half-rate'))
    await withNginx(true, async () => {
      publish(
        'half-rate',
        `Open model at half of the own maximum; ${priority}`,
        await benchHalfRate(settings, rounds),
        halfRateTable,
      );
    });
}
for (const [part, bench, reference] of [
  ['https', benchHttps, 'wrk'],
  ['http2', benchHttp2, 'h2load'],
] as const) {
  if (!wants(part)) continue;
  if (!isInstalled('nginx')) {
    console.log(`${part} skipped, since nginx is not on PATH: apt-get install nginx-light`);
    continue;
  }
  const nginx = await startSecureNginx(port);
  try {
    for (const [what, result] of Object.entries(await bench(settings, rounds)))
      publish(
        `${part}, ${what}`,
        `${part}, ${what}, ${values.connections} users, ${values.rounds} rounds`,
        result,
        () => throughputTable(result, reference),
      );
  } finally {
    await nginx.stop();
  }
}
if (wants('accuracy'))
  publish(
    'accuracy',
    `Accuracy: what was measured and what the server did`,
    await benchAccuracy(port + 1),
    accuracyTable,
  );
if (wants('capacity'))
  publish(
    'capacity',
    'Capacity: what a search found and what is known',
    await benchCapacity(port + 2, Math.ceil(Number(values.replications) / 2)),
    capacityTable,
  );
if (wants('capacity-comparison'))
  publish(
    'capacity-comparison',
    'Capacities of two versions, simulated',
    await benchCapacityComparison(Math.ceil(Number(values.replications) / 5)),
    capacityComparisonTable,
  );
if (wants('ingress')) {
  const title = `Through the ingress over ${scheme}, all on the same cores, closed model, ${values.connections} connections, ${values.rounds} rounds of ${values.seconds} s`;
  publish(
    'ingress',
    title,
    await benchIngress(
      { ...settings, scheme: values.scheme === 'https' ? 'https' : 'http', pinned: false },
      rounds,
      values.generators.split(','),
    ),
    ingressTable,
  );
}
if (wants('whole'))
  publish(
    'whole',
    'From nothing to the first result, on a cluster of three nodes',
    await benchWhole(rounds),
    wholeTable,
  );
if (wants('scaling'))
  publish(
    'scaling',
    'How the cost grows, the last lines without a cluster',
    await benchScaling(values.nodes.split(',').map(Number)),
    scalingTable,
  );
for (const { part, title, run } of COMPARISON_BENCHES) {
  if (!wants('comparison') && !positionals.includes(part)) continue;
  const { result, text } = await run(Number(values.replications), Number(values.minutes));
  publish(part, title, result, () => text);
}

await mkdir('artifacts', { recursive: true });
await writeFile('artifacts/bench.json', `${JSON.stringify(results, null, 2)}\n`);
