import { equal } from 'node:assert/strict';
import { failed } from '../expectations.ts';
import type { Row } from '../row.ts';

/** C: kind and Docker do not make the cluster. */
export const CLUSTER_ROWS: readonly Row[] = [
  {
    id: 'C4',
    kind: 'quick',
    fault: 'A cluster of somebody else has the same name',
    expected: '`name-collision`; the other cluster is left alone',
    cases: {
      'it was there before': async (trial) => {
        const job = await trial.job({ inputs: { 'cluster-name': 'theirs' } });
        job.foreign('containers', 'theirs-control-plane', { cluster: 'theirs' });
        failed(job, await job.main(), 'name-collision', 'create-cluster');
      },
      'it appears between look and creation': async (trial) => {
        const job = await trial.job({
          inputs: { 'cluster-name': 'theirs' },
          rules: [{ tool: 'kind', match: '^get clusters', stdout: '' }],
        });
        job.foreign('containers', 'theirs-control-plane', { cluster: 'theirs' });
        job.foreign('networks', 'kind');
        failed(job, await job.main(), 'name-collision', 'create-cluster');
        equal(job.tools.lines('kind').some((line) => line.startsWith('delete')), false);
      },
    },
  },
];
