import { type Helm, openHelm } from '../adapters/commands/helm.ts';
import { installTool } from '../adapters/commands/tools.ts';
import { isInside } from '../adapters/files.ts';
import { toolPlatform } from '../adapters/machine.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from '../adapters/temporary-folder.ts';
import { printedCause } from '../cluster/failure-texts.ts';
import { type ToolName, TOOLS } from '../cluster/pinned-versions.ts';
import { type Context, dockerOf, toolOf } from '../context.ts';
import { CommandError, lastLines, StageError } from '../errors.ts';
import { clusterAskedFor } from '../inputs/table.ts';
import { sideBySide } from '../side-by-side.ts';
import { restoreNodeImage } from './nodes/restore-images.ts';
import { chartsIn } from './preflight/check-charts.ts';
import { sha256For } from './preflight/check-checksums.ts';

/**
 * Installs kind, kubectl and, depending on the inputs, k6 and Helm, and gets the node image, all in parallel. An
 * existing cluster needs neither kind nor a node image.
 */
export async function installTools(context: Context): Promise<void> {
  if (clusterAskedFor(context.inputs) === 'existing') {
    await sideBySide(context, (each) => install(each, 'kubectl'), installHelmForCharts);
    return;
  }
  await sideBySide(
    context,
    (each) => install(each, 'kind'),
    (each) => install(each, 'kubectl'),
    installEngine,
    installHelmForCharts,
    pullNodeImage,
  );
}

/** Only building a kustomization shows whether it has charts; Helm is installed then. */
async function installHelmForCharts(context: Context): Promise<void> {
  if (chartsIn(context.inputs).length > 0) await helmOf(context);
}

/** Helm, installed now unless it is already there. */
export async function helmOf(context: Context): Promise<Helm> {
  if (context.store.state.tools.helm === undefined) await install(context, 'helm');
  return openHelm(context.shell, toolOf(context, 'helm').path);
}

/** Installs the load generator, if it is not the built-in one. */
export async function installEngine(context: Context): Promise<void> {
  if (context.inputs.engine === 'k6') await install(context, 'k6');
}

async function install(context: Context, name: ToolName): Promise<void> {
  const { inputs, store, runner, clock, signal, shell } = context;
  const version = inputs[`${name}-version`];
  const given = inputs[`${name}-sha256`];
  const sha256 = sha256For(name, version, given);
  const platform = toolPlatform();
  if (platform === undefined) throw new Error('validate lets no other platform pass');
  const { url, archive, versionArgs } = TOOLS[name];
  const request = {
    name,
    version,
    sha256,
    url: url(version, platform),
    archive: archive?.(version, platform),
    // The checksum in an input is that of the binary, however the tool is published.
    checked: given === null ? ('download' as const) : ('binary' as const),
    versionArgs,
  };
  const folder = makeTemporaryFolder();
  // Before anything is in it: when this process is killed, the post step or `down` removes it.
  store.update({ temporary: [...(store.state.temporary ?? []), folder] });
  let path = '';
  try {
    const tool = await installTool(request, { runner, clock, signal, shell, folder });
    path = tool.path;
    store.update({ tools: { ...store.state.tools, [name]: tool } });
  } finally {
    if (!isInside(folder, path)) {
      removeTemporaryFolder(folder);
      store.update({ temporary: (store.state.temporary ?? []).filter((other) => other !== folder) });
    }
  }
}

const PULL_ATTEMPTS = 5;
const PULL_DEADLINE_MS = 300_000;

/** kind gives up on a busy registry after a few seconds; this tries for about a minute. */
async function pullNodeImage(context: Context): Promise<void> {
  const { inputs, runner, clock, signal } = context;
  const image = inputs['node-image'];
  const docker = dockerOf(context);
  if (await docker.hasImage(image)) {
    runner.info(`Node image ${image}: present`);
    return;
  }
  if (await restoreNodeImage(context)) return;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await docker.pull(image, PULL_DEADLINE_MS);
      runner.info(`Node image ${image}: pulled`);
      return;
    } catch (error) {
      if (!(error instanceof CommandError) || error.reason === 'cancelled') throw error;
      const said =
        error.reason === 'timeout'
          ? `no result after ${String(PULL_DEADLINE_MS / 1000)} s`
          : lastLines(error.result.stderr, 3).join(' ');
      if (attempt === PULL_ATTEMPTS || !isTransient(said)) throw pullError(image, said, error);
      runner.info(`Node image ${image}: attempt ${String(attempt)} of ${String(PULL_ATTEMPTS)} failed: ${said}`);
      await clock.sleep(2 ** attempt * 2000, signal);
    }
  }
}

/** Errors of a registry or Docker that a retry will not change. */
const isTransient = (said: string): boolean =>
  !/not found|manifest unknown|no matching manifest|denied|unauthorized|invalid reference/i.test(said) &&
  printedCause(said) !== 'disk-full';

function pullError(image: string, said: string, cause: unknown): StageError {
  switch (printedCause(said)) {
    case 'registry-rate-limit':
      return new StageError('registry-rate-limit', `The registry of ${image} rejects further pulls for now: ${said}`, {
        hint: 'Docker Hub limits pulls per address, and hosted runners share addresses. Log in first (docker login, in a workflow docker/login-action), or wait.',
        cause,
      });
    case 'disk-full':
      return new StageError('disk-full', `There is no disk space left for the node image ${image}: ${said}`, {
        hint: 'Free some disk space where Docker keeps its images.',
        tryThis: 'docker system df',
        cause,
      });
    case 'docker-unreachable':
      return new StageError('docker-unreachable', `Docker no longer answers: ${said}`, {
        hint: 'It was stopped, or ran out of memory or disk.',
        tryThis: 'docker info',
        cause,
      });
    default:
      return new StageError('image-pull', `The node image ${image} could not be pulled: ${said}`, {
        hint: 'Check the name, tag and digest in node-image, and that this machine reaches the registry.',
        tryThis: `docker pull ${image}`,
        cause,
      });
  }
}
