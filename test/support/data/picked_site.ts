/** A site of several addresses of which nothing is known but what a test says. */
import type { SiteReplicas } from "../../../src/model/replica_pick.ts";

export function pickedSite(url: string, known: Partial<SiteReplicas> = {}): SiteReplicas {
  return {
    url,
    others: [],
    servers: [],
    remarks: [],
    identities: new Map(),
    replicas: new Map(),
    seen: new Set(),
    look: { facts: null, logs: new Map() },
    differing: new Map(),
    queues: [],
    feeds: [],
    unseen: [],
    ...known,
  };
}
