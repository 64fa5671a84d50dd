"""Ask the web server of this container how it is: `python -m config.probe healthz`; exit code 0 is well."""

import sys
from urllib.request import urlopen

from config.settings.base import env

if __name__ == "__main__":
    port = env.str("BIND", default=":8000").rpartition(":")[2]
    with urlopen(f"http://127.0.0.1:{port}/{sys.argv[1]}", timeout=4) as answer:
        sys.exit(answer.status != 200)
