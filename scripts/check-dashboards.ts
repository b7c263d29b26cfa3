/**
 * Sends every query of the dashboards to the Prometheus of a cluster that is under load, and fails when one is
 * refused, answered with nothing, or has a legend that no answer has the labels for:
 *
 *   npx tsx scripts/check-dashboards.ts artifacts/kubeconfig [kubectl]
 */
import { openKubectl } from '../src/adapters/commands/kubectl.ts';
import { openShell } from '../src/adapters/commands/shell.ts';
import { queryNow } from '../src/adapters/prometheus.ts';
import { OWN_PROMETHEUS } from '../src/cluster/prometheus-service.ts';
import { messageOf } from '../src/errors.ts';
import { DASHBOARDS, expressionsOf } from './dashboards.ts';

const [kubeconfig, kubectlPath = 'kubectl'] = process.argv.slice(2);
if (kubeconfig === undefined) throw new Error('Give the path of a kubeconfig');
const kubectl = openKubectl(openShell({ signal: AbortSignal.timeout(120_000) }), kubectlPath, kubeconfig);

let failed = 0;
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  for (const { title, expr, labels } of expressionsOf(dashboard)) {
    // As Grafana does in a window of a few minutes, with the shortest rate that covers cAdvisor's pauses.
    const query = expr.replaceAll('$__rate_interval', '30s').replaceAll('$namespace', '.+');
    const found = await queryNow(kubectl, OWN_PROMETHEUS, query).catch((error: unknown) => messageOf(error));
    const values = typeof found === 'string' ? [] : found.filter(({ value }) => Number.isFinite(value));
    const unknown = labels.filter((label) => !values.some((one) => label in one.labels));
    const good = values.length > 0 && unknown.length === 0;
    if (!good) failed += 1;
    const answer =
      typeof found === 'string'
        ? found
        : `${String(values.length)} of ${String(found.length)} series with a value${unknown.length === 0 ? '' : `, none with the label ${unknown.join(', ')}`}`;
    process.stdout.write(`${good ? 'ok  ' : 'FAIL'} ${name} / ${title}: ${answer}${good ? '' : `\n     ${query}`}\n`);
  }
}
if (failed > 0) process.stderr.write(`${String(failed)} queries have no good answer\n`);
process.exitCode = failed > 0 ? 1 : 0;
