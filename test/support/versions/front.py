"""An HTTP server, and enough of the native one, over an engine library that can only answer queries.

python3 front.py ENGINE_FOLDER DATA_FOLDER HOST HTTP_PORT TCP_PORT USERS [header|body]

USERS is JSON: by name, the password and the settings of the profile, of which those count that the engine knows. With the last
argument it tells errors as servers before 25.x do once they have begun to answer: with status 200, and the code in a header, or
the text at the end of the body.

It prints one line once it answers, and ends when stdin closes. Statements go one after another. What it cannot show:
grants, constraints of profiles, system.processes, KILL, TLS.
"""
import base64
import http.server
import json
import os
import sys
import threading
import urllib.parse
from engine import Engine, Refused

# The library would take what comes from there for rows of an INSERT.
ENDS = os.dup(0)
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
ENGINE, DATA, HOST, HTTP_PORT, TCP_PORT = sys.argv[1:6]
USERS = json.loads(sys.argv[6])
LATE = sys.argv[7] if len(sys.argv) > 7 else ""


def profile_of(user, password):
    """The settings of whoever may log in; None: nobody knows them."""
    of = USERS.get(user)
    if of is None or of["password"] != password:
        return None
    return {name: value for name, value in of["profile"].items() if name in engine.known}


# Of HTTP itself, no settings.
NO_SETTINGS = {"query", "query_id", "database", "default_format", "wait_end_of_query", "user", "password", "buffer_size",
               "enable_http_compression", "session_id", "role"}
UNKNOWN_SETTING = "115"  # is told before anything is answered
STATUS = {"516": 403, "497": 403, "60": 404, "81": 404}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def credentials(self):
        given = self.headers.get("authorization", "")
        if given.startswith("Basic "):
            user, _, password = base64.b64decode(given[6:]).decode().partition(":")
            return user, password
        return self.headers.get("x-clickhouse-user", "default"), self.headers.get("x-clickhouse-key", "")

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        given = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        headers = {"X-ClickHouse-Query-Id": given.get("query_id", "front"), "Content-Type": "text/plain",
                   "X-ClickHouse-Server-Display-Name": f"front-{HTTP_PORT}"}
        if url.path == "/ping":
            return self.reply(200, b"Ok.\n", headers)
        try:
            profile = profile_of(*self.credentials())
            if profile is None:
                raise Refused(f"Code: 516. DB::Exception: {self.credentials()[0]}: Authentication failed. (AUTHENTICATION_FAILED)")
            statement = "\n".join(filter(None, [given.get("query"), body]))
            settings = profile | {k: v for k, v in given.items() if k not in NO_SETTINGS and not k.startswith("param_")}
            answer = engine.run([statement], settings, given.get("default_format", "TabSeparated"))
            self.reply(200, answer, {**headers, "X-ClickHouse-Summary": json.dumps({"read_rows": "0"})})
        except Refused as refused:
            code = refused.code
            text = f"{refused} (version {engine.version})".encode()
            if LATE == "body" and code != UNKNOWN_SETTING:
                return self.reply(200, text + b"\n", headers)
            if LATE == "header" and code != UNKNOWN_SETTING:
                return self.reply(200, text, {**headers, "X-ClickHouse-Exception-Code": code})
            self.reply(STATUS.get(code, 500), text, {**headers, "X-ClickHouse-Exception-Code": code})

    do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


engine = Engine(ENGINE, DATA)
import native  # after the engine, which brings the libraries that it needs

web = Server((HOST, int(HTTP_PORT)), Handler)
tcp = native.listen(HOST, int(TCP_PORT), engine, profile_of)
threading.Thread(target=web.serve_forever, daemon=True).start()
print(json.dumps({"version": engine.version, "http": web.server_port, "tcp": tcp}), flush=True)
os.read(ENDS, 1)
os._exit(0)  # not the clean way: static destructors of the libraries may crash
