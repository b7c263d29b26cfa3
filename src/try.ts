import { startEchoServices, type EchoServices } from './adapters/echo-services.ts';
import { machineFacts } from './adapters/machine.ts';
import { targetsOf, type Context } from './context.ts';
import { runPipeline } from './pipeline.ts';
import type { Report } from './report/model.ts';
import { checkInputs } from './stages/check-inputs.ts';
import { installEngine } from './stages/install-tools.ts';
import { runLoad } from './stages/run-load.ts';

/**
 * The main job without a cluster: the same load, through the same engine, on echo services of our
 * own, and the same report. What only a cluster can tell is shown as not measured.
 */
export async function tryWithoutCluster(context: Context, serveCommand: readonly string[]): Promise<Report> {
  const { store, inputs, runner } = context;
  let services: EchoServices | undefined;
  store.update({ environment: { ...machineFacts(), dockerVersion: null, cgroupVersion: null } });
  try {
    return await runPipeline(context, [
      { name: 'check-inputs', run: checkInputs },
      ...(inputs.engine === 'builtin' ? [] : [{ name: 'install-engine', run: installEngine }]),
      {
        name: 'start-echo-services',
        run: async () => {
          const hosts = new Set(targetsOf(context).map(({ host }) => host));
          services = await startEchoServices(process.argv[1] ?? '', [...serveCommand, ...hosts]);
          store.update({ httpPort: services.port });
          runner.info(`${[...hosts].join(', ')} answer at 127.0.0.1:${String(services.port)}`);
        },
      },
      { name: 'run-load', run: runLoad },
    ]);
  } finally {
    await services?.stop();
  }
}
