/** Opening the way by which verbs reach the daemon. */
import { getLogger } from "@logtape/logtape";
import { listenForVerbs } from "../control/listen.ts";
import { errorText } from "../text/error_text.ts";
import type { Asked } from "./asked.ts";

const log = getLogger(["ch-sync"]);

/** Never throws: without it checks go on, and `pause` is a file. */
export async function openVerbs(directory: string, asked: Asked): Promise<AsyncDisposable> {
  try {
    return await listenForVerbs(directory, asked.obey);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      log.info("{text}", {
        text: "ch-sync check and ch-sync accept are off: --allow-net leaves out unix sockets",
      });
      return { async [Symbol.asyncDispose]() {} };
    }
    log.warn("{text}", {
      text: `ch-sync check and ch-sync accept cannot reach this daemon: ${
        errorText(error)
      }; check the owner and mode of ${directory}, and that its path has less than 90 characters`,
    });
    return { async [Symbol.asyncDispose]() {} };
  }
}
