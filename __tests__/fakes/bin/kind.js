import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, main, option, scenario, things } from './scenario.js';

const containers = things('containers');

await main('kind', (args) => {
  const name = option(args, '--name');
  switch (args.slice(0, 2).join(' ')) {
    case 'version':
      return `kind ${scenario.kindVersion ?? 'v0.33.0'} go1.24.2 linux/amd64\n`;
    case 'get clusters':
      return [...new Set(containers.all().map(({ cluster }) => `${cluster}\n`))].join('');
    case 'create cluster':
      return create(args, name);
    case 'delete cluster':
      for (const container of containers.all()) if (container.cluster === name) containers.remove(container.name);
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
});

function create(args, name) {
  if (containers.all().some(({ cluster }) => cluster === name)) {
    throw new Failure(`ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${name}"`);
  }
  if (existsSync(`${option(args, '--kubeconfig')}.lock`)) throw new Failure('ERROR: failed to create cluster: failed to lock config file');
  const roles = [...readFileSync(option(args, '--config'), 'utf8').matchAll(/role: (\S+)/g)].map(([, role]) => role);
  things('networks').add('kind');
  roles.forEach((role, index) => {
    const container = role === 'control-plane' ? `${name}-control-plane` : `${name}-worker${index > 1 ? String(index) : ''}`;
    containers.add(container, { cluster: name, role, ...(role === 'control-plane' && scenario.httpPort !== undefined ? { port: scenario.httpPort } : {}) });
  });
  writeFileSync(option(args, '--kubeconfig'), `current-context: kind-${name}\nusers:\n- user:\n    client-key-data: cGxhbnRlZC1rZXktb2YtdGhlLWNsdXN0ZXI=\n`, { mode: 0o600 });
  return '';
}
