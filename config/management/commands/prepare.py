"""Before the processes of a production installation start: migrations, and the bucket for files."""

from typing import Any

from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    """Safe to run again at every start; exactly one process runs it at a time."""

    help = (
        "Before the processes of a production installation start: migrations, and the bucket for files. "
        "Safe to run again at every start; exactly one process runs it at a time."
    )

    def handle(self, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=1)
        bucket: Any = getattr(default_storage, "bucket", None)
        if bucket is None:
            self.stdout.write("Files go to a folder.")
            return
        try:
            bucket.meta.client.head_bucket(Bucket=bucket.name)
        except ClientError:
            bucket.create()
            self.stdout.write(f"Made the bucket {bucket.name}.")
