import { exists, isFolder } from '../../adapters/files.ts';
import { isChart } from '../../adapters/manifest-files.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Inputs } from '../../inputs/table.ts';

/** The Helm charts among the manifests of both versions. */
export const chartsIn = (inputs: Pick<Inputs, 'manifests' | 'baseline-manifests'>): string[] =>
  [...inputs.manifests, ...inputs['baseline-manifests']].filter(isChart);

/** The inputs for the charts of each version. */
export const CHART_INPUTS = {
  head: { manifests: 'manifests', values: 'helm-values', set: 'helm-set', release: 'helm-release' },
  base: {
    manifests: 'baseline-manifests',
    values: 'baseline-helm-values',
    set: 'baseline-helm-set',
    release: 'baseline-helm-release',
  },
} as const;

/**
 * Chart values have a chart that they are for, and their files exist. Values of charts in a kustomization are in its
 * own file.
 *
 * @throws StageError `input-invalid` with every fault.
 */
export function checkCharts(context: Context): void {
  const { inputs } = context;
  const faults = Object.values(CHART_INPUTS).flatMap(({ manifests, values, set, release }) => {
    const charts = inputs[manifests].filter(isChart);
    const given = ([values, set, release] as const).filter((name) => (inputs[name] ?? '').length > 0);
    if (charts.length === 0 && inputs[manifests].length > 0)
      return given.map(
        (name) => `Input ${name} is for a Helm chart, but ${inputs[manifests].join(', ')} has no Chart.yaml.`,
      );
    return [
      ...(inputs[release] !== null && charts.length > 1
        ? [
            `Input ${release} is one name, but ${manifests} holds ${String(charts.length)} charts (${charts.join(', ')}), and their objects would get the same names.`,
          ]
        : []),
      ...inputs[values]
        .filter((file) => !exists(file) || isFolder(file))
        .map((file) => `Input ${values} names ${JSON.stringify(file)}, but there is no such file.`),
    ];
  });
  if (faults.length === 0) {
    warnAboutValuesOfHead(context);
    return;
  }
  throw new StageError('input-invalid', faults.join('\n'), {
    hint: 'Nothing was created. Paths are relative to the working directory. In a workflow, check the repository out first (actions/checkout).',
  });
}

/** Two versions with different settings differ in more than their code, which may not be intended. */
function warnAboutValuesOfHead(context: Context): void {
  const { inputs } = context;
  if (!inputs['baseline-manifests'].some(isChart)) return;
  for (const [name, baseline] of [
    ['helm-values', 'baseline-helm-values'],
    ['helm-set', 'baseline-helm-set'],
  ] as const) {
    if (inputs[name].length > 0 && inputs[baseline].length === 0)
      warn(
        context,
        `Input ${name} is for head only, and the chart of base is rendered without it. Set ${baseline} too, unless you want to compare the values.`,
      );
  }
}
