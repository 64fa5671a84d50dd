"""Publish the first version of both agreements, so that no work starts without them."""

from pathlib import Path

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TITLES = {"contributor": "Contributor agreement", "writing_log": "Consent to the writing log"}
TEXTS = Path(__file__).resolve().parents[1] / "agreements"


def publish(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    agreement = apps.get_model("experts", "Agreement")
    for kind, title in TITLES.items():
        text = (TEXTS / f"{kind}.md").read_text(encoding="utf-8").strip()
        agreement.objects.get_or_create(
            kind=kind, version=1, defaults={"title": title, "text": text}
        )


class Migration(migrations.Migration):
    """Agreements are data that every installation needs from its first start."""

    dependencies = [("experts", "0002_people_credentials_routing")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
