/** Who may look: HTTP's basic authentication, with patience for those who mistype and none for those who guess. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isIPv6 } from "node:net";
import { compare } from "bcryptjs";

export interface LoginOptions {
  readonly user: string;
  readonly password: string;
  /** Whether `password` is bcrypt's hash of it. */
  readonly hashed: boolean;
}

/** `absent`: nobody has asked to log in yet. `later`: too many wrong passwords came from there. */
export type LoginOutcome = "in" | "absent" | "wrong" | "later";

/** Wrong passwords of one address in a row, and milliseconds after which one more is looked at. */
const BURST = 10;
export const EVERY_MS = 5000;
/** Addresses that are remembered at most. */
const ADDRESSES = 10_000;
/** Hashes that wait to be compared: each takes the processor, which checks need, for a tenth of a second. */
const WAITING = 4;

export class Login {
  readonly #options: LoginOptions;
  readonly #now: () => number;
  readonly #salt = randomBytes(32);
  /** When an address will have made up for its wrong passwords. */
  readonly #debts = new Map<string, number>();
  /** Of the last header that was right, so that a page that renews itself costs no comparison of hashes. */
  #right: Uint8Array | null = null;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds of any clock that goes forward */
  constructor(options: LoginOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /**
   * @param authorization the header
   * @param address of the client
   */
  async look(authorization: string | null, address: string): Promise<LoginOutcome> {
    if (authorization === null) return "absent";
    const from = isIPv6(address) ? networkOf(address) : address;
    const now = this.#now();
    const debt = Math.max(now, this.#debts.get(from) ?? 0);
    if (debt - now > (BURST - 1) * EVERY_MS) return "later";
    const print = this.#print(authorization);
    if (this.#right && timingSafeEqual(this.#right, print)) return "in";
    if (this.#options.hashed && this.#waiting >= WAITING) return "later";
    // Before it is compared: many at once must not count as one.
    this.#owe(from, debt + EVERY_MS, now);
    if (!await this.#isRight(authorization)) return "wrong";
    this.#owe(from, (this.#debts.get(from) ?? 0) - EVERY_MS, now);
    this.#right = print;
    return "in";
  }

  async #isRight(authorization: string): Promise<boolean> {
    const { user, password, hashed } = this.#options;
    const [givenUser, given] = credentials(authorization) ?? ["", ""];
    const sameUser = this.#same(givenUser, user);
    if (!hashed) return this.#same(given, password) && sameUser;
    this.#waiting++;
    try {
      const turn = this.#last.then(() => compare(given, password));
      this.#last = turn.catch(() => {});
      return await turn && sameUser;
    } finally {
      this.#waiting--;
    }
  }

  #same(a: string, b: string): boolean {
    return timingSafeEqual(this.#print(a), this.#print(b));
  }

  #print(text: string): Uint8Array {
    return createHmac("sha256", this.#salt).update(text).digest();
  }

  #owe(from: string, until: number, now: number): void {
    this.#debts.delete(from);
    if (until <= now) return;
    if (this.#debts.size >= ADDRESSES) {
      for (const [address, end] of this.#debts) if (end <= now) this.#debts.delete(address);
    }
    for (const address of this.#debts.keys()) {
      if (this.#debts.size < ADDRESSES) break;
      this.#debts.delete(address);
    }
    this.#debts.set(from, until);
  }
}

/** User and password of a header `Basic …`; null: it is none. */
function credentials(authorization: string): readonly [string, string] | null {
  const [, base64] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  if (base64 === undefined) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(base64));
    const colon = text.indexOf(":");
    return colon < 0 ? null : [text.slice(0, colon), text.slice(colon + 1)];
  } catch {
    return null;
  }
}

/** The first 64 bits: one client has all addresses of such a network. An IPv4 address in IPv6 stays itself. */
function networkOf(address: string): string {
  if (/^::ffff:\d/i.test(address)) return address;
  const { hostname } = new URL(`http://[${address.replace(/%.*/, "")}]`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail].map((half) => half.split(":").filter(Boolean));
  const zeros = hostname.includes("::") ? 8 - left!.length - right!.length : 0;
  return [...left!, ...Array<string>(zeros).fill("0"), ...right!].slice(0, 4).join(":");
}
