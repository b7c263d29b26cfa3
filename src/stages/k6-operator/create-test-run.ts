import { readText, writeFileAtomically } from '../../adapters/files.ts';
import { addressText, type IngressAddress } from '../../cluster/ingress-address.ts';
import { RUNNER_NAMESPACE, testRunObjects } from '../../cluster/k6/test-run.ts';
import { toYaml } from '../../cluster/manifests.ts';
import { type Context, kubectlOf, outputPath } from '../../context.ts';
import { hostTable, k6Script, scriptVariables } from '../../load/k6/k6-script.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';

const APPLY_DEADLINE_MS = 30_000;

/** Creates the TestRun, after which the operator does the rest. What was created can be read in the output folder. */
export async function createTestRun(
  context: Context,
  name: string,
  plan: LoadPlan,
  ingress: IngressAddress,
): Promise<void> {
  const { inputs, runner } = context;
  const { parallelism, 'k6-script': script } = inputs;
  const address = addressText(ingress);
  const objects = testRunObjects({
    name,
    parallelism,
    // Each runner sends the warm-up of its script.
    script:
      script === null
        ? k6Script({ ...plan, warmupRequests: Math.ceil(plan.warmupRequests / parallelism) }, address, 'lines')
        : readText(script),
    hosts: hostTable(plan, address),
    variables: script === null ? {} : scriptVariables(plan, ingress.port),
    samples: script !== null,
  });
  writeFileAtomically(outputPath(context, 'k6', 'test-run.yaml'), toYaml(objects));
  await kubectlOf(context).apply(toYaml(objects), APPLY_DEADLINE_MS);
  runner.info(`${String(parallelism)} k6 in pods of namespace ${RUNNER_NAMESPACE} send the load to ${address}`);
}
