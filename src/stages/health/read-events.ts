import { type EventJson, parseEvents } from '../../cluster/kubernetes-json.ts';
import { type Context, kubectlOf, namespaceFlag } from '../../context.ts';

/** The warning events of the cluster; none if they can't be read, because they only explain what is seen elsewhere. */
export async function readEvents(context: Context): Promise<EventJson[]> {
  try {
    return parseEvents(await kubectlOf(context).get('events', namespaceFlag(context), '--field-selector=type=Warning'));
  } catch {
    context.signal.throwIfAborted();
    return [];
  }
}
