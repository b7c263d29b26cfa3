import { leaveOutLine } from '../leave-out.ts';
import { describeObject } from '../manifest-entries.ts';
import { imagesOf, type KubernetesObject } from '../manifests.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { doubt, type Finding } from './finding.ts';

/** What public applications call the load generators that they bring, in a name or an image. */
const LOAD_GENERATOR =
  /(?:^|[/_-])(?:load-?gen(?:erator)?|load-?test(?:er|ing)?|locust|virtual-(?:customer|worker)|user-?simulator|traffic-?gen(?:erator)?|k6|vegeta|wrk2?|fortio|hey)(?=$|[:@/_-])/;

/** Workloads that by their name or image send requests of their own, beside those of the run. */
export function ownLoad(objects: readonly KubernetesObject[]): Finding[] {
  return objects
    .filter((object) => podTemplateOf(object) !== null)
    .filter((object) => [object.metadata.name, ...imagesOf([object])].some((text) => LOAD_GENERATOR.test(text)))
    .map((object) =>
      doubt(
        `${describeObject(object)} looks like a load generator. If it is one, its requests take CPU from the application and from the load of this run, and the figures include them. To skip it, set leave-out: ${leaveOutLine(object)}`,
      ),
    );
}
