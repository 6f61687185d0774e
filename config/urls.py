"""All addresses, in one list."""
urlpatterns = []
