/** All news of one check as one message, and news that is taken out of it again. */
import type { Event } from "../model/event.ts";
import type { Message, News } from "../model/message.ts";
import type { SiteName } from "../model/site.ts";
import { listed, message, messageText } from "./messages.ts";

/** What holds besides the news. */
export interface Standing {
  /** The site that speaks. */
  readonly role: SiteName;
  /** That repairs are paused, in one line; null: they are not. */
  readonly paused: string | null;
  /** What is open after the check. */
  readonly open: readonly string[];
}

/** Bytes of a message, at most: with its markup, Teams takes 28 kB. */
const LONGEST = 14_000;

/** @param events of one check, in the order in which they should be read; one at least */
export function joinNews(events: readonly Event[], { role, paused, open }: Standing): Message {
  const news = events.map((event) => adapted(message(event, role), events, paused, open));
  const [first, ...also] = news as [News, ...News[]];
  const said = events.some(({ kind }) => kind === "still_not_ready")
    ? open
    : events.flatMap((event) => event.kind === "failback_not_ready" ? [event.because] : []);
  const left = listed(open.filter((text) => !said.includes(text)));
  return shortened({
    ...first,
    ...also.length > 0 ? { also } : {},
    ...paused === null ? {} : { paused },
    ...left.items.length > 0 ? { open: left.items, openMore: left.more } : {},
  });
}

/** Advice that fits what else happened, and what is left. */
function adapted(
  news: News,
  events: readonly Event[],
  paused: string | null,
  open: readonly string[],
): News {
  if (news.event === "gap_detected" && paused !== null) {
    return { ...news, advice: "Nothing is repaired while repairs are paused" };
  }
  if (news.event === "gap_detected" && events.some(({ kind }) => kind === "sync_complete")) {
    return { ...news, advice: "" };
  }
  if (news.event === "sync_complete" && open.length > 0) {
    return { ...news, advice: "Not everything is here yet: what is still open stands below" };
  }
  return news;
}

/** Leaves names out, of whatever names most, until it is short enough; they are counted instead. */
function shortened(whole: Message): Message {
  let message = whole;
  while (new TextEncoder().encode(messageText(message)).length > LONGEST) {
    const all = [...newsOf(message).map(({ items }) => items.length), message.open?.length ?? 0];
    const most = Math.max(...all);
    if (most === 0) break;
    const at = all.lastIndexOf(most);
    message = at === all.length - 1
      ? { ...message, open: message.open!.slice(0, -1), openMore: (message.openMore ?? 0) + 1 }
      : withNews(
        message,
        newsOf(message).map((news, index) =>
          index === at ? { ...news, items: news.items.slice(0, -1), more: news.more + 1 } : news
        ),
      )!;
  }
  return message;
}

/** In the order in which it is read. */
export function newsOf({ event, sentence, items, more, advice, also = [] }: Message): News[] {
  return [{ event, sentence, items, more, advice }, ...also];
}

/** The message with other news; null: none is left, so there is no message. */
export function withNews<M extends Message>(
  message: M,
  news: readonly News[],
): (Omit<M, "also"> & News & Pick<Message, "also">) | null {
  const [first, ...also] = news;
  if (first === undefined) return null;
  const { also: _before, ...rest } = message;
  return { ...rest, ...first, ...also.length > 0 ? { also } : {} };
}
