/** What a long download tells whoever waits for it. */

export interface Progress {
  /** A sentence. */
  say(line: string): void;
  /** So many bytes have come. */
  bytes(done: number, all: number): void;
}

/** Percent between two lines where there is no terminal. */
const STEP = 25;

/** On a terminal, one line that counts; elsewhere, a line each quarter. */
export function onStderr(
  terminal: boolean = Deno.stderr.isTerminal(),
  write: (text: string) => void = writeIfHeard,
): Progress {
  let counting = false;
  let next = STEP;
  return {
    say(line) {
      write(`${counting ? "\n" : ""}${line}\n`);
      counting = false;
      next = STEP;
    },
    bytes(done, all) {
      const percent = Math.min(100, Math.floor(done * 100 / all));
      const text = `  ${Math.round(done / 1e6)} of ${Math.round(all / 1e6)} MB, ${percent} %`;
      if (terminal) {
        write(`\r${text}`);
        counting = true;
        if (percent < 100) return;
        write("\n");
        counting = false;
      } else if (percent >= next) {
        write(`${text}\n`);
        next = percent - percent % STEP + STEP;
      }
    },
  };
}

/** Past `deno test --quiet`, which keeps what a test writes to itself. Nobody needs to listen. */
function writeIfHeard(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    // A file that is opened once more would be written at a place of its own.
    if (Deno.statSync("/dev/stderr").isFile) return void Deno.stderr.writeSync(bytes);
    using stderr = Deno.openSync("/dev/stderr", { append: true });
    stderr.writeSync(bytes);
  } catch {
    // Whoever listened has hung up, which is no reason not to go on.
  }
}
