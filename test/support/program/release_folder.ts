/** What a release archive unpacks to. */
import { ran } from "./bare_debian.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PARTS = [".dockerignore", ".env.dr", ".env.primary", "Dockerfile", "LICENSE", "ch-sync.service"];
const MORE = ["docker-compose.yml", "docs", "scripts"];

/**
 * Stands in for the program, where what it does is not what is tested: it says its version, or makes the
 * file that `STATE_FILE` names and answers `/healthz`, until SIGTERM.
 */
const standIn = (version: string) =>
  `#!/usr/bin/perl
use strict; use IO::Socket::INET;
if (@ARGV) { print "ch-sync ${version}\\n"; exit 0 }
my ($host, $port) = $ENV{STATUS_LISTEN} =~ /(.*):(\\d+)/;
my $server = IO::Socket::INET->new(LocalAddr => $host, LocalPort => $port, Listen => 5, ReuseAddr => 1) or die $!;
$SIG{TERM} = sub { exit 0 };
open my $state, '>', $ENV{STATE_FILE} or die $!; close $state;
print STDERR "Status page: http://$ENV{STATUS_LISTEN}/\\n";
while (1) {
  my $client = $server->accept or next;
  my $asked = <$client>; while (my $line = <$client>) { last if $line !~ /\\S/ }
  print $client $asked =~ m{^GET /healthz } ? "HTTP/1.1 200 \\r\\n\\r\\nok\\n" : "HTTP/1.1 404 \\r\\n\\r\\n";
  close $client;
}
`;

/** Lays out a release as `deno task release` packs it. @param program a compiled one; null: what stands in for it */
export async function layRelease(folder: string, version: string, program: string | null): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const pages = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"));
  const { code, said } = await ran("cp", [
    "-R",
    ...[...PARTS, ...MORE, ...pages].map((part) => ROOT + part),
    folder,
  ]);
  if (code !== 0) throw new Error(said);
  await Deno.writeTextFile(`${folder}/THIRD_PARTY_LICENSES`, "Those of others\n");
  await Deno.writeTextFile(`${folder}/ch-sync.cdx.json`, "{}\n");
  if (program) await Deno.copyFile(program, `${folder}/ch-sync`);
  else await Deno.writeTextFile(`${folder}/ch-sync`, standIn(version));
  await Deno.chmod(`${folder}/ch-sync`, 0o755);
}
