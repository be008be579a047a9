"""Makes .venv and installs this checkout into it: all that a fresh machine needs besides Python 3.11.

    python3 bootstrap.py            what runs the kit
    python3 bootstrap.py --tests    and what tests it

Only the standard library, and a syntax that older Pythons can read far enough to be told apart. Some systems
(Debian's) ship Python without pip nor ensurepip: the ways around are tried in turn, each said in a line.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = os.path.join(HERE, ".venv")
PYTHON = os.path.join(PLACE, "Scripts", "python.exe") if os.name == "nt" else os.path.join(PLACE, "bin", "python")


def main():
    """Make the environment, install, and say what to do next. Exit 2 with a sentence when it cannot be done."""
    if sys.version_info < (3, 11):  # noqa: UP036 — the very reason of this script's plain syntax
        return fail("Python 3.11 or later is needed; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    if not usable():
        for way in (with_ensurepip, with_own_pip, with_debian_package, with_debian_wheel):
            shutil.rmtree(PLACE, ignore_errors=True)
            if way() and usable():
                break
        else:
            return fail("No way to get pip here. On Debian or Ubuntu: apt install python3-venv; then run this again.")
    extras = "[dev,packs]" if "--tests" in sys.argv[1:] else ""
    wanted = ["--quiet", "--disable-pip-version-check", "--editable", HERE + extras]
    if run(PYTHON, "-m", "pip", "install", *wanted):
        return fail("pip could not install the kit (see above).")
    # Every command starts a second sooner, also where the environment forbids Python to write what it compiled.
    run(PYTHON, "-m", "compileall", "-q", os.path.join(HERE, "conformance"))
    print("Ready: %s" % os.path.relpath(os.path.join(os.path.dirname(PYTHON), "segur")))  # noqa: UP031
    return 0


def with_ensurepip():
    """The ordinary way."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    say("making .venv")
    return not run(sys.executable, "-m", "venv", PLACE)


def with_own_pip():
    """This Python has pip, but not the means to give it to an environment."""
    if run(sys.executable, "-m", "pip", "--version", quiet=True):
        return False
    say("making .venv with this Python's own pip")
    venv.create(PLACE, with_pip=False, symlinks=os.name != "nt")
    return not run(sys.executable, "-m", "pip", "--quiet", "--python", PYTHON, "install", "pip")


def with_debian_package():
    """Debian splits venv off: install its package, when we may."""
    if not shutil.which("apt-get"):
        return False
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not root and (not shutil.which("sudo") or run("sudo", "-n", "true", quiet=True)):
        return False
    before = [] if root else ["sudo", "-n"]
    say("installing Debian's python3-venv")
    run(*before, "apt-get", "update", "-qq")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv"]
    if run(*before, "env", "DEBIAN_FRONTEND=noninteractive", *install):
        return False
    return not run(sys.executable, "-m", "venv", PLACE)


def with_debian_wheel():
    """Without rights: Debian's own pip wheel, downloaded and unpacked beside, runs from its file."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    say("taking pip from Debian's python3-pip-whl")
    with tempfile.TemporaryDirectory() as folder:
        if run("apt-get", "download", "-qq", "python3-pip-whl", folder=folder):
            return False
        for package in glob.glob(os.path.join(folder, "*.deb")):
            run("dpkg-deb", "-x", package, folder)
        wheels = glob.glob(os.path.join(folder, "usr", "share", "python-wheels", "pip-*.whl"))
        if not wheels:
            return False
        venv.create(PLACE, with_pip=False, symlinks=True)
        return not run(PYTHON, os.path.join(wheels[0], "pip"), "--quiet", "install", "pip")


def usable():
    """Whether .venv is there, with a Python that runs and its pip."""
    return os.path.exists(PYTHON) and not run(PYTHON, "-m", "pip", "--version", quiet=True)


def run(*command, **options):
    """Run a command and give its return code."""
    silent = subprocess.DEVNULL if options.get("quiet") else None
    return subprocess.call(list(command), cwd=options.get("folder"), stdout=silent, stderr=silent)


def say(words):
    """Say what is being done."""
    print("bootstrap: %s" % words, flush=True)  # noqa: UP031


def fail(words):
    """Say why it cannot be done."""
    sys.stderr.write("bootstrap: %s\n" % words)  # noqa: UP031
    return 2


if __name__ == "__main__":
    sys.exit(main())
