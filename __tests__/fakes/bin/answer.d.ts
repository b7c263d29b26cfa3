interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

export function answer(
  folder: string,
  tool: string,
  args: readonly string[],
  io: { readonly stdin: () => string; readonly stderr: (text: string) => void },
): Promise<Answer | null>;
