import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { answer } from './bin/answer.js';

/**
 * Answers fake tools that other processes have started, in this process: a shell that asks here costs a twentieth of a
 * Node.js that starts. What takes a process of its own to show is handed back, and the shell becomes that process.
 */
const server = createServer((socket) => {
  void serve(socket).catch(() => {
    socket.destroy();
  });
});
// Whoever is answered is waited for by somebody else.
server.unref();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const MAIN = join(import.meta.dirname, 'bin', 'main.js');

/**
 * The text of an executable that is such a shell.
 *
 * @param world the folder of the files of the world that it stands in.
 */
export const toolScript = (world: string, tool: string): string => `#!/bin/bash
LC_ALL=C
in_a_process() { FAKE_TOOLS_DIR='${world}' exec '${process.execPath}' '${MAIN}' ${tool} "$@"; }
{ exec 3<>/dev/tcp/127.0.0.1/${String(port)}; } 2>/dev/null || in_a_process "$@"
names=; [[ -r /proc/self/environ ]] || names=$(compgen -e)
printf '%s\\0' '${world}' ${tool} $$ "$PWD" "$names" $# "$@" >&3
while read -r -u 3 what code; do
  case $what in
    stdin) /bin/cat >'${world}'/stdin-$$; echo >&3 ;;
    process) exec 3>&-; in_a_process "$@" ;;
    printed) exec /bin/cat '${world}'/stdout-$$ ;;
    ended) /bin/cat '${world}'/stdout-$$; /bin/cat '${world}'/stderr-$$ >&2; exit "$code" ;;
  esac
done
echo 'the process that answers for the fake tools is gone' >&2
exit 98
`;

async function serve(socket: Socket): Promise<void> {
  const lines = new Received(socket);
  const [world = '', tool = '', pid = '', cwd = '', names = '', count = '0'] = await lines.fields(6);
  const args = await lines.fields(Number(count));
  let stderr = '';
  const answered = await answer(world, tool, args, {
    cwd,
    caller: { pid: Number(pid), variables: namesOf(pid) ?? names.split('\n').filter((name) => name !== '') },
    stdin: async () => {
      socket.write('stdin\n');
      await lines.line();
      const file = join(world, `stdin-${pid}`);
      const text = readFileSync(file, 'utf8');
      rmSync(file);
      return text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  if (answered === null) {
    socket.end('process\n');
    return;
  }
  stderr += answered.stderr;
  writeFileSync(join(world, `stdout-${pid}`), answered.stdout);
  const isPlain = answered.exit === 0 && stderr === '';
  if (!isPlain) writeFileSync(join(world, `stderr-${pid}`), stderr);
  socket.end(isPlain ? 'printed\n' : `ended ${String(answered.exit)}\n`);
}

/** What a shell was started with; it passes on fewer. Null where there is no /proc. */
function namesOf(pid: string): string[] | null {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return entries.filter((entry) => entry !== '').map((entry) => entry.split('=', 1)[0] ?? '');
  } catch {
    return null;
  }
}

/** The fields, each with a NUL behind it, and the lines that come over a socket. */
class Received {
  readonly #socket: Socket;
  #text = '';
  #ended = false;
  #more: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      this.#text += String(text);
      this.#more();
    });
    // A shell that was killed says nothing any more.
    for (const event of ['end', 'error', 'close'])
      socket.on(event, () => {
        this.#ended = true;
        this.#more();
      });
  }

  async fields(count: number): Promise<string[]> {
    const fields: string[] = [];
    while (fields.length < count) fields.push(await this.#until('\0'));
    return fields;
  }

  line(): Promise<string> {
    return this.#until('\n');
  }

  async #until(mark: string): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf(mark);
      if (end >= 0) {
        const field = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return field;
      }
      if (this.#ended) throw new Error('the shell is gone');
      await new Promise<void>((resolve) => {
        this.#more = resolve;
      });
    }
  }
}
