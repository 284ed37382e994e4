"""Known vulnerabilities in what the service runs on, asked of PyPI by pip-audit. Says so where PyPI cannot be asked."""

import json
import subprocess
import sys


def main() -> None:
    """Exit code 1 when a pinned package has a known vulnerability."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json"]
    try:
        done = subprocess.run(  # noqa: S603  (no words of anybody else's)
            [*command, "--progress-spinner", "off", "--timeout", "10", "-r", "requirements-run.txt"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        audited = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        audited = []
    answered = [each for each in audited if "skip_reason" not in each]
    if not answered:
        print("not audited: no source of known vulnerabilities can be reached from here")  # noqa: T201
        return
    vulnerable = [f"{each['name']} {each['version']}: {each['vulns'][0]['id']}" for each in answered if each["vulns"]]
    if vulnerable:
        sys.exit("Known vulnerabilities: " + "; ".join(vulnerable))


if __name__ == "__main__":
    main()
