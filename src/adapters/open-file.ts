import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../errors.ts';

type Command = readonly [program: string, ...args: string[]];

/** The program that opens a file as a double click does. */
function openerOf(platform: NodeJS.Platform): Command {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['cmd', '/c', 'start', '""'] : ['xdg-open'];
}

/**
 * Shows a file in the program that the desktop has for it.
 *
 * @returns why it can't be shown; null once its program was started.
 */
export async function openFile(file: string, opener: Command = openerOf(process.platform)): Promise<string | null> {
  const [program, ...args] = opener;
  const child = spawn(program, [...args, file], { detached: true, stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    // The browser outlives this program.
    child.unref();
    return null;
  } catch (error) {
    return `${program}: ${messageOf(error)}`;
  }
}
