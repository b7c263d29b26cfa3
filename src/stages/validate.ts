import { type Context, warn } from '../context.ts';
import { StageError } from '../errors.ts';
import { InputError } from '../inputs/faults.ts';
import { clusterAskedFor } from '../inputs/table.ts';
import { withoutMeaning } from '../inputs/without-meaning.ts';
import { givenAuthorities } from './health/given-authorities.ts';
import { checkK6Script } from './loading/run-load-k6.ts';
import { targetsOf } from './loading/targets.ts';
import { checkCharts } from './preflight/check-charts.ts';
import { checkChecksums } from './preflight/check-checksums.ts';
import { checkDisk } from './preflight/check-disk.ts';
import { checkDocker } from './preflight/check-docker.ts';
import { checkImages } from './preflight/check-images.ts';
import { askEngine, checkLoopback } from './preflight/check-loopback.ts';
import { checkKubeconfig } from './preflight/check-kubeconfig.ts';
import { checkConfig, checkManifests, checkOwnManifests, MANIFEST_INPUTS } from './preflight/check-manifests.ts';
import { checkPorts } from './preflight/check-ports.ts';
import { checkTrigger } from './preflight/check-trigger.ts';
import { warnAboutCredentials } from './preflight/warn-about-credentials.ts';
import { sayWhatIsArchived } from './preflight/say-what-is-archived.ts';
import { sayWhereInputsComeFrom } from './preflight/say-where-inputs-come-from.ts';
import { warnAboutDashboard } from './preflight/warn-about-dashboard.ts';
import { warnAboutInotify } from './preflight/warn-about-inotify.ts';
import { warnAboutNodeImage } from './preflight/warn-about-node-image.ts';

/** Checks everything that can be known before anything is created, and reports all faults at once. */
export async function validate(context: Context): Promise<void> {
  sayWhereInputsComeFrom(context);
  if (context.faults.length > 0) throw new InputError(context.faults);
  const whole = { hasCluster: true, compares: false };
  for (const sentence of withoutMeaning(context.inputs, context.store.state.settings, whole)) warn(context, sentence);
  const checks = [
    checkTrigger,
    ...(clusterAskedFor(context.inputs) === 'own' ? checksOfOwnCluster(context) : [checkKubeconfig]),
    checkOwnManifests,
    checkConfig,
    ...MANIFEST_INPUTS.map((input) => (given: Context): void => {
      checkManifests(given, input);
    }),
    checkCharts,
    checkChecksums,
    checkK6Script,
    checkScenario,
    (given: Context): void => {
      givenAuthorities(given);
    },
  ];
  const results = await Promise.allSettled(checks.map((check) => Promise.resolve(context).then(check)));
  context.signal.throwIfAborted();
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw severalFaults(faults);
}

/** What a cluster on this machine needs. The engine is asked once, because two of the checks use the answer. */
function checksOfOwnCluster(context: Context): ((context: Context) => void | Promise<void>)[] {
  const engine = askEngine(context);
  return [
    (given) => checkDocker(given, engine),
    (given) => checkLoopback(given, engine),
    (given) => checkImages(given, engine),
    (given) => checkDisk(given, engine),
    checkPorts,
    warnAboutInotify,
    warnAboutNodeImage,
    warnAboutDashboard,
    sayWhatIsArchived,
  ];
}

/** The scenario exists and can be sent. */
function checkScenario(context: Context): void {
  targetsOf(context);
  warnAboutCredentials(context);
}

function severalFaults(faults: readonly unknown[]): StageError {
  const known = faults.filter((fault) => fault instanceof StageError);
  const [first] = known;
  if (first === undefined || known.length < faults.length) throw faults.find((fault) => !(fault instanceof StageError));
  const hints = known.flatMap(({ hint }) => (hint === undefined ? [] : [hint]));
  return new StageError(first.code, known.map(({ message }) => message).join('\n'), {
    hint: hints.join('\n'),
    tryThis: first.tryThis,
    cause: first,
  });
}
