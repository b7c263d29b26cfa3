import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, option } from './world.js';

/** @returns what `kind` prints. */
export async function kind(world, args, io, rule) {
  const { scenario } = world;
  const containers = world.things('containers');
  const name = option(args, '--name');
  switch (args.slice(0, 2).join(' ')) {
    case 'version':
      return `kind ${scenario.kindVersion ?? 'v0.33.0'} go1.24.2 linux/amd64\n`;
    case 'get clusters':
      return [...new Set(containers.all().map(({ cluster }) => `${cluster}\n`))].join('');
    case 'get nodes':
      return containers
        .all()
        .filter(({ cluster }) => cluster === name)
        .map((container) => `${container.name}\n`)
        .join('');
    case 'create cluster':
      return await create(world, args, name, io, rule);
    case 'delete cluster':
      for (const container of containers.all()) if (container.cluster === name) containers.remove(container.name);
      return '';
    case 'export kubeconfig':
      writeFileSync(option(args, '--kubeconfig'), `current-context: kind-${name}\n`, { mode: 0o600 });
      return '';
    case 'export logs': {
      const folder = args.at(-1);
      mkdirSync(join(folder, `${name}-control-plane`), { recursive: true });
      writeFileSync(join(folder, `${name}-control-plane`, 'kubelet.log'), '::error::poison in a log of kind\n');
      return '';
    }
    default:
      throw new Failure(`ERROR: unknown command ${args.join(' ')}`);
  }
}

async function create(world, args, name, io, { containers: limit = Infinity, childrenMs } = {}) {
  const { scenario, things } = world;
  const containers = things('containers');
  if (containers.all().some(({ cluster }) => cluster === name)) {
    throw new Failure(`ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${name}"`);
  }
  if (existsSync(`${option(args, '--kubeconfig')}.lock`))
    throw new Failure('ERROR: failed to create cluster: failed to lock config file');
  const roles = [...readFileSync(option(args, '--config'), 'utf8').matchAll(/role: (\S+)/g)].map(([, role]) => role);
  things('networks').add('kind');
  const nodes = roles.slice(0, limit).map((role, index) => ({
    container: role === 'control-plane' ? `${name}-control-plane` : `${name}-worker${index > 1 ? String(index) : ''}`,
    value: {
      cluster: name,
      role,
      ...(role === 'control-plane' && scenario.httpPort !== undefined ? { port: scenario.httpPort } : {}),
      ...(role === 'control-plane' && scenario.httpsPort !== undefined ? { httpsPort: scenario.httpsPort } : {}),
    },
  }));
  if (childrenMs === undefined) for (const { container, value } of nodes) containers.add(container, value);
  else await Promise.all(nodes.map(({ container, value }) => addInChild(world, container, value, childrenMs)));
  if (scenario.silentKind !== true) io.stderr(' ✓ Writing configuration 📜\n ✓ Starting control-plane 🕹️\n');
  if (scenario.joinsAfter !== undefined) await until(() => things('applied').has(scenario.joinsAfter));
  writeFileSync(
    option(args, '--kubeconfig'),
    `current-context: kind-${name}\nusers:\n- user:\n    client-key-data: cGxhbnRlZC1rZXktb2YtdGhlLWNsdXN0ZXI=\n`,
    { mode: 0o600 },
  );
  return '';
}

/** @throws Failure after some seconds: then nobody does it while nodes join. */
async function until(look) {
  for (let attempt = 0; !look(); attempt += 1) {
    if (attempt === 600) throw new Failure('ERROR: failed to join node with kubeadm');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As kind does with `docker run`: a child in the group of kind, which outlives it. */
async function addInChild({ addLater }, container, value, afterMs) {
  await once(addLater('containers', container, value, afterMs, { stdio: 'ignore' }), 'exit');
}
