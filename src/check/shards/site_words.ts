/** What texts call a site of several shards, and the settings that name its servers, and the user there. */
import type { Side } from "../replicas/believe.ts";

export const SITE_OF: Readonly<
  Record<
    Side,
    {
      readonly name: string;
      readonly variable: "LOCAL_CH_URL" | "REMOTE_CH_URL";
      readonly user: "LOCAL_CH_USER" | "REMOTE_CH_USER";
    }
  >
> = {
  here: { name: "this site", variable: "LOCAL_CH_URL", user: "LOCAL_CH_USER" },
  active: { name: "the active site", variable: "REMOTE_CH_URL", user: "REMOTE_CH_USER" },
};
