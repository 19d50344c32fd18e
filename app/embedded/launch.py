"""Becomes the database server: drops root, ties its life to the process that started it, then executes postgres.

Run as a script by its path, by an interpreter without site-packages: it must start fast and import nothing of ours.
    launch.py run PARENT USER GROUP PROGRAM ARGUMENT...    (USER -1: keep the rights of the parent)
    launch.py watch SERVER                                 (interrupts SERVER when standard input closes)
"""

import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def run(parent: int, user: int, group: int, command: list[str]) -> None:
    """Replace this process by `command`. SIGINT, PostgreSQL's fast shutdown, comes when the parent dies (Linux)."""
    if sys.platform == "linux":
        # Loaded while the interpreter's own folder is surely readable; the unprivileged user may not see it.
        import ctypes

        prctl = ctypes.CDLL(None, use_errno=True).prctl
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.chdir("/")
    if sys.platform == "linux":
        # After setuid, which clears it. The parent may have died before: then nobody would ever send the signal.
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the process that wanted the database is gone")
    os.execv(command[0], command)


def watch(server: int) -> None:
    """Where no death signal exists (macOS): wait until the owner's end of the pipe closes, then interrupt."""
    while os.read(0, 1):
        pass
    named = subprocess.run(["ps", "-p", str(server), "-o", "comm="], capture_output=True, text=True, check=False)
    if named.stdout.strip().endswith("postgres"):
        os.kill(server, signal.SIGINT)


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
    else:
        watch(int(sys.argv[2]))
