"""
What goes on between two statements of an engine that starts anew for each. It forgets SYSTEM STOP MERGES, and reads its
configuration from the folder in which it runs.
"""
import os
import re
import shutil

# It could merge only while a statement runs: it merges when it is told to, as a server does that has better things to do.
NO_MERGES = "<merge_tree><max_bytes_to_merge_at_max_space_in_pool>1</max_bytes_to_merge_at_max_space_in_pool></merge_tree>"
# A mutation begins only where there is room for another part.
NO_MUTATIONS = "<storage_configuration><disks><default><keep_free_space_bytes>1000000000000000000</keep_free_space_bytes>" \
    "</default></disks></storage_configuration>"

NAME = r"((?:`(?:[^`\\]|\\.)*`|[^\s`])+)"
MERGES = re.compile(rf"\s*SYSTEM (STOP|START) MERGES {NAME}", re.I)
MUTATION = re.compile(rf"\s*ALTER TABLE {NAME} (?:UPDATE|DELETE)\b", re.I)
DROP = re.compile(r"\s*DROP (?:TABLE|VIEW|DICTIONARY|DATABASE)\b", re.I)
UNFINISHED = re.compile(r"Code: 341\. DB::Exception: Did not finish dropping the table .*\n?")
MOVED = re.compile(rf"\s*ALTER TABLE {NAME} (?:REPLACE|MOVE) PARTITION\b", re.I)
KILL = re.compile(r"\s*KILL MUTATION WHERE (.*)", re.I | re.S)


def cleared(statement):
    """
    With what a server does within a second of it: takes replaced parts off its disk, which the next engine would take for
    active ones. The engine does so as soon as a partition is dropped, here one that never was.
    """
    moved = MOVED.match(statement)
    return f"{statement};\nALTER TABLE {moved[1]} DROP PARTITION ID 'none'" if moved else statement


def dropped(statement):
    """With SYNC: the engine ends before it drops what it puts off, and the next but one dies of what it remembers of it."""
    return f"{statement} SYNC" if DROP.match(statement) else statement


class Background:
    def __init__(self, data):
        self.data = data
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

    def done(self, complaints):
        """After a statement: drops for good what was dropped. Answers the complaints but those that say that it was not."""
        for name in os.listdir(folder) if os.path.isdir(folder := f"{self.data}/metadata_dropped") else []:
            uuid = name.split(".")[-2]
            shutil.rmtree(f"{self.data}/store/{uuid[:3]}/{uuid}", ignore_errors=True)
            os.remove(f"{folder}/{name}")
        return UNFINISHED.sub("", complaints)

    def configure(self):
        with open("config.xml", "w") as file:
            file.write(f"<clickhouse>{NO_MERGES}{NO_MUTATIONS if self.waiting else ''}</clickhouse>")
