"""Start processes, watch them, and leave none behind."""

import json
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.embedded import processes


class ChildDied(Exception):
    """A process ended that should not have; the message has its last words."""


@dataclass(frozen=True)
class Program:
    """A process to keep alive: its command, and how long it may take to finish what it does."""

    name: str
    command: Sequence[str]
    patience: float
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Supervisor:
    """The processes started from one var folder."""

    var_dir: Path
    cwd: Path
    environment: Mapping[str, str]
    _children: "dict[str, tuple[Program, subprocess.Popen[bytes], str]]" = field(
        default_factory=dict
    )

    @property
    def logs(self) -> Path:
        return self.var_dir / "logs"

    @property
    def _note(self) -> Path:
        return self.var_dir / "processes.json"

    def end_leftovers(self) -> None:
        """Stop what an earlier run started and, being killed, could not stop."""
        try:
            noted: dict[str, tuple[int, str]] = json.loads(self._note.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        for pid, identity in noted.values():
            processes.stop(pid, identity, ask=[signal.SIGTERM], patience=3)
        self._note.unlink(missing_ok=True)

    def start(self, program: Program) -> None:
        """Start a program, its output going to a log of its own."""
        self.logs.mkdir(exist_ok=True)
        log = self.log_of(program.name)
        processes.turn_over(log)
        child = processes.spawn(
            program.command,
            log=log,
            environment={**self.environment, **program.environment},
            cwd=self.cwd,
        )
        identity = processes.fingerprint(child.pid) or ""
        self._children[program.name] = (program, child, identity)
        self._note.write_text(
            json.dumps({name: (p.pid, life) for name, (_, p, life) in self._children.items()}),
            encoding="utf-8",
        )

    def log_of(self, name: str) -> Path:
        """Say where the output of a program goes."""
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Raise ChildDied when one of them has ended."""
        for name, (_, child, _) in self._children.items():
            if (code := child.poll()) is not None:
                log = self.log_of(name)
                msg = (
                    f"The {name} process ended by itself (exit code {code}); everything was "
                    f"stopped. Its last words, from {log}:\n{processes.tail(log)}"
                )
                raise ChildDied(msg)

    def stop(self) -> None:
        """Stop all, last started first: ask, wait a little, then kill what is left of the group."""
        for program, child, identity in reversed(self._children.values()):
            processes.stop(child.pid, identity, ask=[signal.SIGTERM], patience=program.patience)
            processes.kill_group(child.pid)
            child.poll()
        self._children.clear()
        self._note.unlink(missing_ok=True)
