/** What texts call a site of several shards, and the setting that names its servers. */
import type { Side } from "../replicas/believe.ts";

export const SITE_OF: Readonly<
  Record<Side, { readonly name: string; readonly variable: "LOCAL_CH_URL" | "REMOTE_CH_URL" }>
> = {
  here: { name: "this site", variable: "LOCAL_CH_URL" },
  active: { name: "the active site", variable: "REMOTE_CH_URL" },
};
