"""The product's addresses, and beside them the bare views it is measured against."""

from django.urls import path

from benchmarks import bare
from config.urls import urlpatterns as ours

urlpatterns = [
    *ours,
    path("bare/rows/<int:pk>/", bare.save_row, name="bare-save"),
    path("bare/formset/<int:pk>/", bare.formset_page, name="bare-formset"),
]
