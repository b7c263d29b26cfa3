interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

export function answer(
  folder: string,
  tool: string,
  args: readonly string[],
  io: {
    readonly stdin: () => string | Promise<string>;
    readonly stderr: (text: string) => void;
    readonly cwd?: string;
    readonly caller?: { readonly pid: number; readonly variables: readonly string[] };
  },
): Promise<Answer | null>;
