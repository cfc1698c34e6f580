"""A forward proxy on loopback. Wherever a client wants to go, it gets to the one server that the proxy leads to, so a
test can use names of hosts that are nowhere."""

import socket
import socketserver
import threading


class ForwardProxy:
    """`lines` are the request lines that came, as text; `heads` the whole heads."""

    def __init__(self, port):
        self.lines = []
        self.heads = []
        self.leads_to = port
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, address):
        """Either side may leave at any time."""


class _Handler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        first, *rows = self._read_head().split(b"\r\n")
        self.server.proxy.heads.append(b"\r\n".join([first, *rows]).decode())
        self.server.proxy.lines.append(first.decode())
        method, target, version = first.split(b" ")
        with socket.create_connection(("127.0.0.1", self.server.proxy.leads_to)) as further:
            if method == b"CONNECT":
                self.connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                # One request a connection, so that each is seen here.
                path = b"/" + target.split(b"://", 1)[1].partition(b"/")[2]
                kept = [row for row in rows if not row.lower().startswith((b"connection:", b"proxy-"))]
                further.sendall(b"\r\n".join([b" ".join([method, path, version]), b"Connection: close", *kept]))
            back = threading.Thread(target=_pump, args=(further, self.connection), daemon=True)
            back.start()
            _pump(self.connection, further)
            back.join()

    def _read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.read(1) or _gone()
        return head


def _gone():
    raise ConnectionError("the client left before it had asked")


def _pump(source, sink):
    try:
        while read := source.recv(1 << 16):
            sink.sendall(read)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
