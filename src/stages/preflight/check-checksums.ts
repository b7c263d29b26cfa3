import { machineFacts, toolPlatform } from '../../adapters/machine.ts';
import { pinnedSha256, pinnedVersions, type ToolName } from '../../cluster/pinned-versions.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { clusterAskedFor } from '../../inputs/table.ts';
import { chartsIn } from './check-charts.ts';

/** Every tool has a known checksum. */
export function checkChecksums({ inputs }: Context): void {
  if (clusterAskedFor(inputs) === 'own') sha256For('kind', inputs['kind-version'], inputs['kind-sha256']);
  sha256For('kubectl', inputs['kubectl-version'], inputs['kubectl-sha256']);
  if (chartsIn(inputs).length > 0) sha256For('helm', inputs['helm-version'], inputs['helm-sha256']);
  if (inputs.engine === 'k6') sha256For('k6', inputs['k6-version'], inputs['k6-sha256']);
}

/**
 * The checksum that a tool must have: the one in an input, otherwise the pinned one.
 *
 * @throws StageError `version-unknown` when there is neither.
 */
export function sha256For(tool: ToolName, version: string, given: string | null): string {
  const platform = toolPlatform();
  if (platform === undefined) {
    throw new StageError(
      'version-unknown',
      `${tool} is not published for this machine (${machineFacts().os}, ${machineFacts().arch}).`,
      {
        hint: 'Use Linux or macOS on x64 or arm64.',
      },
    );
  }
  const sha256 = given ?? pinnedSha256(tool, version, platform);
  if (sha256 !== undefined) return sha256;
  throw new StageError(
    'version-unknown',
    `Input ${tool}-version is ${version}, which has no known checksum for ${platform}.`,
    {
      hint: `Known versions: ${pinnedVersions(tool, platform).join(', ')}. For any other, give the checksum of its binary as ${tool}-sha256.`,
    },
  );
}
