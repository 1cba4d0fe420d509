/** What the doctor says of the tables of two real sites, without the process around it. */
import { examineTables } from "../../../src/doctor/examine_tables.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { checkSites, drSettings } from "./check_sites.ts";
import type { TwoSites } from "./two_sites.ts";

/** `grade subject: detail` of each line. */
export async function doctorTables(sites: TwoSites, settings: Partial<Settings> = {}): Promise<string[]> {
  const lines: string[] = [];
  await checkSites(sites, {
    settings,
    dryRun: true,
    wrap: (ports) => ({
      ...ports,
      role: {
        async resolve() {
          const [local, remote] = await Promise.all([ports.here, ports.there].map((site) => site.facts(600)));
          const given = drSettings(sites, settings);
          const { examinations } = await examineTables(ports, given, { local: local!, remote: remote! });
          lines.push(...examinations.map(({ grade, subject, detail }) => `${grade} ${subject}: ${detail}`));
          // Nothing more is asked of the sites.
          return { active: "unknown", unexpected: [], problem: null };
        },
      },
    }),
  });
  return lines;
}
