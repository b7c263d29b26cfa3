import { dirname } from 'node:path';
import { exists, readText } from '../../adapters/files.ts';
import { machineFacts } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';

/**
 * The kubeconfig of the existing cluster exists. Whether it leads to a cluster is checked once kubectl is installed.
 */
export function checkKubeconfig({ inputs, store }: Context): void {
  store.update({ environment: { ...machineFacts(), dockerVersion: null, cgroupVersion: null } });
  if (inputs.kubeconfig === null) return;
  if (exists(inputs.kubeconfig)) {
    // kubectl would wait forever on a pipe without a writer.
    readText(inputs.kubeconfig);
    return;
  }
  throw new StageError(
    'input-invalid',
    `Input kubeconfig is ${JSON.stringify(inputs.kubeconfig)}, but there is no such file.`,
    {
      hint: 'It is a path, not the content. In a workflow, an earlier step has to write the file.',
      tryThis: `ls -l ${shellWord(dirname(inputs.kubeconfig))}`,
    },
  );
}
