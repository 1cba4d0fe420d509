/** This machine: files, the state directory, settings. */
import type { Examination } from "../model/examination.ts";
import type { Settings } from "../model/settings.ts";
import { failed, ok, warning } from "./graded.ts";

/** What was found out about the state directory. */
export type DirectoryFacts =
  /** It is not there yet. */
  | { readonly kind: "absent" }
  | { readonly kind: "writable"; readonly exposed: boolean }
  | { readonly kind: "denied"; readonly problem: string };

/**
 * @param exposed a sentence for each file with secrets that every user may read
 */
export function examineMachine(
  settings: Settings,
  exposed: readonly string[],
  directory: DirectoryFacts,
): Examination[] {
  const found: Examination[] = exposed.map((text) =>
    warning("files", text.split(":")[0]!, text.split(": ").at(-1)!)
  );
  if (exposed.length === 0) found.push(ok("files", "no file with secrets is open to every user"));
  const subject = "state";
  const { stateFile } = settings;
  if (directory.kind === "denied") {
    found.push(
      failed(
        subject,
        `the directory of ${stateFile} cannot be written: ${directory.problem}`,
        "make room, or give it to the user of ch-sync, mode 0700, or set STATE_FILE to a directory that can be written",
      ),
    );
  } else if (directory.kind === "absent") {
    found.push(ok(subject, `the directory of ${stateFile} will be made by the first check`));
  } else if (directory.exposed) {
    found.push(
      failed(
        subject,
        `other users may write to the directory of ${stateFile}: ch-sync does not use it, as they could forge the verdict`,
        "chmod 700 it",
      ),
    );
  } else found.push(ok(subject, `${stateFile} can be written`));
  if (settings.webhookUrl === null) {
    found.push(
      warning(
        "messages",
        "nobody hears about gaps and FAILBACK READY",
        "set NOTIFY_WEBHOOK, or watch the metrics",
      ),
    );
  } else found.push(ok("messages", "NOTIFY_WEBHOOK is set; the doctor sends nothing to it"));
  return found;
}
