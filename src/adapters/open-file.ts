import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../errors.ts';
import { commandEnvironment } from './commands/environment.ts';

type Command = readonly [program: string, ...args: string[]];

/** The program that opens a file like a double click does. */
function openerOf(platform: NodeJS.Platform): Command {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['cmd', '/c', 'start', '""'] : ['xdg-open'];
}

/**
 * Opens a file in the desktop's program for it.
 *
 * @returns why it can't be opened; null once the program was started.
 */
export async function openFile(file: string, opener: Command = openerOf(process.platform)): Promise<string | null> {
  const [program, ...args] = opener;
  const child = spawn(program, [...args, file], { detached: true, stdio: 'ignore', env: commandEnvironment() });
  try {
    await once(child, 'spawn');
    // The browser outlives this program.
    child.unref();
    return null;
  } catch (error) {
    return `${program}: ${messageOf(error)}`;
  }
}
