/** Completion in the shell: the script that one puts into its start-up file, and what is answered when it asks. */
import type { Command, Option } from 'commander';
import type { Cli } from './actions.ts';
import { type CliIo, EXIT } from './io.ts';
import { namesOf } from './ports.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Asked with the line in `COMP_LINE`, up to the cursor. What follows `--` is the shell's, and not read. */
export const COMPLETE = '__complete';

const FIND = `if command -v paddlewheel >/dev/null 2>&1; then
  __paddlewheel=paddlewheel
else
  alias paddlewheel='npx paddlewheel'
  __paddlewheel='npx paddlewheel'
fi`;
const POSIX = `${FIND}
complete -o default -C "$__paddlewheel ${COMPLETE} --" paddlewheel
unset __paddlewheel`;

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# For ~/.bashrc:  eval "$(npx paddlewheel completion bash)"
${POSIX}
`,
  zsh: `# For ~/.zshrc, behind compinit:  eval "$(npx paddlewheel completion zsh)"
autoload -U +X bashcompinit && bashcompinit
${POSIX}
`,
  fish: `# For ~/.config/fish/config.fish:  npx paddlewheel completion fish | source
if not command -q paddlewheel
  alias paddlewheel 'npx paddlewheel'
end
complete -c paddlewheel -a '(env COMP_LINE=(commandline -cp | string collect) paddlewheel ${COMPLETE} --)'
`,
};

export function completion(shell: Shell, { io }: Cli): number {
  io.out(SCRIPTS[shell]);
  return EXIT.done;
}

/** Whoever presses Tab does not wait for names, unless the variable says so. */
const NAMES_WITHIN_MS = 1_500;
const LONGEST_MS = 60_000;
const patienceOf = ({ PADDLEWHEEL_COMPLETION_MS }: CliIo['env']): number => {
  const ms = Number(PADDLEWHEEL_COMPLETION_MS);
  return ms > 0 && ms <= LONGEST_MS ? ms : NAMES_WITHIN_MS;
};

/** What is completed is run when somebody presses Enter: nothing that a shell reads as more than a word. */
const HARMLESS = /^\w[\w.-]*$/;

/** A line for each word that fits. Says nothing about what went wrong: it would stand in the middle of somebody's line. */
export async function complete(program: Command, { io, aws }: Cli): Promise<number> {
  const { COMP_LINE = '', COMP_POINT } = io.env;
  const line = COMP_POINT === undefined ? COMP_LINE : COMP_LINE.slice(0, Number(COMP_POINT));
  const { typed, words, wantsIntegration } = fitting(line, program);
  const never = new AbortController();
  const names = wantsIntegration
    ? await Promise.race([namesOf(aws).catch(() => []), io.rest(patienceOf(io.env), never.signal).then(() => [])])
    : [];
  never.abort();
  for (const word of [...words, ...names.filter((name) => HARMLESS.test(name))])
    if (word.startsWith(typed)) io.out(`${word}\n`);
  return EXIT.done;
}

interface Fitting {
  /** What there is of the word at the cursor. */
  readonly typed: string;
  readonly words: readonly string[];
  readonly wantsIntegration: boolean;
}

export const wordsOf = (line: string): readonly string[] => line.trimStart().split(/\s+/).slice(1);

function fitting(line: string, program: Command): Fitting {
  const before = [...wordsOf(line)];
  const typed = before.pop() ?? '';
  const nothing = { typed, words: [], wantsIntegration: false };
  // What follows is somebody else's command.
  if (before.includes('--')) return nothing;
  const { command, position, waiting } = place(before, program);
  if (waiting)
    return { ...nothing, words: waiting.argChoices ?? [], wantsIntegration: waiting.long === '--integration' };
  if (typed.startsWith('-')) {
    const isNew = ({ long, variadic }: Option) => variadic || !before.includes(long ?? '');
    const options = optionsOf(command, program).filter((option) => !option.hidden && isNew(option));
    return { ...nothing, words: [...options.flatMap(({ long }) => long ?? []), '--help'] };
  }
  if (command.commands.length > 0)
    return { ...nothing, words: command.commands.map((one) => one.name()).filter((name) => name !== COMPLETE) };
  const argument = command.registeredArguments[position];
  return {
    ...nothing,
    words: argument?.argChoices ?? [],
    wantsIntegration: argument?.name() === 'integration' && !before.includes('--integration'),
  };
}

const optionsOf = (command: Command, program: Command): readonly Option[] =>
  command === program ? command.options : [...command.options, ...program.options];

/** Where the cursor is: in which command, at which of its arguments, or behind an option that wants a value. */
function place(before: readonly string[], program: Command) {
  let [command, position] = [program, 0];
  let waiting: Option | undefined;
  for (const word of before) {
    if (waiting) waiting = undefined;
    else if (word.startsWith('-')) {
      const option = optionsOf(command, program).find(({ long, short }) => [long, short].includes(word));
      waiting = option?.required ? option : undefined;
    } else {
      const inner = command.commands.find((one) => one.name() === word);
      if (inner) [command, position] = [inner, 0];
      else position += 1;
    }
  }
  return { command, position, waiting };
}
