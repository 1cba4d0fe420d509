/** A message as the body of a request, in the form that Slack, Teams or any other receiver takes. */
import type { QueuedMessage } from "../model/message.ts";
import { newsOf } from "./join_news.ts";
import { type MessageLine, messageLines, messageText, oneLine } from "./messages.ts";

export type Format = "slack" | "teams" | "json";

/** Hosts of Slack's incoming webhooks. */
const SLACK = /^hooks\.slack(-gov)?\.com$/i;
/** Hosts of Teams' Workflows, and of the connectors before them, which take the same card. */
const TEAMS = /\.(logic\.azure\.(com|us)|powerplatform\.com|powerautomate\.com|webhook\.office\.com)$/i;

/** Characters that Slack allows in the text of one section. */
const SECTION = 3000;

/** The format that was asked for, else the one for the host of the webhook, else `json`. */
export function chooseFormat(wanted: Format | "auto", url: string): Format {
  if (wanted !== "auto") return wanted;
  const { hostname } = new URL(url);
  if (SLACK.test(hostname)) return "slack";
  return TEAMS.test(hostname) ? "teams" : "json";
}

/** A message that is later than this, in milliseconds, says when it happened. */
const LATE_MS = 300_000;

/** The body of the request, to be written as JSON. */
export function payload(format: Format, message: QueuedMessage, now: Date): unknown {
  const { id, at, role, event, items, advice } = message;
  const late = now.getTime() - Date.parse(at) > LATE_MS ? `; it happened at ${at}` : "";
  const speaker = `Said by ch-sync at the ${role} site${late}`;
  const text = `${messageText(message)}\n${speaker}`;
  switch (format) {
    case "slack":
      return { text, blocks: sections(text.split("\n")) };
    case "teams":
      return card([...messageLines(message, oneLine), { text: speaker, heading: false }]);
    case "json":
      // `text` is what Mattermost, Rocket.Chat and their like show.
      return { text, event, role, items, advice, ...moreFields(message), at, id };
  }
}

/** For programs: all news, where there is more than one; and what else stands in the text. */
function moreFields(message: QueuedMessage) {
  const { also, paused, open } = message;
  const news = newsOf(message).map(({ event, sentence, items, advice }) => ({
    event,
    sentence,
    items,
    advice,
  }));
  return {
    ...also ? { news } : {},
    ...paused === undefined ? {} : { paused },
    ...open ? { open } : {},
  };
}

/** As few sections as hold the lines: plain text, in which no name becomes markup or an emoji. */
function sections(lines: readonly string[]): unknown[] {
  const texts: string[] = [];
  for (const line of lines) {
    const together = `${texts.at(-1) ?? ""}\n${line}`;
    if (texts.length > 0 && together.length <= SECTION) texts[texts.length - 1] = together;
    else texts.push(line);
  }
  return texts.map((text) => ({ type: "section", text: { type: "plain_text", text, emoji: false } }));
}

/** Each line a rich text block, as those know no Markdown: a name cannot become a link. */
function card(lines: readonly MessageLine[]): unknown {
  const body = lines.map(({ text, heading }, index) => ({
    type: "RichTextBlock",
    ...(index > 0 ? { spacing: "Small" } : {}),
    inlines: [{ type: "TextRun", text, ...(heading ? { weight: "Bolder" } : {}) }],
  }));
  return {
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body,
      },
    }],
  };
}
