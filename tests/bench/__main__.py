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

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "reference" / "bench.json"
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}


def main(wanted):
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
    try:
        rows = measured(wanted, sizes)
    finally:
        services.release()
        discard(home)
    table(rows)
    write(rows)


def measured(wanted, sizes):
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests.bench.cases import CASES, ON_REQUEST

    rows = []
    for label in sizes:
        for names, case in (CASES | ON_REQUEST if wanted else CASES).items():
            if wanted and not wanted & set(names):
                continue
            made = setup_databases(verbosity=0, interactive=False)
            try:
                for row in case(SIZES[label], label):
                    rows.append(row)
                    print(line(row), flush=True)
            finally:
                connection.close()
                teardown_databases(made, verbosity=0)
    return rows


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
    main(set(sys.argv[1:]))
