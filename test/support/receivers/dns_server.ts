/** A real DNS server on loopback that answers what a test tells it. */
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";
import packet, { type Answer } from "dns-packet";

export type DnsAnswer =
  | { readonly kind: "addresses"; readonly ips: readonly string[] }
  /** The name is an alias, and that one of another, before there are addresses. */
  | { readonly kind: "cname"; readonly chain: readonly string[]; readonly ips: readonly string[] }
  | { readonly kind: "failure"; readonly code: "NXDOMAIN" | "SERVFAIL" }
  | { readonly kind: "silence" };

export interface DnsServer extends AsyncDisposable {
  /** For `DNS_SERVER`. */
  readonly address: string;
  readonly port: number;
  /** What the next questions get. */
  answer: DnsAnswer;
  /** Decides about every question by its number, from 0; overrides `answer`. */
  decide: ((question: number) => DnsAnswer) | null;
  /** Questions answered so far. */
  readonly questions: () => number;
}

const CODES = { NXDOMAIN: 3, SERVFAIL: 2 };

export async function startDnsServer(answer: DnsAnswer): Promise<DnsServer> {
  const socket = createSocket("udp4");
  let questions = 0;
  const server: DnsServer = {
    address: "",
    port: 0,
    answer,
    decide: null,
    questions: () => questions,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
  socket.on("message", (message, from) => {
    const query = packet.decode(Buffer.from(message));
    const question = query.questions?.[0];
    const answer = server.decide?.(questions) ?? server.answer;
    questions++;
    if (answer.kind === "silence" || !question) return;
    const reply = packet.encode({
      type: "response",
      ...(query.id === undefined ? {} : { id: query.id }),
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE |
        (answer.kind === "failure" ? CODES[answer.code] : 0),
      questions: [question],
      answers: answer.kind === "failure" ? [] : answers(question.name, question.type, answer),
    });
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  return Object.assign(server, { address: `127.0.0.1:${port}`, port });
}

function answers(
  name: string,
  asked: string,
  answer: Extract<DnsAnswer, { ips: readonly string[] }>,
): Answer[] {
  const names = answer.kind === "cname" ? [name, ...answer.chain] : [name];
  const aliases = names.slice(1).map((data, index): Answer => ({
    type: "CNAME",
    name: names[index]!,
    data,
    ttl: 1,
  }));
  const type = (ip: string) => ip.includes(":") ? "AAAA" : "A";
  const addresses = answer.ips.filter((ip) => type(ip) === asked)
    .map((data): Answer => ({ type: type(data), name: names.at(-1)!, data, ttl: 1 }));
  return [...aliases, ...addresses];
}
