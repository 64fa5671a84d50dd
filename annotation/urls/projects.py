"""Pages of projects."""

from django.urls import path

from annotation.urls import checking
from annotation.views import imports, instruction_forms, instructions, projects, tasks

app_name = "projects"
urlpatterns = [
    path("", projects.projects, name="projects"),
    path("new/", projects.project_new, name="project-new"),
    path("<slug:slug>/", projects.project, name="project"),
    path("<slug:slug>/edit/", projects.project_edit, name="project-edit"),
    path("<slug:slug>/archive/", projects.project_archive, name="project-archive"),
    path("<slug:slug>/take-back/", projects.project_take_back, name="project-take-back"),
    path("<slug:slug>/versions/<int:number>/", projects.project_version, name="version"),
    path("<slug:slug>/instructions/", instructions.instructions, name="instructions"),
    path(
        "<slug:slug>/instructions/new/", instruction_forms.instruction_new, name="instruction-new"
    ),
    path(
        "<slug:slug>/instructions/<int:pk>/correct/",
        instruction_forms.instruction_correct,
        name="instruction-correct",
    ),
    path("<slug:slug>/instructions/<int:pk>/", instructions.instruction, name="instruction"),
    path("<slug:slug>/tasks/", tasks.tasks, name="tasks"),
    path("<slug:slug>/tasks/due/", tasks.set_due, name="tasks-due"),
    path("<slug:slug>/tasks/<int:pk>/", tasks.task, name="task"),
    path("<slug:slug>/tasks/<int:pk>/ask-again/", tasks.ask_again, name="ask-again"),
    path("<slug:slug>/import/", imports.imports, name="imports"),
    path("<slug:slug>/import/<int:pk>/", imports.import_run, name="import"),
    path(
        "<slug:slug>/import/<int:pk>/refused.csv", imports.import_refusals, name="import-refusals"
    ),
    *checking.urlpatterns,
]
