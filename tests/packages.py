"""Programs that tests need beside Python packages, installed through apt where that is allowed."""

import os
import subprocess
from collections.abc import Sequence


def apt_install(packages: Sequence[str], *, why: str) -> None:
    """Try to install Debian packages; whether the programs are there now is for the caller to see."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    print(f"Installing {' and '.join(packages)}, {why} …", flush=True)  # noqa: T201
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run(
                [*sudo, "apt-get", "-qq", *command], env=environment, check=False, stdout=subprocess.DEVNULL
            )
        except FileNotFoundError:
            return
        if done.returncode != 0:
            return
