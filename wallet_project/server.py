"""Serving with granian: one parent, several worker processes, each with threads."""

import gc
import os
import resource
import signal
import sys
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from wallet_project.gateway import Gateway

# After this long a worker that still has not stopped is killed, so that a stop always comes to an end.
STOP_SECONDS = 30
# How long a thread keeps the interpreter while another waits for it, which has just been answered by the database.
# Python's own 5 ms is longer than most statements take.
SWITCH_SECONDS = 0.0005
# What eighty debits leave behind; Python's own 700 are eleven's. With a hundred thousand, callers notice the pause.
OBJECTS_BETWEEN_COLLECTIONS = 5000
# Of one worker at a time. A connection that waits for its request costs next to nothing; beyond it others wait outside.
MOST_CONNECTIONS = 8192
# Longer than the lock wait, so that a database that is busy is not taken for one that is gone.
DATABASE_READ_TIMEOUT_SECONDS = 10
# Longer than the lock wait too, which MariaDB counts as part of the statement.
DATABASE_STATEMENT_SECONDS = 5


def serve() -> None:
    """Serve until the process is told to stop; requests in flight are answered first."""
    os.environ.setdefault("DATABASE_READ_TIMEOUT", str(DATABASE_READ_TIMEOUT_SECONDS))
    os.environ.setdefault("DATABASE_STATEMENT_SECONDS", str(DATABASE_STATEMENT_SECONDS))
    _allow_connections()
    _application()
    Server(
        "wallet_project.server:worker",
        factory=True,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        address=settings.HOST,
        port=settings.PORT,
        workers=settings.WORKERS,
        backpressure=MOST_CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()


def _allow_connections() -> None:
    """As many open files as this process may have: each connection is one, and the usual limit is 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * MOST_CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def worker() -> Any:
    """The application, in a worker process.

    Ctrl-C reaches every process of a terminal. When to stop is the parent's to say, by SIGTERM: then requests in flight
    are answered, and no worker is replaced that went by itself.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    most_in_lane = settings.GROUP_COMMIT_QUEUE if settings.GROUP_COMMIT else None
    return Gateway(_application(), threads=settings.THREADS, most_in_lane=most_in_lane)


@cache
def _application() -> Any:
    """The WSGI application with all its views, loaded once: by the parent, whose memory its workers share.

    What is loaded stays. The garbage collector is told not to look through it again and again, which would also give
    each worker a copy of its own of every page it looks at.
    """
    from wallet_project.wsgi import application

    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
    return application
