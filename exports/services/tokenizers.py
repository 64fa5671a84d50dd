"""Keep an uploaded tokenizer for previews."""

import hashlib

from django.db import transaction

from audit.services import record
from experts.models import User
from exports import store
from exports.models import Tokenizer
from exports.preview.archives import files_of
from lib.errors import Conflict


@transaction.atomic
def add_tokenizer(
    *, name: str, file_name: str, content: bytes, person: User, chat_template: str = ""
) -> Tokenizer:
    """Unpack an upload and keep its files; raises BadArchive, or Conflict for a name that is taken."""
    if Tokenizer.objects.filter(name=name).exists():
        raise Conflict(f"There is a tokenizer “{name}” already.", advice="Choose another name.")
    files = files_of(file_name, content)
    # The row comes first: from here on nobody may clear a chunk that lies there already.
    made = Tokenizer.objects.create(
        name=name,
        files={name: hashlib.sha256(part).hexdigest() for name, part in files.items()},
        chat_template=chat_template,
        uploaded_by=person,
    )
    for part in files.values():
        store.put_bytes(part)
    record(verb="exports.tokenizer_added", actor=person, target=made, name=name)
    return made
