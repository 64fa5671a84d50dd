"""What the checks found in the responses of a project: counted, and each number opens its rows."""

from django.http import HttpRequest, HttpResponse

from annotation.enums import Severity
from annotation.overview import MOST_COUNTED, count_up_to, finding_counts, findings_in, page_by_key
from annotation.views.checking import project_led
from annotation.views.instructions import asked_for
from checks.registry import CHECKS
from experts.enums import Role
from experts.rules import people_with
from lib.htmx import respond
from lib.http import page

FILTERS = ("check", "severity", "answer", "words")


@page(access=people_with(Role.LEAD))
def findings(request: HttpRequest, slug: str) -> HttpResponse:
    """Counts for each check and severity, and the findings themselves in pages by key."""
    project = project_led(request, slug)
    asked = asked_for(request, FILTERS)
    found = findings_in(project, asked)
    titles = {check.id: check.title for check in CHECKS}
    shown = page_by_key(found.select_related("revision__task__instruction"), asked)
    context = {
        "project": project,
        "asked": asked,
        "shown": shown,
        "rows": [(titles.get(row.check_id, row.check_id), row) for row in shown.rows],
        "count": count_up_to(found),
        "most": MOST_COUNTED,
        "counts": [
            (check, titles.get(check, check), list(numbers.items()), sum(numbers.values()))
            for check, numbers in finding_counts(project).items()
        ],
        "severities": Severity.choices,
        "checks": sorted(titles.items(), key=lambda each: each[1]),
    }
    return respond(request, "annotation/findings.html", context, fragment="rows")
