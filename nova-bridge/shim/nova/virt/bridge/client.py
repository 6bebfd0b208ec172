"""HTTP on the socket of the nova-bridge service.

Only the standard library: under eventlet ``socket`` is patched and yields, under native threads it blocks its own
thread. Connections that have had their answer wait a short while for the next request: on a busy host each connect costs
the service two turns on a processor. One that was cut meanwhile is replaced at once, so a restart of the service is seen by
nobody but who waits just then.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import http.client
import json
import os
import socket
import time
from typing import Any
import uuid

from oslo_log import log as logging

from nova import exception
from nova.virt.bridge import problems

LOG = logging.getLogger(__name__)

# The protocol of this shim, which speaks the one before as well, as the service does. 2: what is plugged and connected is told.
# 3: instances go to another host and are started there by Nova.
PROTOCOL = 3

# Seconds that the service holds an answer back while an operation runs, and that we wait for any answer.
WAIT = 30
TIMEOUT = 90
# Seconds that a service which is away may take to come back: as long as it keeps our operations (operation_lease).
PATIENCE = 60
LONGEST_PAUSE = 10
# And one that has no room for more operations: less than the minute that who asks nova-compute waits for its answer.
BUSY_PATIENCE = 30
# How often an operation that a restart interrupted is asked for again with its key.
TAKE_UP = 5

# Connections that wait for the next request, and for how many seconds; the service closes silent ones after 30.
SPARE = 8
SPARE_SECONDS = 10

class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__('nova-bridge', timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclasses.dataclass
class _Request:
    method: str
    path: str
    body: Any = None
    key: str | None = None
    # How often it was given to a service that has not answered: each of them may have been taken.
    unanswered: int = 0


def untouched(failure: BaseException) -> bool:
    """Whether it is a refusal at the door: the service was not reached, or had no room, so nothing has begun.

    :param failure: what a request of a :class:`Client` has raised
    """
    return getattr(failure, 'nova_bridge_untouched', False)


class Client:
    """The service behind one socket. Safe for use by many threads: each request has a connection for itself."""

    def __init__(self, path: str, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._spare = _Spare()
        self._speaks = PROTOCOL

    def get(self, path: str, patience: float | None = None) -> Any:
        """The JSON answer.

        :param patience: seconds that the service may be away, where they are not those of all requests
        :raises: the exception of the problem; HypervisorUnavailable when the service stays away
        """
        return json.loads(self._ask('GET', path, patience=patience))

    def get_bytes(self, path: str) -> bytes:
        """The answer as it is."""
        return self._ask('GET', path)

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer to a question that has a body and changes nothing."""
        return json.loads(self._ask('POST', path, body))

    def put(self, path: str, body: Any) -> None:
        """Says something that is remembered; saying it again is the same.

        :param body: JSON, or bytes that are sent as they are
        """
        self._ask('PUT', path, body)

    def delete(self, path: str) -> None:
        """Takes that back; what is not there is success."""
        self._ask('DELETE', path)

    def lines(self, path: str, last_event: str | None) -> Iterator[str]:
        """The lines of an answer that goes on until either side ends it.

        :param last_event: id of the last event that was seen, for a stream of them
        :raises: OSError when the service is away or silent for longer than it ever is; the exception of a problem
        """
        headers = {'Accept': 'text/event-stream, application/problem+json', **self._protocol()}
        if last_event is not None:
            headers['Last-Event-ID'] = last_event
        connection = _UnixConnection(self._path)
        try:
            connection.request('GET', path, headers=headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise problems.exception_of(_problem(answer.status, answer.read()))
            while True:
                line = answer.readline()
                if not line:
                    return
                yield line.decode('utf-8').rstrip('\n')
        finally:
            connection.close()

    def change(self, path: str, body: Any = None, method: str = 'POST') -> dict[str, Any]:
        """Asks for something and waits until it is done.

        All attempts carry one Idempotency-Key: a service that was restarted meanwhile takes the same operation up
        again, or tells how it ended, and does nothing twice.

        :param body: JSON, or bytes that are sent as they are
        :returns: the operation's result
        :raises: the exception of the operation's problem; HypervisorUnavailable when the service stays away
        """
        key = str(uuid.uuid4())
        operation = json.loads(self._ask(method, path, body, key))
        try:
            return self._follow(operation, lambda: json.loads(self._ask(method, path, body, key)))
        except Exception as failure:
            failure.nova_bridge_untouched = False  # type: ignore[attr-defined]
            raise

    def _follow(self, operation: dict[str, Any], again: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        taken_up = 0
        while True:
            state = operation['state']
            if state == 'done':
                return operation.get('result') or {}
            if state == 'interrupted' and taken_up < TAKE_UP:
                LOG.info('nova-bridge was restarted during %s of instance %s; asking for it again',
                         operation.get('kind'), operation.get('instance'))
                if taken_up:
                    time.sleep(1)
                taken_up += 1
                operation = again()
            elif state in ('pending', 'running'):
                operation = self.get('/v1/operations/%s?wait=%d' % (operation['id'], WAIT))
            else:
                raise problems.exception_of(operation.get('problem') or {})

    def protocol(self) -> None:
        """Waits for the service as long as it takes, and compares the protocols.

        nova-compute is not reported as up meanwhile, so nothing is scheduled to this host.

        :raises: InvalidConfiguration saying which side to upgrade
        """
        answer = json.loads(self._ask('GET', '/healthz', patience=float('inf')))
        newest = int(answer.get('protocol', 0))
        oldest = int(answer.get('oldest_protocol', newest))
        if PROTOCOL - 1 > newest:
            raise exception.InvalidConfiguration(
                'This shim speaks protocols %d and %d and the nova-bridge service on %s only %d: upgrade nova-bridge, the '
                'service, first.' % (PROTOCOL - 1, PROTOCOL, self._path, newest))
        if PROTOCOL < oldest:
            raise exception.InvalidConfiguration(
                'The nova-bridge service on %s speaks protocols %d to %d and this shim only %d: upgrade the shim '
                '(nova/virt/bridge) on this host.' % (self._path, oldest, newest, PROTOCOL))
        self._speaks = min(PROTOCOL, newest)
        if self._speaks < PROTOCOL:
            LOG.warning('the nova-bridge service on %s is older than this shim, which speaks protocol %d with it; servers '
                        'neither go to other hosts nor tell where their tagged devices are until it is upgraded and '
                        'nova-compute is started again', self._path, self._speaks)

    def speaks(self, protocol: int) -> bool:
        """Whether the service knows what this protocol has brought."""
        return self._speaks >= protocol

    def _protocol(self) -> dict[str, str]:
        """With each request: the service may have been upgraded and started again since they compared."""
        return {'Nova-Bridge-Protocol': str(self._speaks)}

    def _ask(self, method: str, path: str, body: Any = None, key: str | None = None,
             patience: float | None = None) -> bytes:
        """A service that is away, or has no room just now, is asked again: most refusals of a moment are over before
        Nova would have to hear of them."""
        request = _Request(method, path, body, key)
        begin = time.monotonic()
        pause = 0.2
        while True:
            longest = self._patience if patience is None else patience
            try:
                status, content = self._send(request)
            except (OSError, http.client.HTTPException) as absent:
                why = 'does not answer on %s: %s' % (self._path, _why(absent))
                failure: Exception = exception.HypervisorUnavailable('nova-bridge %s. Is the service running?' % why)
            else:
                if status < 400:
                    return content
                problem = _problem(status, content)
                failure = problems.exception_of(problem)
                if problems.type_of(problem) != problems.BUSY:
                    raise failure
                why = 'has no room: %s' % failure
                longest = min(longest, BUSY_PATIENCE)
            if time.monotonic() - begin + pause > longest:
                failure.nova_bridge_untouched = not request.unanswered  # type: ignore[attr-defined]
                raise failure
            LOG.warning('nova-bridge %s. Next attempt in %.1f s.', why, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _send(self, request: _Request) -> tuple[int, bytes]:
        headers = {'Accept': 'application/json, application/octet-stream, application/problem+json', **self._protocol()}
        content = None
        if isinstance(request.body, bytes):
            content = request.body
            headers['Content-Type'] = 'application/octet-stream'
        elif request.body is not None:
            content = json.dumps(request.body).encode('utf-8')
            headers['Content-Type'] = 'application/json'
        if request.key is not None:
            headers['Idempotency-Key'] = request.key
        while True:
            spare = self._spare.take()
            connection = spare or _UnixConnection(self._path)
            try:
                if spare is None:
                    connection.connect()
                request.unanswered += 1
                connection.request(request.method, request.path, body=content, headers=headers)
                answer = connection.getresponse()
                status, received = answer.status, answer.read()
            except (ConnectionError, http.client.BadStatusLine):
                # The service was restarted since; what is sent again has its key, or changes nothing by being sent again.
                connection.close()
                if spare is None:
                    raise
            except BaseException:
                connection.close()
                raise
            else:
                request.unanswered -= 1
                self._spare.keep(connection)
                return status, received


class _Spare:
    """Connections without a request. What a deque does to its ends needs no lock."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._waiting: collections.deque[tuple[float, _UnixConnection]] = collections.deque()

    def take(self) -> _UnixConnection | None:
        """The one that was used last; None when a new one is needed."""
        if self._owner != os.getpid():
            # Two processes on one connection would read each other's answers.
            self._owner, self._waiting = os.getpid(), collections.deque()
        while True:
            try:
                since, connection = self._waiting.pop()
            except IndexError:
                return None
            if time.monotonic() - since < SPARE_SECONDS:
                return connection
            connection.close()

    def keep(self, connection: _UnixConnection) -> None:
        """Takes one whose answer was read to its end."""
        if connection.sock is None:
            # The answer said that it was the last on it.
            return
        self._waiting.append((time.monotonic(), connection))
        try:
            while len(self._waiting) > SPARE or time.monotonic() - self._waiting[0][0] >= SPARE_SECONDS:
                self._waiting.popleft()[1].close()
        except IndexError:
            # Taken meanwhile.
            pass


def _problem(status: int, content: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(content)
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {'detail': 'nova-bridge answered with status %d' % status}


def _why(absent: Exception) -> str:
    if isinstance(absent, FileNotFoundError):
        return 'there is no such socket'
    if isinstance(absent, PermissionError):
        return 'this user may not use the socket; it must be in the group of [nova_bridge]socket_group'
    if isinstance(absent, ConnectionRefusedError):
        return 'nobody listens'
    return str(absent) or type(absent).__name__
