import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** Under pull_request_target the token can write and secrets are available, while the manifests are a stranger's. */
export function checkTrigger({ store, inputs }: Context): void {
  if (store.state.run.event !== 'pull_request_target' || inputs['allow-pull-request-target']) return;
  throw new StageError(
    'unsafe-trigger',
    'This workflow runs on pull_request_target, where a load test would run the code of a pull request with the rights of the repository.',
    {
      hint: 'Use on: pull_request. For comments on pull requests from forks, add the relay workflow (relay/README.md). allow-pull-request-target: true turns this check off.',
    },
  );
}
