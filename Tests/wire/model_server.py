"""A model server on loopback: it answers as its test has scripted, and remembers what it was asked.

Nothing here is timed. A reply that is to be slow waits at a `Gate` that the test opens, and what a client did, a
connection that it closed too, can be waited for.
"""

import http.server
import json
import select
import socket
import ssl
import threading

from host import PATIENCE

_changed = threading.Condition()
"""One condition for everything that is waited for here: a few connections, no need for more."""


def _await(happened, what):
    with _changed:
        assert _changed.wait_for(happened, PATIENCE), f"{what} didn't come"


class Gate:
    """A place in a reply that the server doesn't pass before the test opens it."""

    def __init__(self):
        self.is_open = False

    def open(self):
        with _changed:
            self.is_open = True
            _changed.notify_all()


CUT = object()
"""A place in a reply where the server closes the connection, as one that crashes does."""


class Reply:
    """What one request is answered with.

    `parts` are bytes, each a write of its own, gates, and CUT. `before` is what happens before the status line: gates
    and CUT, or bytes that are no HTTP. The `framing` tells how the client knows the body's end: `chunked`, `length`,
    or `close`, which is the end of the connection.
    """

    def __init__(self, *parts, status=200, type="text/event-stream", headers=None, before=(), framing="chunked"):
        self.parts = parts
        self.status = status
        self.headers = {**({"Content-Type": type} if type else {}), **(headers or {})}
        self.before = before
        self.framing = framing

    @classmethod
    def json(cls, value, status=200, **more):
        return cls(json.dumps(value).encode(), status=status, type="application/json", framing="length", **more)

    def head(self):
        framing = {
            "chunked": "Transfer-Encoding: chunked",
            "length": f"Content-Length: {sum(len(part) for part in self.parts if isinstance(part, bytes))}",
            "close": "Connection: close",
        }[self.framing]
        rows = [f"HTTP/1.1 {self.status} Scripted", framing, *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join(rows).encode() + b"\r\n\r\n"


class Request:
    """What a client asked. Names of headers are in lower case; `connection` is the same for requests that shared one."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.path = handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.connection = handler.client_address
        self.body = body
        self.is_closed = False
        self.has_left = False  # closed, or cut by the server itself

    @property
    def json(self):
        return json.loads(self.body)

    def wait_closed(self):
        """Until the client has closed the connection while this was the newest request on it."""
        _await(lambda: self.is_closed, f"the end of the connection of {self.method} {self.path}")


class ModelServer:
    """Each request takes the next of the replies; the last one stays for all that follow. A reply may be a function,
    which is given the request. `tls` is a certificate's and a key's path."""

    def __init__(self, *replies, tls=None):
        self.requests = []
        self._replies = list(replies)
        self._ended = False
        self._faults = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.model = self
        self._server.tls = None
        if tls:
            self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.tls.load_cert_chain(*tls)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def answer(self, *replies):
        """What the next requests are answered with."""
        with _changed:
            self._replies[:] = replies

    def request(self, number):
        """The request with this number, from 0, as soon as it is there."""
        _await(lambda: len(self.requests) > number, f"request {number} of the model server")
        return self.requests[number]

    def hang_up(self):
        """Closes all connections, as a server does that has not been asked for a while."""
        self._server.close_connections()

    def _take(self, request):
        with _changed:
            self.requests.append(request)
            _changed.notify_all()
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return reply(request) if callable(reply) else reply

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind, error, trace):
        with _changed:
            self._ended = True
            _changed.notify_all()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(PATIENCE)
        if kind is None:
            assert self._faults == [], "the model server itself failed"


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, *arguments):
        self._connections = set()
        super().__init__(*arguments)

    def get_request(self):
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            # The handshake comes with the first read, on the connection's own thread.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def close_connections(self):
        for connection in list(self._connections):
            _shut(connection, socket.SHUT_RDWR)

    def handle_error(self, request, address):
        """Clients that leave, or that don't trust the certificate, are part of what is tested."""


class _Left(Exception):
    """Nobody waits for the rest of a reply: the client has left, or the test is over."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = Request(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self._is_cut = False
        writer = threading.Thread(target=self._write, args=(request,), daemon=True)
        writer.start()
        # Readable means that the client has closed, or that its next request is there. Both while the reply is being
        # written, which an encrypted connection doesn't bear.
        select.select([self.connection], [], [])
        if self.server.tls:
            writer.join()
        try:
            is_closed = self.rfile.peek(1) == b""
        except OSError:
            is_closed = True
        with _changed:
            request.is_closed = is_closed and not self._is_cut
            request.has_left = is_closed
            _changed.notify_all()
        writer.join()

    do_GET = do_PUT = do_HEAD = do_POST

    def log_message(self, *arguments):
        pass

    def _write(self, request):
        try:
            reply = self.server.model._take(request)
            for part in reply.before:
                self._write_part(part, request, "close")
            self.connection.sendall(reply.head())
            for part in reply.parts:
                self._write_part(part, request, reply.framing)
            if reply.framing == "chunked":
                self.connection.sendall(b"0\r\n\r\n")
            elif reply.framing == "close":
                self.close_connection = True
                _shut(self.connection, socket.SHUT_WR)
        except (_Left, OSError):
            pass
        except Exception as fault:
            self.server.model._faults.append(fault)
            _shut(self.connection, socket.SHUT_RDWR)

    def _write_part(self, part, request, framing):
        if part is CUT:
            self._is_cut = True
            _shut(self.connection, socket.SHUT_RDWR)
            raise _Left
        if isinstance(part, Gate):
            with _changed:
                _changed.wait_for(lambda: part.is_open or request.has_left or self.server.model._ended)
            if not part.is_open:
                raise _Left
        elif part:
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(part), part) if framing == "chunked" else part)


def _shut(connection, how):
    try:
        socket.socket.shutdown(connection, how)
    except OSError:
        pass
