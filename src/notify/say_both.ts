/** What holds for vm-sync, too, in a message that says that ch-sync is ready: as it is when the message is sent, however late that is. */
import type { Message, News } from "../model/message.ts";
import type { SiteName } from "../model/site.ts";
import type { BothVerdict } from "../verdict/neighbour_words.ts";
import { newsOf, withNews } from "./join_news.ts";
import { listed, readyAdvice } from "./messages.ts";

/** Whether news says that ch-sync is ready, so that it is true only as long as it is. */
export function saysReady({ event }: News): boolean {
  return event === "failback_ready" || event === "neighbour_ready";
}

/**
 * The message to be sent; null: nothing of it is true any longer.
 *
 * @param both null: nobody asks vm-sync
 * @param role of the site that speaks
 */
export function sayBoth<M extends Message>(message: M, both: BothVerdict | null, role: SiteName): M | null {
  const news = newsOf(message);
  if (!news.some(saysReady)) return message;
  const said = news.flatMap((one) => {
    if (!saysReady(one)) return [one];
    if (one.event === "neighbour_ready" && both?.safe !== true) return [];
    // A message of an older ch-sync has in it what held when it was made.
    const own = one.items.filter((item) => !/^(NOT )?SAFE FOR BOTH|^vm-sync: /.test(item));
    if (both === null) return [{ ...one, items: own }];
    const { items, more } = listed([both.headline, ...both.reasons, ...own]);
    return [{ ...one, items, more: one.more + more, advice: readyAdvice(role, both.safe) }];
  });
  return withNews(message, said) as M | null;
}
