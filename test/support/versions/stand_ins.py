"""What a server of 23.x has in its database `system` and an engine library of that time has not, read off its data folder."""
import hashlib
import os
import re
import shutil
import urllib.parse

ASKED = re.compile(r"\b(FROM|JOIN) `?system`?\.`?(\w+)\b`?(?! *\()( AS [`\w]+)?")
NO_TIME = "1970-01-01 00:00:00"  # a short number is taken for the beginning of such a text
PART = re.compile(r"^([^_]+)_(\d+)_(\d+)_(\d+)(?:_(\d+))?$")

# Columns that such a server has, as far as anybody asks for them: none that came later.
COLUMNS = {
    "parts": "database String, table String, partition_id String, name String, active UInt8, rows UInt64, "
             "bytes_on_disk UInt64, hash_of_all_files String, modification_time DateTime, min_time DateTime, max_time DateTime, "
             "min_block_number Int64, max_block_number Int64, level UInt32, data_version UInt64, has_lightweight_delete UInt8, "
             "engine String, disk_name String, path String",
    "parts_columns": "database String, table String, partition_id String, name String, active UInt8, rows UInt64, column String",
    "mutations": "database String, table String, mutation_id String, command String, create_time DateTime, is_done UInt8, "
                 "parts_to_do Int64, latest_fail_reason String",
    "disks": "name String, path String, free_space UInt64, total_space UInt64, unreserved_space UInt64, type String",
    "storage_policies": "policy_name String, volume_name String, disks Array(String)",
    "detached_parts": "database String, table String, partition_id Nullable(String), name String, modification_time DateTime, "
                      "disk String, reason Nullable(String), min_block_number Nullable(Int64), max_block_number Nullable(Int64), "
                      "level Nullable(UInt32)",
    "processes": "query_id String, user String, query String, elapsed Float64, read_rows UInt64, read_bytes UInt64, "
                 "written_rows UInt64, written_bytes UInt64, memory_usage Int64, ProfileEvents Map(String, UInt64), "
                 "is_cancelled UInt8",
    "merges": "database String, table String, elapsed Float64, progress Float64, partition_id String, is_mutation UInt8",
    "metrics": "metric String, value Int64, description String",
    "clusters": "cluster String, shard_num UInt32, replica_num UInt32, host_name String, host_address String, port UInt16, "
                "is_local UInt8, user String",
    "replicas": "database String, table String, replica_name String, zookeeper_name String, zookeeper_path String, "
                "last_queue_update_exception String, last_queue_update DateTime, is_readonly UInt8, is_session_expired UInt8, "
                "parts_to_check UInt32, log_max_index UInt64, log_pointer UInt64, lost_part_count UInt64, "
                "zookeeper_exception String, replica_is_active Map(String, UInt8), total_replicas UInt8, active_replicas UInt8",
    "replication_queue": "database String, table String, type String, node_name String, new_part_name String, "
                         "last_exception String, postpone_reason String, create_time DateTime",
    "distribution_queue": "database String, table String, data_files UInt64, broken_data_files UInt64, error_count UInt64, "
                          "last_exception String, is_blocked UInt8, data_compressed_bytes UInt64",
    "dictionaries": "database String, name String",
    "macros": "macro String, substitution String",
}


def stood_in(statement, data):
    """The statement with rows in place of the tables that the engine lacks. What another server is sent stays as it is."""
    if re.search(r"\b(remote|remoteSecure|clusterAllReplicas)\(", statement):
        return statement

    def subquery(found):
        word, name, alias = found.groups()
        if name not in COLUMNS:
            return found[0]
        lines = "".join("\t".join(escaped(str(one)) for one in row) + "\n" for row in ROWS.get(name, lambda _: [])(data))
        rows = f"format(TabSeparated, {literal(COLUMNS[name])}, {literal(lines)})" if lines else \
            f"null({literal(COLUMNS[name])})"
        return f"{word} (SELECT * FROM {rows}){alias or f' AS {name}'}"

    return ASKED.sub(subquery, re.sub(r"^DESC TABLE (system\.\w+|`system`\.`\w+`)$", r"DESC TABLE (SELECT * FROM \1)", statement))


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def tables(data):
    for database in listed(f"{data}/data"):
        for table in listed(f"{data}/data/{database}"):
            yield urllib.parse.unquote(database), urllib.parse.unquote(table), f"{data}/data/{database}/{table}"


