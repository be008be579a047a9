"""What the sources leave open when a result is judged: each point is an option with a default.

Source: referential BIO/va1.01, BIO/va1.05, BIO/va1.06, and their notes; reference « CR-BIO », §3.3 to §3.7.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final, Literal

from conformance.core.errors import UsageError
from conformance.core.language import Text


@dataclass(frozen=True, slots=True)
class OracleOptions:
    """How to judge where no text decides. The defaults are those of the profile."""

    codes: Literal["abnormal", "resistant", "any"] = "abnormal"
    comments: Literal["result", "group", "chapter", "report"] = "result"
    one_point_range: Literal["compare", "review"] = "compare"
    missing_unit: Literal["same", "review"] = "same"
    provisional: Literal["judge", "ignore"] = "judge"
    unsaid_range: Literal["normal", "review"] = "normal"
    unsure_range: Literal["review", "compare"] = "review"
    text_value: Literal["review", "compare"] = "review"


CHOICES: Final[dict[str, tuple[Text, dict[str, Text]]]] = {
    "codes": (
        Text("codes d'interprétation qui signalent un résultat", "interpretation codes that flag a result"),
        {
            "abnormal": Text(
                "ceux qui disent hors limites : A, AA, L, LL, LU, H, HH, HU, EX, HX, LX",
                "those that say out of limits: A, AA, L, LL, LU, H, HH, HU, EX, HX, LX",
            ),
            "resistant": Text("les mêmes, et R, NS, SYN-R à l'antibiogramme", "the same, and R, NS, SYN-R in an antibiogram"),
            "any": Text("tout code autre que N", "every code but N"),
        },
    ),
    "comments": (
        Text("commentaires qui signalent un résultat", "comments that flag a result"),
        {
            "result": Text("le sien seulement", "its own only"),
            "group": Text("le sien et celui de sa batterie ou de son isolat", "its own and that of its battery or isolate"),
            "chapter": Text("et celui de son chapitre", "and that of its chapter"),
            "report": Text("et ceux du compte rendu entier", "and those of the whole report"),
        },
    ),
    "one_point_range": (
        Text("intervalle réduit à un point (borne basse = borne haute)", "range reduced to one point (low = high)"),
        {
            "compare": Text("comparer, et dire le doute", "compare, and say the doubt"),
            "review": Text("ne pas trancher", "leave it open"),
        },
    ),
    "missing_unit": (
        Text("unité absente d'un seul côté", "unit missing on one side only"),
        {
            "same": Text("supposer la même unité, et le dire", "take it for the same unit, and say so"),
            "review": Text("ne pas trancher (la norme lit « 1 »)", "leave it open (the standard reads “1”)"),
        },
    ),
    "provisional": (
        Text("résultat provisoire (statut active)", "provisional result (status active)"),
        {
            "judge": Text("le juger comme un autre", "judge it like another"),
            "ignore": Text("ne rien signaler", "flag nothing"),
        },
    ),
    "unsaid_range": (
        Text("intervalle sans code d'interprétation", "range without interpretation code"),
        {
            "normal": Text("le tenir pour l'intervalle normal", "take it for the normal range"),
            "review": Text("ne pas trancher", "leave it open"),
        },
    ),
    "unsure_range": (
        Text("intervalle unique dont on ne sait pas s'il vaut pour ce patient (« à jeun »)",
             "only range, of which nobody knows whether it holds for this patient (“fasting”)"),
        {
            "review": Text("ne pas trancher", "leave it open"),
            "compare": Text("comparer, et dire le doute", "compare, and say the doubt"),
        },
    ),
    "text_value": (
        Text("nombre ou limite écrits en texte (« > 100 »)", "number or limit written as text (“> 100”)"),
        {
            "review": Text("ne pas trancher, et le faire relire", "leave it open, and have it read"),
            "compare": Text("comparer, et dire le doute", "compare, and say the doubt"),
        },
    ),
}  # fmt: skip
"""What each option is about and what its values mean."""


def with_choices(pairs: tuple[str, ...]) -> OracleOptions:
    """The options with ``name=value`` choices. Raises ``UsageError`` for a name or a value that does not exist."""
    options = OracleOptions()
    for pair in pairs:
        name, _, value = pair.partition("=")
        known = CHOICES.get(name)
        if known is None or value not in known[1]:
            possible = ", ".join(f"{n}={'|'.join(values)}" for n, (_, values) in CHOICES.items())
            raise UsageError(
                "lab.unknown-option",
                Text(f"L'option « {pair} » n'existe pas.", f"The option “{pair}” does not exist."),
                Text(f"Options : {possible}.", f"Options: {possible}."),
            )
        options = dataclasses.replace(options, **{name: value})  # type: ignore[arg-type]  # one of the literals, checked above
    return options
