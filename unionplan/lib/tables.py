"""Tables of django-tables2 as their address asks for them."""

from django.core.paginator import Paginator
from django.http import HttpRequest
from django_tables2 import RequestConfig, Table

ROWS = 50  # of a page


def sort_and_page(table: Table, request: HttpRequest, *, rows: int = ROWS) -> None:
    """``?sort=`` and ``?page=``; how long a page is, is ours to say: RequestConfig would take
    ``?per_page=-1`` and fail, or the rows of a whole country."""
    RequestConfig(request, paginate=False).configure(table)
    table.paginator = Paginator(table.rows, rows)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
