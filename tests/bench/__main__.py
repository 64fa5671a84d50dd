"""Run the cases in each size, print the table, write docs/reference/bench.json.

    SIZES=10k,100k,1m python -m tests.bench [CASE …]

Each case gets an empty migrated database on servers of its own, with the durability of production.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lib.embedded import Wanted, discard, ensure_services
from tests.bench.measure import Row
from tests.bench.one import MARK

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "reference" / "bench.json"
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}


def main(wanted):
    """0 when every case ran to its end."""
    sizes = os.environ.get("SIZES", "10k,100k").split(",")
    home = Path(tempfile.mkdtemp(prefix="firsthand-bench-"))
    home.chmod(0o755)
    services = ensure_services(home, Wanted(tied=True))
    os.environ |= {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "FIRSTHAND_VAR": str(home),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    rows, failed = [], []
    try:
        for names, label in plan(wanted, sizes):
            of_case, code = run(names[0], label)
            rows += of_case
            failed += [f"{names[0]} at {label}"] if code else []
            write(of_case)
    finally:
        services.release()
        discard(home)
    table(rows)
    if failed:
        print(f"\nDid not run to the end: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


def plan(wanted, sizes):
    """(names of the rows, size) of every case to run; the dear ones only when asked for by name."""
    import django

    django.setup()
    from tests.bench.cases import CASES, ON_REQUEST

    cases = CASES | ON_REQUEST if wanted else CASES
    chosen = [names for names in cases if not wanted or wanted & set(names)]
    return [(names, label) for label in sizes for names in chosen]


def run(name, label):
    """One case in a process of its own, so that its memory is its own and nothing of it is left over."""
    command = [sys.executable, "-m", "tests.bench.one", name, str(SIZES[label]), label]
    rows = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as case:
        for said in case.stdout:
            if said.startswith(MARK):
                rows.append(Row(**json.loads(said.removeprefix(MARK))))
                print(line(rows[-1]), flush=True)
            else:
                print(said, end="", flush=True)
    return rows, case.returncode


HEAD = ("case", "size", "clients", "value", "unit", "p50 ms", "p95 ms", "ratio", "probe", "MB")


def line(row):
    def number(value):
        return "" if value is None else f"{value:,.1f}"

    cells = (
        row.case, row.size, row.clients, number(row.value), row.unit, number(row.p50_ms),
        number(row.p95_ms), number(row.ratio), row.probe, f"{row.rss_mb:.0f}",
    )  # fmt: skip
    widths = (16, 6, 8, 12, 16, 10, 10, 8, 16, 6)
    return " ".join(
        f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True)
    ).rstrip()


def table(rows):
    print()
    print(
        " ".join(
            f"{name:<{width}}"
            for name, width in zip(HEAD, (16, 6, 8, 12, 16, 10, 10, 8, 16, 6), strict=True)
        )
    )
    for row in rows:
        print(line(row))


def write(rows):
    """Replace what was measured again and keep the rest, so that one file holds every case."""
    kept = {}
    if REPORT.exists():
        kept = {
            (r["case"], r["size"], r["clients"]): r for r in json.loads(REPORT.read_text())["rows"]
        }
    for row in rows:
        kept[row.case, row.size, row.clients] = rounded(asdict(row))
    report = {
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
        ).stdout.strip(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "rows": list(kept.values()),
    }
    REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def rounded(row):
    return {
        name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()
    }


if __name__ == "__main__":
    sys.exit(main(set(sys.argv[1:])))
