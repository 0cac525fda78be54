"""What each form of page C asks for."""

from hyteanalysis.apps.planning.form import Field
from hyteanalysis.plan.deliberation import GROUNDS

FIELDS: dict[str, tuple[Field, ...]] = {
    "plan": (
        Field("title"), Field("organisation"), Field("plan_area", "choice"), Field("first_year"), Field("last_year"),
    ),
    "goal": (
        Field("title"), Field("theme"), Field("indicator", "choice"), Field("area", "choice"), Field("whom", "choice"),
        Field("target"), Field("target_date", "date"), Field("threshold"), Field("lead", "choice"),
        Field("partners", "several"), Field("next_check", "date"), Field("grounds", "lines"),
    ),
    "action": (
        Field("title"), Field("effect", "choice"), Field("form", "choice"), Field("groups", "several"), Field("reach"),
        Field("lead", "choice"), Field("partners", "several"), Field("money"), Field("starts", "date"),
        Field("ends", "date"), Field("note", "lines"),
    ),
    "measure": (
        Field("title"), Field("purpose", "choice"), Field("unit"), Field("baseline"), Field("now"), Field("target"),
        Field("source"),
    ),
    "actor": (Field("name"), Field("kind", "choice")),
    "experience": (
        Field("text", "lines"), Field("source", "choice"), Field("date", "date"), Field("method"), Field("whom"),
        Field("participants"), Field("consent", "choice"), Field("stance", "choice"),
    ),
    "follow_up": (
        Field("date", "date"), Field("actor", "choice"), Field("next_check", "date"), Field("observation", "lines"),
        Field("decision", "lines"),
    ),
    "deliberation": (
        Field("title"), Field("date", "date"), Field("about", "several"), Field("took_part", "lines"),
        Field("joys", "lines"), Field("worries", "lines"), Field("values_raised", "lines"), Field("criteria", "lines"),
        Field("aversion"), Field("switch", "lines"),
        *(Field(f"ground_{kind}", "lines") for kind in GROUNDS),
        Field("decision", "lines"), Field("dissent", "lines"),
    ),
}  # fmt: skip
OF_A_NEW_GOAL = ("indicator", "area", "whom")
