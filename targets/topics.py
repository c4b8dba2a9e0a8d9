"""The topics a line of a plan asks for: typed by their names, kept by their codes, read by names.

Codes are kept in the order of the topics, separated by commas, so that two spellings of the same
topics are the same line of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.utils.translation import gettext as _

from targets.models import Target
from training.lists import TOPICS
from training.models import Topic
from training.trained import plain, split_topics, topics_by_name


class Topics:
    """One statement, once a topic is asked for."""

    @cached_property
    def all(self) -> list[Topic]:
        return list(Topic.objects.order_by("rank", "pk"))

    @cached_property
    def _by_name(self) -> dict[str, Topic]:
        return topics_by_name(reversed(self.all))

    @cached_property
    def _by_code(self) -> dict[str, Topic]:
        return {topic.pk: topic for topic in self.all}

    def codes(self, text: str) -> tuple[str, ...]:
        """Of the topics named, in their order; what no topic is called stays as it is, behind."""
        names = split_topics(text)
        if not names:
            return ()
        found = {name: self._called(name) for name in names}
        known = tuple(topic.pk for topic in self.all if topic in found.values())
        return (*known, *(name for name, topic in found.items() if topic is None))

    def _called(self, name: str) -> Topic | None:
        return self._by_code.get(name) or self._by_name.get(plain(name))

    def written(self, text: str) -> str:
        """As a target keeps them."""
        return ",".join(self.codes(text))

    def names(self, text: str) -> list[str]:
        """As people read them."""
        return [self.name(code) for code in self.codes(text)]

    def name(self, code: str) -> str:
        return str(self._by_code.get(code, code))

    def refusal(self, text: str) -> str:
        """Why a line cannot ask for these; empty where it can."""
        unknown = [code for code in self.codes(text) if code not in self._by_code]
        if not unknown:
            return ""
        words = _("There is no topic %(unknown)s; the topics are: %(known)s.")
        return words % {
            "unknown": ", ".join(f"“{name}”" for name in unknown),
            "known": ", ".join(map(str, self.all)),
        }


def asked_by_lines(key: str) -> set[str]:
    """What lines of plans name stays in the list of topics."""
    if key != TOPICS.key:
        return set()
    texts = Target.objects.exclude(topics="").order_by().values_list("topics", flat=True)
    return {code for text in texts.distinct() for code in split_topics(text)}


def told(names: Iterable[str]) -> str:
    """«chuyên đề: Lý luận, Nghiệp vụ»; empty of none."""
    said = ", ".join(names)
    return _("topics: %(topics)s") % {"topics": said} if said else ""
