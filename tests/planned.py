"""The example plan, its day, and how a form of page C is filled in."""

import datetime

from hyteanalysis import places

PLAN = places.committed("plans", "example.yml")
TODAY = datetime.date(2026, 3, 1)
CODE = "131052-308T"
FROM_B = "?toimi=smoking-cessation&alue=HVA10&muoto=targeted&kohde=low&tavoittavuus=0.25"


def upload(page, content, name="oma.yml"):
    page._uploaded(({"name": name, "content": memoryview(content)},))


def filled(page, form_name, **values):
    form = page.forms[form_name]
    form.put(values)
    form.submit()
    return form
