"""
What goes on between two statements of an engine that starts anew for each. It forgets SYSTEM STOP MERGES, and reads its
configuration from the folder in which it runs.
"""
import os
import re

# It could merge only while a statement runs: it merges when it is told to, as a server does that has better things to do.
NO_MERGES = "<merge_tree><max_bytes_to_merge_at_max_space_in_pool>1</max_bytes_to_merge_at_max_space_in_pool></merge_tree>"
# A mutation begins only where there is room for another part.
NO_MUTATIONS = "<storage_configuration><disks><default><keep_free_space_bytes>1000000000000000000</keep_free_space_bytes>" \
    "</default></disks></storage_configuration>"

MERGES = re.compile(r"\s*SYSTEM (STOP|START) MERGES (\S+)", re.I)
MUTATION = re.compile(r"\s*ALTER TABLE (\S+) (?:UPDATE|DELETE)\b", re.I)
KILL = re.compile(r"\s*KILL MUTATION WHERE (.*)", re.I | re.S)


class Background:
    def __init__(self, data):
        folder = data + "/../engine"
        os.makedirs(folder, exist_ok=True)
        os.chdir(folder)
        self.stopped, self.waiting = set(), set()
        self.configure()

    def hear(self, statement):
        """Before the statement: mutations of a table that does not merge wait, and with them all others."""
        if found := MERGES.match(statement):
            table = found[2]
            if found[1].upper() == "STOP":
                self.stopped.add(table)
            else:
                self.stopped.discard(table)
                self.waiting.discard(table)
        elif (found := MUTATION.match(statement)) and found[1] in self.stopped:
            self.waiting.add(found[1])
        elif KILL.match(statement):
            self.waiting.clear()
        else:
            return
        self.configure()

    def configure(self):
        with open("config.xml", "w") as file:
            file.write(f"<clickhouse>{NO_MERGES}{NO_MUTATIONS if self.waiting else ''}</clickhouse>")
