"""One case in one size: `python -m tests.bench.one CASE ROWS LABEL`, called by tests.bench.

Gets an empty migrated database and writes each row as a line of JSON behind MARK.
"""

import json
import sys
from dataclasses import asdict

MARK = "bench row: "


def main(name, size, label):
    """Run the case that makes rows of that name."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests.bench.cases import CASES, ON_REQUEST

    case = next(case for names, case in (CASES | ON_REQUEST).items() if name in names)
    made = setup_databases(verbosity=0, interactive=False)
    try:
        for row in case(int(size), label):
            print(MARK + json.dumps(asdict(row)), flush=True)
    finally:
        connection.close()
        teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
