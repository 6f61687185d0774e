"""All addresses, in one list. Everything needs a login except what says otherwise."""

from django.urls import path

from declarations.views import (
    accounts,
    documents,
    editing,
    forms,
    lists,
    pages,
    reviewing,
    rounds,
    submitting,
    templates,
    uploading,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("login/", accounts.LoginView.as_view(), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("password/", accounts.PasswordChangeView.as_view(), name="password"),
    path("declarations/", lists.index, name="declarations"),
    path("declarations/export/", lists.export, name="declarations-export"),
    path("declarations/<int:pk>/", pages.declaration, name="declaration"),
    path("declarations/<int:pk>/panel/", pages.panel, name="panel"),
    path("declarations/<int:pk>/revisions/<int:number>/", pages.revision, name="revision"),
    path("declarations/<int:pk>/table/", editing.table, name="table"),
    path("declarations/<int:pk>/outline/", editing.outline, name="outline"),
    path("declarations/<int:pk>/cells/", editing.cells, name="cells"),
    path("declarations/<int:pk>/paste/", editing.paste, name="paste"),
    path("declarations/<int:pk>/rows/", editing.rows, name="rows"),
    path("declarations/<int:pk>/undo/", editing.undo, name="undo"),
    path("declarations/<int:pk>/carry-over/", editing.carry_over, name="carry-over"),
    path("declarations/<int:pk>/submit/", submitting.submit, name="submit"),
    path("declarations/<int:pk>/comments/", reviewing.add_comment, name="comments"),
    path(
        "declarations/<int:pk>/comments/<int:comment>/delete/",
        reviewing.delete_comment,
        name="comment-delete",
    ),
    path("declarations/<int:pk>/decision/", reviewing.decide, name="decision"),
    path("declarations/<int:pk>/files/<str:format>/", documents.download, name="download"),
    path("declarations/<int:pk>/fillable/<str:content>/", documents.fillable, name="fillable"),
    path("declarations/<int:pk>/uploads/", uploading.uploads, name="uploads"),
    path("declarations/<int:pk>/uploads/<int:number>/", uploading.upload, name="upload"),
    path("declarations/<int:pk>/uploads/<int:number>/apply/", uploading.apply, name="upload-apply"),
    path(
        "declarations/<int:pk>/uploads/<int:number>/set-aside/",
        uploading.set_aside,
        name="upload-set-aside",
    ),
    path("declarations/<int:pk>/uploads/<int:number>/undo/", uploading.undo, name="upload-undo"),
    path(
        "declarations/<int:pk>/uploads/<int:number>/files/<str:copy>/",
        uploading.download,
        name="upload-file",
    ),
    path("templates/", templates.index, name="templates"),
    path("templates/new/", templates.install, name="template-install"),
    path("templates/guide/", templates.guide, name="template-guide"),
    path("templates/examples/<str:name>.xlsx", templates.example, name="template-example"),
    path("templates/<int:pk>/", templates.version, name="template"),
    path("templates/<int:pk>/trial/", templates.trial, name="template-trial"),
    path("templates/<int:pk>/activate/", templates.activate, name="template-activate"),
    path("templates/<int:pk>/deactivate/", templates.deactivate, name="template-deactivate"),
    path("templates/<int:pk>/retire/", templates.retire, name="template-retire"),
    path("templates/<int:pk>/restore/", templates.restore, name="template-restore"),
    path("templates/<int:pk>/files/<str:name>/", templates.download, name="template-file"),
    path("rounds/", rounds.index, name="rounds"),
    path("rounds/new/", rounds.open_, name="round-open"),
    path("forms/<int:template>/<str:sha256>.css", forms.style_sheet, name="form-css"),
]

handler404 = "declarations.views.errors.not_found"
handler500 = "declarations.views.errors.server_error"
