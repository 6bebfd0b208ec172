"""A server on a UNIX socket that answers as it is told, for tests of the client."""

import http.server
import json
import os
import socket
import socketserver
import tempfile
import threading


class Request:
    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = headers
        self.key = headers.get('Idempotency-Key')
        self.body = body


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        super().setup()
        self.server.stub.connections.append(self.connection)

    def _answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length) if length else None
        if body and self.headers.get('Content-Type') == 'application/json':
            body = json.loads(body)
        stub = self.server.stub
        answer = stub.take(Request(self.command, self.path, self.headers, body))
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if content:
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *arguments):
        pass

    def address_string(self):
        return 'socket'


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


class Stub:
    """Answers requests with ``answers`` in their order: (status, JSON or bytes), a function of the request, or None
    for a server that dies before it has answered."""

    def __init__(self, *answers):
        self._folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._folder.name, 's')
        self.answers = list(answers)
        self.requests = []
        # Sockets of all that have connected, in their order.
        self.connections = []
        self._lock = threading.Lock()
        self._server = None

    def take(self, request):
        with self._lock:
            self.requests.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request) if callable(answer) else answer

    def listen(self):
        self._server = _Server(self.path, _Handler)
        self._server.stub = self
        threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True).start()
        return self

    def cut(self):
        """What a restart does to the connections."""
        for one in self.connections:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                # The client has closed it.
                pass

    __enter__ = listen

    def __exit__(self, *failure):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._folder.cleanup()
