"""Sessions that know whose they are, so that people can see and end their own."""

from typing import ClassVar, Self

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

from declarations.models.organisations import User


class Session(AbstractBaseSession):
    """登录会话. seen_at: the last request, to the minute; agent: the browser's own words."""

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="sessions")
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=300, blank=True, default="")
    begun_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[BaseSessionManager[Self]] = BaseSessionManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-seen_at"])]
