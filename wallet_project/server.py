"""Serving with granian: one parent, several worker processes, each with threads."""

import os
import signal
import threading
from typing import Any

from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

# After this long a worker that still has not stopped is killed, so that a stop always comes to an end.
STOP_SECONDS = 30
# Longer than the lock wait, so that a database that is busy is not taken for one that is gone.
DATABASE_READ_TIMEOUT_SECONDS = 10
# Longer than the lock wait too, which MariaDB counts as part of the statement.
DATABASE_STATEMENT_SECONDS = 5

SECRETS = ("DJANGO_SECRET_KEY", "DATABASE_URL", "LIMITS_URL")


def serve() -> None:
    """Serve until the process is told to stop; requests in flight are answered first."""
    os.environ.setdefault("DATABASE_READ_TIMEOUT", str(DATABASE_READ_TIMEOUT_SECONDS))
    os.environ.setdefault("DATABASE_STATEMENT_SECONDS", str(DATABASE_STATEMENT_SECONDS))
    Server(
        "wallet_project.server:worker",
        factory=True,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        address=settings.HOST,
        port=settings.PORT,
        workers=settings.WORKERS,
        blocking_threads=settings.THREADS,
        blocking_threads_idle_timeout=600,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()


def worker() -> Any:
    """The application, loaded once in each worker process."""
    _stop_once()
    from wallet_project.wsgi import application

    for name in SECRETS:
        # The settings have read them; granian hands the environment to every request, and so to whatever prints one.
        os.environ.pop(name, None)
    return application


def _stop_once() -> None:
    """Stop this worker at the parent's SIGTERM, and do so once, however many signals come.

    Ctrl-C reaches every process of the terminal, a service manager's SIGTERM every process of the service, and the
    parent's SIGTERM follows in the same millisecond. Granian's handler sets a threading.Event; a second signal that
    interrupts it there waits for a lock that its own thread holds, and the worker hangs with its last requests.
    So the signals are blocked, and a thread takes them and calls granian's handler one time.
    """
    stop_signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)

    def wait_for_the_parent() -> None:
        while signal.sigwait(stop_signals) != signal.SIGTERM:
            pass
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler):
            handler(signal.SIGTERM, None)
        else:
            os._exit(0)  # told to stop before granian was ready: there is nothing in flight

    threading.Thread(target=wait_for_the_parent, name="stop", daemon=True).start()
