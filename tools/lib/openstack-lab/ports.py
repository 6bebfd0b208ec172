#!/usr/bin/python3
"""Passes TCP connections on, port by port: what listens on one machine's loopback is there at another's as well.

usage: ports.py FROM TO DEVICE|- PORT…     listens at the address FROM, for that network device alone, and connects to TO
"""

import asyncio
import socket
import sys


async def pour(source, sink):
    while part := await source.read(1 << 16):
        sink.write(part)
        await sink.drain()
    sink.write_eof()


async def pass_on(to, port, source, sink):
    try:
        there_source, there_sink = await asyncio.open_connection(to, port)
    except OSError:
        sink.transport.abort()
        return
    try:
        await asyncio.gather(pour(source, there_sink), pour(there_source, sink))
    except OSError:
        # One end has broken off: so does the other.
        sink.transport.abort()
        there_sink.transport.abort()
    finally:
        sink.close()
        there_sink.close()


async def listen(address, to, device, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if device != '-':
        # Nobody else on this machine or its networks gets in here.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    listener.bind((address, port))
    server = await asyncio.start_server(lambda source, sink: pass_on(to, port, source, sink), sock=listener)
    await server.serve_forever()


async def main(address, to, device, *ports):
    await asyncio.gather(*(listen(address, to, device, int(port)) for port in ports))


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
