"""`python -m impact`, imported once and forked for each run: what `tests.program` talks to.

A new interpreter takes most of a second to import everything; a fork takes none.  Each run
is a process of its own, with the caller's file descriptors, directory and environment.

Run as a script, with one end of a socket pair as standard input.  A request is the file
descriptors 0 to 2 and the length of a JSON object, then the object; the answer is the
exit code, negative for a signal, as text.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import traceback

import impact

for module in pkgutil.walk_packages(impact.__path__, "impact."):
    if module.name != "impact.__main__":
        importlib.import_module(module.name)
# GitPython too, the way impact imports it.
importlib.import_module("impact.vcs.process")._gitpython()


def serve(connection: socket.socket) -> None:
    while True:
        head, descriptors, _, _ = socket.recv_fds(connection, 20, 3)
        if not head:
            return
        request = b""
        while len(request) < int(head):
            request += connection.recv(int(head) - len(request))
        child = os.fork()
        if not child:
            connection.close()
            _become(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: dict, descriptors: list[int]) -> None:
    """Be the program to its end; nothing of the server runs behind it."""
    code = 99
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(request["directory"])
        if request["user"] is not None:
            os.setuid(request["user"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        sys.argv = ["impact", *request["arguments"]]
        try:
            runpy.run_module("impact", run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=os.dup(0)))
