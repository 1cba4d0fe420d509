/** Errors that nobody caught: the runtime would print them without redacting them. */
import { escapeControls } from "../text/escape_controls.ts";

/**
 * From now on, an error that nobody catches is reported in one sentence, without a stack trace, and ends the process.
 *
 * @param tell takes the sentence; it is redacted there
 * @param exit is called once, and does not return
 */
export function onUncaught(tell: (sentence: string) => void, exit: () => void): void {
  const end = (event: Event, error: unknown) => {
    event.preventDefault();
    try {
      tell(uncaughtSentence(error));
    } finally {
      exit();
    }
  };
  globalThis.addEventListener("error", (event) => end(event, event.error ?? event.message));
  globalThis.addEventListener("unhandledrejection", (event) => end(event, event.reason));
}

/** Without the stack trace, on one line. */
export function uncaughtSentence(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `ch-sync has a bug and ends (${
    escapeControls(said)
  }): please report it; after a restart it carries on where ` +
    "it was";
}
