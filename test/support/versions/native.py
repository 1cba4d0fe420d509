"""The least of ClickHouse's native protocol that `remote()` of another server needs."""
import io, json, re, socketserver, struct, tempfile, threading
import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128
from engine import Refused, quoted
from stand_ins import COLUMNS

REVISION = 54440  # before interserver secrets, custom serialization and the rest
FRAME_BYTES = 900_000
BLOCK_INFO = b"\x01\x00\x02" + struct.pack("<i", -1) + b"\x00"
COMPLETE = 2
IMPORTANT = 1
# Rows follow, in blocks.
INSERT = re.compile(r"\s*(INSERT\s+INTO\s+([^\s(]+)\s*(?:\(([^()]*)\))?)\s*(?:FORMAT\s+Native|VALUES)\s*$", re.S | re.I)
HELLO, QUERY, DATA, CANCEL, PING, TABLES_STATUS, SCALAR = 0, 1, 2, 3, 4, 5, 7


def number(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return number(len(data)) + data


def frame(data):
    body = struct.pack("<BII", 2, len(data) + 9, len(data)) + data
    checksum = CityHash128(body).to_bytes(16, "little")
    return checksum[8:] + checksum[:8] + body


UNPACK = {
    0x02: lambda data, _: data,
    0x82: lambda data, plain: lz4.block.decompress(data, uncompressed_size=plain),
    0x90: lambda data, plain: zstandard.ZstdDecompressor().decompress(data, max_output_size=plain),
}


class Reader:
    """Over a socket, or over the compressed frames in it."""

    def __init__(self, file):
        self.file, self.compressed, self.rest = file, False, b""

    def raw(self, n):
        data = self.file.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def frame(self):
        self.raw(16)
        method, size, plain = struct.unpack("<BII", self.raw(9))
        data = self.raw(size - 9)
        return UNPACK[method](data, plain)

    def get(self, n):
        if not self.compressed:
            return self.raw(n)
        while len(self.rest) < n:
            self.rest += self.frame()
        out, self.rest = self.rest[:n], self.rest[n:]
        return out

    def number(self):
        n = shift = 0
        while True:
            byte = self.get(1)[0]
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    def text(self):
        return self.get(self.number()).decode()


SIZES = {"UInt8": 1, "Int8": 1, "Bool": 1, "UInt16": 2, "UInt32": 4, "Int32": 4, "UInt64": 8, "Int64": 8, "UInt128": 16, "Int16": 2,
         "Float32": 4, "Float64": 8, "Date": 2, "DateTime": 4}


def column(reader, type, rows):
    if rows == 0:
        return b""
    if type in SIZES:
        return reader.get(SIZES[type] * rows)
    if type.startswith("Tuple("):
        return b"".join(column(reader, one.strip().split(" ")[-1], rows) for one in type[6:-1].split(","))
    if type.startswith("Array("):
        ends = reader.get(8 * rows)
        return ends + column(reader, type[6:-1], struct.unpack("<Q", ends[-8:])[0])
    if type.startswith("Nullable("):
        return reader.get(rows) + column(reader, type[9:-1], rows)
    if type == "String":
        return b"".join(text(reader.get(reader.number())) for _ in range(rows))
    raise Refused(f"the front takes no external table with a column of type {type}")


def block_info(reader):
    while (field := reader.number()) != 0:
        reader.get({1: 1, 2: 4}[field])


def block(reader):
    block_info(reader)
    columns, rows = reader.number(), reader.number()
    native, found = number(columns) + number(rows), []
    for _ in range(columns):
        name, type = reader.text(), reader.text()
        found.append((name, type))
        native += text(name) + text(type) + (column(reader, type, rows) if rows else b"")
    return found, rows, native


def name_of(column):
    return "`" + column.replace("\\", "\\\\").replace("`", "\\`") + "`"


def listen(host, port, engine, profile_of):
    """Listens in a thread; answers the port. `profile_of` answers the profile of a user and password, or None."""
    class Handler(socketserver.StreamRequestHandler):
        def out(self, data):
            self.wfile.write(data)
            self.wfile.flush()

        def refuse(self, refused):
            words = re.sub(r"^Code: \d+\. DB::Exception: ", "", str(refused))
            self.out(number(2) + struct.pack("<i", int(refused.code)) + text("DB::Exception") +
                     text("DB::Exception: " + words) + text("") + b"\0")

        def handle(self):
            try:
                self.talk(Reader(self.rfile))
            except (EOFError, ConnectionError):
                pass

        def talk(self, reader):
            assert reader.number() == HELLO
            reader.text(), reader.number(), reader.number(), reader.number(), reader.text()
            self.profile = profile_of(reader.text(), reader.text())
            if self.profile is None:
                return self.refuse(Refused("Code: 516. DB::Exception: Authentication failed (AUTHENTICATION_FAILED)"))
            major, minor, patch = engine.version.split(".")[:3]
            self.out(number(0) + text("ClickHouse") + number(int(major)) + number(int(minor)) + number(REVISION) +
                     text("Etc/UTC") + text("front") + number(int(patch)))
            while True:
                packet = reader.number()
                if packet == PING:
                    self.out(number(4))
                elif packet == TABLES_STATUS:
                    wanted = [(reader.text(), reader.text()) for _ in range(reader.number())]
                    there = [one for one in wanted if exists(*one)]
                    self.out(number(9) + number(len(there)) +
                             b"".join(text(database) + text(name) + b"\0" for database, name in there))
                elif packet == QUERY:
                    self.query(reader)
                elif packet == DATA:
                    data(reader, self.compressing)
                elif packet != CANCEL:
                    raise EOFError

        def query(self, reader):
            reader.text()
            client_info(reader)
            settings = []
            while name := reader.text():
                flags = reader.number()
                settings.append((name, flags, reader.text()))
            stage, self.compressing, statement = reader.number(), bool(reader.number()), reader.text()
            prelude, files = [], []
            try:
                external_tables(reader, self.compressing, prelude, files)
                # A long constant comes beside the statement, as a table of one row.
                statement = re.sub(r"__getScalar\('(\w+)'\)", r"(SELECT * FROM `\1`)", statement)
                unknown = [name for name, flags, _ in settings if name not in engine.known and flags & IMPORTANT]
                if unknown:
                    raise Refused(f"Code: 115. DB::Exception: Unknown setting {unknown[0]} (UNKNOWN_SETTING)")
                if stage != COMPLETE:
                    raise Refused(f"Code: 48. DB::Exception: the front cannot process to stage {stage} (NOT_IMPLEMENTED)")
                known = {name: value for name, _, value in settings if name in engine.known}
                if inserting := INSERT.match(statement):
                    self.insert(reader, *inserting.groups(), self.profile | known)
                    return self.out(number(5))
                body = answer(prelude, statement, self.profile | known)
                if body:
                    body = BLOCK_INFO + body
                    frames = [frame(body[at:at + FRAME_BYTES]) for at in range(0, len(body), FRAME_BYTES)]
                    self.out(number(1) + text("") + (b"".join(frames) if self.compressing else body))
                self.out(number(5))
            except Refused as refused:
                self.refuse(refused)
            finally:
                for file in files:
                    file.close()

        def insert(self, reader, into, table, columns, settings):
            """Tells what the columns are, and takes blocks until an empty one, each from a frame of its own, as clients send small ones."""
            described = engine.run([f"DESCRIBE TABLE {table}"], {}, "JSONCompactEachRow").decode().splitlines()
            types = {name: type for name, type, *_ in map(json.loads, described)}
            names = [one.strip().strip('`"') for one in columns.split(",")] if columns else list(types)
            sample = BLOCK_INFO + number(len(names)) + number(0) + b"".join(text(name) + text(types[name]) for name in names)
            self.out(number(1) + text("") + (frame(sample) if self.compressing else sample))
            if not self.compressing:
                raise Refused("Code: 48. DB::Exception: the front takes rows in compressed frames only (NOT_IMPLEMENTED)")
            while reader.number() == DATA:
                reader.text()
                body = io.BytesIO(reader.frame())
                block_info(Reader(body))
                native = body.read()
                if native[:1] == b"\0":
                    return
                with tempfile.NamedTemporaryFile() as file:
                    file.write(native)
                    file.flush()
                    engine.run([f"{into} SELECT * FROM file('{file.name}', Native)"], settings, "TabSeparated")
            raise EOFError

    def answer(prelude, statement, settings):
        """One block: a packet of the protocol holds no more, and blocks of the format cannot be told apart here."""
        gone = [f"DROP TEMPORARY TABLE IF EXISTS {name}" for name in ["`_front`", *made(prelude)]]
        if not re.match(r"\s*(SELECT|WITH|\()", statement, re.I):
            return engine.run([*prelude, statement], settings, "Native", gone)
        settings = {**settings, "min_insert_block_size_rows": "1000000000", "min_insert_block_size_bytes": "0",
                    "max_insert_threads": "1", "max_threads": "1"}
        whole = [f"CREATE TEMPORARY TABLE `_front` ENGINE = Memory AS {statement}", "SELECT * FROM `_front`"]
        return engine.run([*prelude, *whole], settings, "Native", gone)

    def made(prelude):
        return [found[1] for one in prelude if (found := re.match(r"CREATE TEMPORARY TABLE (`.*?`)", one))]

    def exists(database, name):
        if database == "system" and engine.stands_in and name in COLUMNS:
            return True
        found = f"SELECT count() FROM system.tables WHERE database = {quoted(database)} AND name = {quoted(name)}"
        return engine.run([found], {}, "TabSeparated").strip() != b"0"

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128
        allow_reuse_address = True

    server = Server((host, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def client_info(reader):
    if not reader.get(1)[0]:
        return
    reader.text(), reader.text(), reader.text()
    interface = reader.get(1)[0]
    if interface == 1:
        reader.text(), reader.text(), reader.text(), reader.number(), reader.number(), reader.number()
    elif interface == 2:
        reader.get(1), reader.text()
    reader.text()
    if interface == 1:
        reader.number()


def data(reader, compressed):
    name = reader.text()
    reader.compressed = compressed
    found = block(reader)
    reader.compressed = False
    return name, *found


def external_tables(reader, compressed, prelude, files):
    """Reads to the empty block that ends them; statements that make tables of them, from files that live until then."""
    made = set()
    while True:
        packet = reader.number()
        if packet not in (DATA, SCALAR):
            raise EOFError
        name, columns, rows, native = data(reader, compressed)
        if not columns and not name:
            return
        if name not in made:
            made.add(name)
            listed = ", ".join(f"{name_of(column)} {type}" for column, type in columns)
            prelude.append(f"CREATE TEMPORARY TABLE `{name}` ({listed}) ENGINE = Memory")
        if rows:
            file = tempfile.NamedTemporaryFile()
            file.write(native)
            file.flush()
            files.append(file)
            prelude.append(f"INSERT INTO `{name}` SELECT * FROM file('{file.name}', Native)")
