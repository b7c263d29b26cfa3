import { writeFileSync } from 'node:fs';
import { Failure, option } from './world.js';

/** @returns what `docker` prints. */
export async function docker(world, args, io) {
  const { scenario } = world;
  const [containers, networks, images] = ['containers', 'networks', 'images'].map(world.things);
  const [verb, noun] = args;
  switch (verb) {
    case 'info':
      return `${JSON.stringify(scenario.dockerInfo ?? { ServerVersion: '28.0.4', CgroupVersion: '2', SecurityOptions: ['name=seccomp,profile=builtin'], DockerRootDir: '/var/lib/docker' })}\n`;
    case 'version':
      return `${JSON.stringify({ Client: { ApiVersion: scenario.dockerApi ?? '1.48' }, Server: { Os: 'linux', Arch: 'amd64' } })}\n`;
    case 'context':
      return 'unix:///var/run/docker.sock\n';
    case 'container':
      if (scenario.ownNetwork !== undefined) return `${scenario.ownNetwork}\n`;
      throw new Failure(`Error response from daemon: No such container: ${args.at(-1)}`);
    case 'save':
      writeFileSync(option(args, '--output'), args.join(' '));
      return '';
    case 'load':
      images.add(scenario.loaded?.name ?? 'loaded', { id: scenario.loaded?.id });
      return '';
    case 'cp':
      writeFileSync(args[2], `archive ${args[1]}`);
      return '';
    case 'exec':
      return await exec(world, args.slice(2), io);
    case 'image': {
      const image = args.at(-1);
      const found = images.all().find(({ name }) => name === image);
      if (found !== undefined)
        return option(args, '--format') === '{{.Id}}'
          ? `${found.id ?? 'sha256:0123'}\n`
          : `${found.platform ?? 'linux/amd64'}\n`;
      throw new Failure(`Error response from daemon: No such image: ${image}`);
    }
    case 'pull':
      images.add(args.at(-1));
      return `${args.at(-1)}\n`;
    case 'ps': {
      const cluster = option(args, '--filter')?.split('=').at(-1);
      return linesOf(
        containers
          .all()
          .filter((container) => container.cluster === cluster)
          .map(({ name }) => name),
      );
    }
    case 'rm':
      for (const name of args.slice(1).filter((arg) => !arg.startsWith('--'))) containers.remove(name);
      return '';
    case 'port': {
      const container = containers.all().find(({ name }) => name === args[1]);
      const port = args[2] === '443/tcp' ? container?.httpsPort : container?.port;
      if (port === undefined) throw new Failure(`Error: No public port '${args[2]}' published for ${args[1]}`);
      return `127.0.0.1:${String(port)}\n`;
    }
    case 'network':
      if (noun === 'ls')
        return linesOf(
          networks
            .all()
            .map(({ name }) => name)
            .filter((name) => new RegExp(option(args, '--filter')?.replace('name=', '') ?? '').test(name)),
        );
      if (!networks.has(args[2])) throw new Failure(`Error response from daemon: network ${args[2]} not found`);
      if (args[2] !== 'kind' || containers.all().some(({ cluster }) => cluster !== undefined))
        throw new Failure(
          `Error response from daemon: error while removing network: network ${args[2]} has active endpoints`,
        );
      networks.remove(args[2]);
      return `${args[2]}\n`;
    default:
      throw new Failure(`docker: '${verb}' is not a docker command.`, 125);
  }
}

/** As much of a node as keeps what is written to it and imported into it. */
async function exec({ scenario, things }, [node, command, ...args], io) {
  const input = await io.stdin();
  if (command === 'containerd')
    return scenario.containerdConfig ?? '[x]\n  config_path = "/etc/containerd/certs.d"\n  snapshotter = "overlayfs"\n';
  if (command === 'ctr' && args.includes('list')) {
    const imported = things('nodes')
      .all()
      .some(({ name }) => name.startsWith(`${node} ctr`) && name.includes(' import '));
    return (imported ? scenario.imagesAfterImport : undefined) ?? scenario.imagesOfNode ?? '';
  }
  if (command === 'ctr' && ['fetch', 'tag', 'export'].some((verb) => args.includes(verb))) return '';
  if (command === 'ctr' || command === 'cp') things('nodes').add(`${node} ${[command, ...args].join(' ')}`, { input });
  return '';
}

function linesOf(values) {
  return values.map((value) => `${value}\n`).join('');
}
