"""An engine of a `chdb` wheel: statements in, bytes out, one after another."""
import os
import re
import sys
import threading
import uuid
from background import KILL, Background, cleared, dropped
from stand_ins import killed, stood_in

# Once set, these cannot be unset in the same session, or forbid the statement that does; the last two are none to be set in one:
# with a delay of 1 the library answers nothing any more.
STUCK = {"readonly", "allow_ddl", "implicit_transaction", "max_parser_depth", "max_parser_backtracks", "max_query_size",
         "run_query_in_background", "interactive_delay"}


# What tells runs of a server apart. Where each statement has an engine of its own, it would do so for each of them.
NAMES = r"(?:[\w.`]+ = '{0}'|\([\w.`]+ = '{0}'\))"
SYSTEM_UUID = re.compile(
    r"SELECT (?:[\w`]+\.)?`?uuid`?(?: AS `?uuid`?)?\s+FROM `?system`?\.`?(?:databases|tables)`?(?: AS [\w`]+)?\s+WHERE " +
    NAMES.format("system") + "(?: AND " + NAMES.format("parts") + ")?")


class Refused(Exception):
    """What the engine says of a statement that it refuses."""

    def __init__(self, text):
        text = text.strip()
        at = text.find("Code:")
        super().__init__(text[at:] if at >= 0 else f"Code: 1002. DB::Exception: {text} (UNKNOWN)")

    @property
    def code(self):
        return (re.match(r"Code: (\d+)", str(self)) or ["", "1002"])[1]


def told(result):
    if hasattr(result, "has_error") and result.has_error():
        raise Refused(result.error_message())
    return bytes(result.bytes())


def quoted(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Engine:
    def __init__(self, folder, data):
        folder = os.path.abspath(folder)
        sys.path.insert(0, folder)
        here = os.getcwd()
        os.chdir(folder + "/chdb")  # it looks for its own libraries there
        sys.path.insert(0, folder + "/chdb")
        import _chdb
        os.chdir(here)
        sys.path.remove(folder + "/chdb")  # its folders are called like modules of others
        self.lock = threading.Lock()
        os.makedirs(data, exist_ok=True)
        self.once = None
        self.run_id = str(uuid.uuid4())
        if hasattr(_chdb, "connect"):
            self.connection = _chdb.connect(data)
        else:
            self.background = Background(data)
            self.kept = data + "/set_statements"
            self.once = lambda text, form: _chdb.query(text, form, path=data)
            # It writes down there what it refuses, and says nothing else.
            self.complaints = open(data + "/../complaints", "w+b", buffering=0)
            os.dup2(self.complaints.fileno(), 2)
        self.known = set()
        self.stands_in = None
        self.version = self.run(["SELECT version()"], {}, "TabSeparated").decode().strip()
        self.known = set(self.run(["SELECT name FROM system.settings"], {}, "TabSeparated").decode().split("\n"))
        has = self.run(["SELECT count() FROM system.tables WHERE database = 'system' AND name = 'parts'"], {}, "TabSeparated")
        self.stands_in = data if has.strip() == b"0" else None

    def run(self, statements, settings, form, after=()):
        """Runs statements with these settings; answers what the last one did. Raises Refused. `after` runs in any case."""
        if self.stands_in and (found := KILL.match(statements[-1])):
            waiting = f"SELECT database, table, mutation_id FROM system.mutations WHERE NOT is_done AND ({found[1]})"
            killed(self.stands_in, self.run([waiting], settings, "TabSeparatedRaw").decode())
            self.background.hear(statements[-1])
            return b""
        settings = {k: v for k, v in settings.items() if k not in STUCK}
        set_them = [f"SET {', '.join(f'`{k}` = {quoted(v)}' for k, v in settings.items())}"] if settings else []
        with self.lock:
            # What stands in is read off the data folder, in which nothing changes meanwhile.
            statements = [self.plain(one) for one in statements]
            if self.once:
                self.complaints.truncate(0)
                for one in statements:
                    self.background.hear(one)
                # It keeps each SET there, without quotes, and begins with them the next time.
                if os.path.exists(self.kept):
                    os.remove(self.kept)
                answer, said = b"", ""
                try:
                    answer = told(self.once(";\n".join([*set_them, *statements]), form))
                except RuntimeError as error:
                    said = str(Refused(str(error)))
                except Refused as refused:
                    said = str(refused)
                self.complaints.seek(0)
                said = self.background.done(self.complaints.read().lstrip(b"\0").decode(errors="replace") + said)
                if "Code: " in said:
                    raise Refused(said)
                return answer
            try:
                for one in [*set_them, *statements]:
                    answer = self.ask(one, form)
                return answer
            finally:
                unset = [f"`{k}` = DEFAULT" for k in settings if k in self.known]
                for one in [*([f"SET {', '.join(unset)}"] if unset else []), *after]:
                    self.ask(one, form)

    def ask(self, text, form):
        try:
            result = self.connection.query(text, form)
        except RuntimeError as error:
            raise Refused(str(error)) from None
        return told(result)

    def plain(self, text):
        """DROP … SYNC never ends in libraries that stay, and those that do not stay must have it."""
        text = re.sub(r"^(DROP .*) SYNC\s*$", r"\1", text.strip(), flags=re.S | re.I)
        if self.once:
            text = dropped(text)
        if self.once and "remote(" not in text:
            text = cleared(re.sub(SYSTEM_UUID, f"SELECT toUUID('{self.run_id}') AS uuid", text))
        return stood_in(text, self.stands_in) if self.stands_in else text
