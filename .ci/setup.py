# ruff: noqa: RUF005, UP032  (an old Python must come as far as its sentence)
"""Makes .venv and installs lock files into it, each only when it has changed.

    python3 .ci/setup.py [--python-chosen] requirements.lock [more.lock ...]

Needs Python and pip, no ensurepip and no network beyond pip's own. Old Pythons must be able to
read this file far enough to say that they are too old.
"""

import filecmp
import glob
import os
import shutil
import subprocess
import sys

OLDEST, NEWEST, OLDEST_PIP = (3, 11), (3, 13), (22, 3)
PYTHON = os.path.join(".venv", "bin", "python")
STAMPS = os.path.join(".venv", "locks")
SITE_PACKAGES = os.path.join(".venv", "lib", "python3*", "site-packages")
NEVER_IMPORTED = "plotly|narwhals|openpyxl|django/contrib/(gis|admin)/|conf/locale"


def main(arguments):
    chosen = "--python-chosen" in arguments
    locks = [name for name in arguments if not name.startswith("--")]
    version = venv_version()
    if version is None or (chosen and version != sys.version_info[:2]):
        check_python()
        check_pip()
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", ".venv"])
        os.mkdir(STAMPS)
    install([lock for lock in locks if not is_installed(lock)])


def venv_version():
    """The version of the Python in .venv; None where there is none that works and fits."""
    try:
        answer = subprocess.check_output([PYTHON, "-c", "import sys; print(sys.version_info[:2])"])
    except (OSError, subprocess.CalledProcessError):
        return None
    numbers = answer.decode().strip(" ()\r\n").split(",")
    version = int(numbers[0]), int(numbers[1])
    fits = OLDEST <= version <= NEWEST and os.path.isdir(STAMPS)
    return version if fits else None


def check_python():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            "UnionPlan needs Python 3.11, 3.12 or 3.13, and {} is {}.{}. Name another one, for "
            "example: make setup PYTHON=python3.12".format(sys.executable, *sys.version_info[:2])
        )


def check_pip():
    try:
        answer = subprocess.check_output(
            [sys.executable, "-m", "pip", "--version"], stderr=subprocess.STDOUT
        )
    except subprocess.CalledProcessError:
        sys.exit(
            "UnionPlan needs pip 22.3 or newer, and {} has none. Install it (on Debian and Ubuntu: "
            "apt install python3-pip) or name another Python: make setup PYTHON=python3.12".format(
                sys.executable
            )
        )
    version = answer.decode().split()[1]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PIP:
        sys.exit(
            "UnionPlan needs pip 22.3 or newer, and {} has {}. Renew it: "
            "{} -m pip install --upgrade pip".format(sys.executable, version, sys.executable)
        )


def is_installed(lock):
    stamp = stamp_of(lock)
    return os.path.exists(stamp) and filecmp.cmp(lock, stamp, shallow=False)


def stamp_of(lock):
    return os.path.join(STAMPS, os.path.basename(lock))


def install(locks):
    if not locks:
        return
    check_pip()
    print("Installing {} ...".format(" ".join(locks)))
    sys.stdout.flush()
    pip = [sys.executable, "-m", "pip", "--python", PYTHON, "--disable-pip-version-check"]
    named = [word for lock in locks for word in ("-r", lock)]
    run(pip + ["install", "--quiet", "--no-compile", "--require-hashes"] + named)
    # pip would compile the whole chart library too, of which next to nothing is imported. What
    # does not compile is not for this Python, and never imported either.
    compile_all = [PYTHON, "-m", "compileall", "-qq", "-j", "0", "-x", NEVER_IMPORTED]
    subprocess.call(compile_all + glob.glob(SITE_PACKAGES))
    for lock in locks:  # last: an interrupted installation is begun again
        shutil.copyfile(lock, stamp_of(lock))


def run(command):
    try:
        subprocess.check_call(command)
    except subprocess.CalledProcessError:
        sys.exit("This did not work: {}".format(" ".join(command)))


if __name__ == "__main__":
    main(sys.argv[1:])
