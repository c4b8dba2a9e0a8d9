"""A field on a page may have, besides its help and its errors, a note and a question.

``form.fields["workers"].note = "Quý II: 238"`` stands beside the control, ``.question`` under it
in amber: a query does not keep the form from being sent. Both are read out with the control.
"""

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting


class DescribedField(BoundField):
    @property
    def note(self) -> str:
        return getattr(self.field, "note", "")

    @property
    def question(self) -> str:
        return getattr(self.field, "question", "")

    @property
    def aria_describedby(self) -> str | None:
        known = super().aria_describedby
        if known is None or not self.auto_id or self.is_hidden:
            return known
        ids = [known]
        ids += [f"{self.auto_id}_{name}" for name in ("note", "question") if getattr(self, name)]
        return " ".join(filter(None, ids))


class Renderer(TemplatesSetting):
    bound_field_class = DescribedField
