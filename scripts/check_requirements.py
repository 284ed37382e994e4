"""Both requirement files pin and hash every package, and what the service runs on has the same versions in both."""

import re
import sys
from pathlib import Path

_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(path: str) -> dict[str, str]:
    """Package name to version; ends the check when a package has no exact version or no hash."""
    text = Path(path).read_text()
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if re.match(r"[a-z0-9]", block) and not (_PINNED.match(block) and "--hash=sha256:" in block):
            sys.exit(f"{path}: not pinned with a hash: {block.splitlines()[0]}")
    return dict(_PINNED.findall(text))


def main() -> None:
    """Compare the two files."""
    everything, service = pins("requirements.txt"), pins("requirements-run.txt")
    differing = {name for name, version in service.items() if everything.get(name) != version}
    if differing:
        sys.exit(f"requirements-run.txt and requirements.txt differ on: {', '.join(sorted(differing))}")


if __name__ == "__main__":
    main()
