"""A whole installation in a folder of its own, started as a person would start it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from lib.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
GIVEN_FROM_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "FIRSTHAND_VAR", "DJANGO_SETTINGS_MODULE")


class Installation:
    """`manage.py up` (or another command) on one var folder; every process of it can be found."""

    def __init__(self, var_dir, *, root=ROOT, command=None, **popen):
        self.var_dir = Path(var_dir)
        self.root = Path(root)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.command = command or [sys.executable, "manage.py", "up", "--no-demo"]
        self.popen = popen
        self.process = None

    @property
    def environment(self):
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in GIVEN_FROM_OUTSIDE and not name.startswith(("PYTEST", "COV_"))
        }
        return {**kept, "FIRSTHAND_VAR": str(self.var_dir), "PORT": str(self.port)}

    def start(self):
        """Start and wait for the sentence that says it is ready."""
        self.launch()
        if not self.wait_for_output("Ctrl-C stops everything."):
            raise AssertionError(f"It did not come up:\n{self.output}\n{self.logs()}")
        return self

    def launch(self):
        self.var_dir.mkdir(parents=True, exist_ok=True)
        self.output_file = self.var_dir / f"output-{self.port}-{id(self)}.txt"
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                **self.popen,
            )

    @property
    def output(self):
        return self.output_file.read_text(errors="replace")

    def wait_for_output(self, words):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if words in self.output:
                return True
            if self.process.poll() is not None:
                return words in self.output
            time.sleep(0.05)
        return False

    def logs(self):
        return "\n".join(
            f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}"
            for log in sorted((self.var_dir / "logs").glob("*.log"))
        )

    def manage(self, *arguments, check=True):
        """Run another command of the same installation."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
        )

    def pids(self):
        """Every process that belongs to it: name → process id."""
        found = {name: at["pid"] for name, at in self._note("services.json").items()}
        found |= {name: at[0] for name, at in self._note("processes.json").items()}
        if self.process:
            found["up"] = self.process.pid
        return found

    def _note(self, name):
        try:
            return json.loads((self.var_dir / name).read_text())
        except FileNotFoundError:
            return {}

    def alive(self):
        """The commands of all that still runs for this folder, found by what it says of itself."""
        mark = os.fsencode(self.var_dir)
        lines = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                own = (entry / "cmdline").read_bytes()
                around = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state not in "ZX" and (mark in own or b"FIRSTHAND_VAR=" + mark in around):
                lines.append(f"{entry.name} {own.replace(bytes(1), b' ').decode(errors='replace')}")
        return lines

    def nothing_is_left(self, seconds=15):
        deadline = time.monotonic() + seconds
        while (left := self.alive()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left == [] or left

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def stop(self):
        """End whatever a test left: nothing of it may outlive the test."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for line in self.alive():
            pid = int(re.match(r"\d+", line)[0])
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
