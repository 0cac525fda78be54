"""What a page says no to, in the viewer's language."""

from hyteanalysis.disclosure import check_text
from hyteanalysis.i18n import text
from hyteanalysis.plan.checks import LONGEST


class Refused(Exception):
    """Something that cannot be taken: a code with its text ``app.plan.no.CODE``, and a technical message."""

    def __init__(self, code: str, detail: str = "", **values: str) -> None:
        super().__init__(code)
        self.code, self.detail, self.values = code, detail, values

    def words(self, lang: str) -> str:
        """The sentence for the viewer; kinds of personal data are named in the language."""
        values = dict(self.values)
        if "kinds" in values:
            values["kinds"] = ", ".join(text(f"app.plan.personal.{kind}", lang) for kind in values["kinds"].split())
        if "field" in values:
            values["field"] = text(f"app.plan.field.{values['field']}", lang)
        return text(f"app.plan.no.{self.code}", lang, **values)


def without_personal_data(*said: str) -> None:
    """Refuse text with an identity code, a phone number, an e-mail or a street address, and text too long to read."""
    if any(len(one) > LONGEST for one in said):
        raise Refused("too_long")
    kinds = dict.fromkeys(found.kind for one in said for found in check_text(one))
    if kinds:
        raise Refused("personal", kinds=" ".join(kinds))