def listed(path):
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def read(path):
    with open(path, "rb") as file:
        return file.read()


def found_parts(data):
    """Each part with its numbers; one that another covers is not active."""
    for database, table, path in tables(data):
        found = []
        for name in listed(path):
            numbers = PART.match(name)
            if numbers and os.path.exists(f"{path}/{name}/checksums.txt") and not name.startswith(("tmp", "delete_tmp")):
                found.append((name, numbers[1], *(int(one or 0) for one in numbers.groups()[1:])))
        for name, partition, low, high, level, version in found:
            covered = any(other[0] != name and other[1] == partition and other[2] <= low and other[3] >= high and
                          other[4] >= level and other[5] >= version for other in found)
            yield database, table, f"{path}/{name}", name, partition, low, high, level, version, int(not covered)


def keeps_empty(data, part):
    """Whether the table of this part keeps parts without rows; others lose them within moments."""
    table = os.path.relpath(os.path.dirname(part), f"{data}/data")
    return b"remove_empty_parts = 0" in read(f"{data}/metadata/{table}.sql")


def parts(data):
    for database, table, path, name, partition, low, high, level, version, active in found_parts(data):
        size = sum(entry.stat().st_size for entry in os.scandir(path) if entry.is_file())
        rows = int(read(f"{path}/count.txt"))
        deletes = int(b"`_row_exists`" in read(f"{path}/columns.txt"))
        yield (database, table, partition, name, int(active and (rows > 0 or keeps_empty(data, path))), rows, size,
               hashlib.md5(read(f"{path}/checksums.txt")).hexdigest(), int(os.stat(path).st_mtime), NO_TIME, NO_TIME, low, high, level,
               version or low, deletes, "MergeTree", "default", path + "/")


def parts_columns(data):
    for database, table, path, name, partition, *_, active in found_parts(data):
        rows = int(read(f"{path}/count.txt"))
        for column in re.findall(r"^`((?:[^`\\]|\\.)*)`", read(f"{path}/columns.txt").decode(), re.M):
            yield database, table, partition, name, active, rows, column


def mutations(data):
    for database, table, path in tables(data):
        for name in listed(path):
            if not (number := re.match(r"^mutation_(\d+)\.txt$", name)):
                continue
            text = read(f"{path}/{name}").decode()
            made = re.search(r"^create time: (.*)$", text, re.M)[1]
            command = re.search(r"^commands: (.*)$", text, re.M)[1].replace("\\n", " ")
            to_do = sum(1 for part in found_parts(data)
                        if part[:2] == (database, table) and part[9] and max(part[8], part[5]) < int(number[1]))
            yield database, table, name, command, made, int(to_do == 0), to_do, ""


def killed(data, found):
    """Takes these mutations away, which is what a server does to their files; `found` has a line of each."""
    lines = {tuple(line.split("\t")) for line in found.splitlines()}
    for database, table, path in tables(data):
        for name in [name for name in listed(path) if (database, table, name) in lines]:
            os.remove(f"{path}/{name}")


def dictionaries(data):
    for database in listed(f"{data}/metadata"):
        folder = f"{data}/metadata/{database}"
        for name in listed(folder):
            if name.endswith(".sql") and read(f"{folder}/{name}").startswith(b"CREATE DICTIONARY"):
                yield urllib.parse.unquote(database), urllib.parse.unquote(name[:-4])


def disks(data):
    total, _, free = shutil.disk_usage(data)
    yield "default", data + "/", free, total, free, "local"


ROWS = {
    "parts": parts,
    "parts_columns": parts_columns,
    "mutations": mutations,
    "dictionaries": dictionaries,
    "disks": disks,
    "storage_policies": lambda _: [("default", "default", "['default']")],
    "metrics": lambda _: [("Query", 1, ""), ("DelayedInserts", 0, "")],
}
