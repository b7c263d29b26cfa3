import { readText, writeFileAtomically } from '../../adapters/files.ts';
import { withoutSecrets } from '../../adapters/secrets.ts';
import { RUNNER_NAMESPACE, testRunObjects } from '../../cluster/k6/test-run.ts';
import { toJson, toYaml } from '../../cluster/manifests.ts';
import { type Context, kubectlOf, outputPath } from '../../context.ts';
import { connectionOptions, k6Script, scriptVariables } from '../../load/k6/k6-script.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import { schemeOfTarget } from '../../load/requests/targets.ts';
import { askedText, type Endpoint } from '../../model/endpoint.ts';

const APPLY_DEADLINE_MS = 30_000;

/**
 * Creates the TestRun; the operator does the rest. The object is also written to the output folder, without secrets.
 */
export async function createTestRun(context: Context, name: string, plan: LoadPlan, endpoint: Endpoint): Promise<void> {
  const { inputs, runner } = context;
  const { parallelism, 'k6-script': script } = inputs;
  const objects = testRunObjects({
    name,
    parallelism,
    // Each runner sends its script's warm-up.
    script:
      script === null
        ? k6Script({ ...plan, warmupRequests: Math.ceil(plan.warmupRequests / parallelism) }, endpoint, 'lines')
        : readText(script),
    connection: connectionOptions(plan, endpoint),
    authorities: endpoint.tls?.authorities ?? [],
    variables: script === null ? {} : scriptVariables(plan, endpoint),
    samples: script !== null,
  });
  writeFileAtomically(outputPath(context, 'k6', 'test-run.yaml'), withoutSecrets(toYaml(objects)));
  await kubectlOf(context).apply(toJson(objects), APPLY_DEADLINE_MS);
  runner.info(
    `${String(parallelism)} k6 in pods of namespace ${RUNNER_NAMESPACE} send the load to ${askedText(endpoint, plan.targets.map(schemeOfTarget))}`,
  );
}
