from django.http import HttpRequest

from members.models import User


class Request(HttpRequest):
    """A request behind the login: its user is one of ours."""

    user: User
