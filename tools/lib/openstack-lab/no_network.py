#!/usr/bin/python3
"""Stands where Neutron's API would: a network service without networks, for servers without ports.

Nova asks the network service about each server that it shows, also about those without a port; with none in the
catalog every GET of a server answers 500. Reads get empty lists, whatever would make something gets 409.
"""

import http.server
import json
import re

QUOTAS = ('network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule')
ADDRESS = ('127.0.0.1', 9696)


def answer(path):
    """(status, body) of a read."""
    path = re.sub(r'\.json$', '', path.split('?')[0].rstrip('/'))
    if path == '':
        link = {'rel': 'self', 'href': 'http://%s:%d/v2.0/' % ADDRESS}
        return 200, {'versions': [{'id': 'v2.0', 'status': 'CURRENT', 'links': [link]}]}
    if path == '/v2.0':
        return 200, {'resources': []}
    quota = re.match(r'^/v2\.0/quotas/[^/]+(/details)?$', path)
    if quota:
        value = {'limit': -1, 'used': 0, 'reserved': 0} if quota.group(1) else -1
        return 200, {'quota': {name: value for name in QUOTAS}}
    things = re.match(r'^/v2\.0/([a-z-]+)$', path)
    if things:
        return 200, {things.group(1).replace('-', '_'): []}
    return 404, {'NeutronError': {'type': 'NotFound', 'message': 'no such resource', 'detail': ''}}


class Requests(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self._say(*answer(self.path))

    def do_POST(self):
        self._say(409, {'NeutronError': {
            'type': 'Conflict', 'message': 'this lab has no network service', 'detail': ''}})

    do_PUT = do_DELETE = do_POST

    def _say(self, status, body):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == '__main__':
    http.server.ThreadingHTTPServer(ADDRESS, Requests).serve_forever()
