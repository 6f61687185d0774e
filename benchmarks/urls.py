"""The product's addresses, and beside them the bare views it is measured against."""

from django.urls import path

from benchmarks import bare
from config.urls import urlpatterns as ours

urlpatterns = [
    *ours,
    path("bare/passages/<int:pk>/", bare.save_passage, name="bare-passage"),
    path("bare/budgets/<int:pk>/", bare.save_budget, name="bare-budget"),
    path("bare/formset/<int:pk>/", bare.formset_page, name="bare-formset"),
]
