"""The sentences of the structure layer: what is wrong, where, what was expected, what was found, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from conformance.cda.namespaces import PREFIXES, short
from conformance.core.language import Text, verbatim

_SHOWN: Final = 12
"""Names listed in one sentence; the rest is counted."""

ANY_VALUE: Final = Text("une valeur permise par le schéma CDA", "a value that the CDA schema allows")
"""What is expected, when nothing closer is known."""


def listed(names: Sequence[str]) -> Text:
    """Names one after the other, the first dozen of them, then how many there are besides."""
    seen = list(dict.fromkeys(short(name) for name in names))
    if len(seen) <= _SHOWN + 1:  # never “1 others”
        return verbatim(", ".join(seen))
    shown, rest = ", ".join(seen[:_SHOWN]), len(seen) - _SHOWN
    return Text(f"{shown}… ({rest} autres)", f"{shown}… ({rest} others)")


def closest(name: str, names: Sequence[str]) -> str | None:
    """The name that was probably meant: the same in another namespace, or one that is spelt nearly alike."""
    local = _local(name)
    same = next((other for other in names if _local(other) == local), None)
    if same is not None:
        return same
    near = get_close_matches(local, [_local(other) for other in names], n=1, cutoff=0.75)
    return next((other for other in names if near and _local(other) == near[0]), None)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def unknown(name: str, parent: str, allowed: Sequence[str], meant: str | None) -> Text:
    """An element that stands nowhere in the model of its parent."""
    if meant is not None and _local(meant) == _local(name):
        return _namespace(name, meant)
    message = Text(
        f"L'élément « {short(name)} » n'existe pas dans « {short(parent)} ».",
        f"The element “{short(name)}” does not exist in “{short(parent)}”.",
    )
    if meant is not None:
        return _join(
            message,
            Text(f"Écrivez « {short(meant)} » si c'est lui que vous visiez, sinon retirez-le.",
                 f"Write “{short(meant)}” if that is what you mean, else remove it."),
        )  # fmt: skip
    return _join(message, _possible(allowed), Text("Retirez-le ou corrigez son nom.", "Remove it or mend its name."))


def _namespace(name: str, meant: str) -> Text:
    uri = name[1:].split("}", 1)[0] if name.startswith("{") else ""
    expected = meant[1:].split("}", 1)[0]
    said = Text(f"dans l'espace de noms « {uri} »", f"in the namespace “{uri}”") if uri else Text(
        "sans espace de noms", "without a namespace")  # fmt: skip
    return Text(
        f"L'élément « {_local(name)} » est écrit {said.fr} ; il appartient à « {expected} ». "
        "Corrigez sa déclaration xmlns ou son préfixe.",
        f"The element “{_local(name)}” is written {said.en}; it belongs to “{expected}”. "
        "Mend its xmlns declaration or its prefix.",
    )


def _possible(allowed: Sequence[str]) -> Text:
    if not allowed:
        return Text("Cet élément n'en contient aucun.", "That element holds none.")
    names = listed(allowed)
    return Text(f"Éléments possibles : {names.fr}.", f"Possible elements: {names.en}.")


def misplaced(name: str, parent: str, after: str | None, before: str | None) -> Text:
    """An element that its parent allows, but elsewhere."""
    message = Text(
        f"L'élément « {short(name)} » n'est pas à sa place dans « {short(parent)} » : l'ordre des éléments est fixe.",
        f"The element “{short(name)}” is out of place in “{short(parent)}”: the order of elements is fixed.",
    )
    if after == name:
        hint = Text("Placez-le juste après ceux du même nom.", "Put it right after those of the same name.")
    elif after is not None:
        hint = Text(f"Placez-le après « {short(after)} ».", f"Put it after “{short(after)}”.")
    elif before is not None:
        hint = Text(f"Placez-le avant « {short(before)} ».", f"Put it before “{short(before)}”.")
    else:
        hint = Text("Déplacez-le.", "Move it.")
    return _join(message, hint)


def cannot_follow(name: str, parent: str, previous: str | None) -> Text:
    """An element that cannot come with or after another (the bounds of an interval, the columns of a table)."""
    if previous is None:
        return misplaced(name, parent, None, None)
    return Text(
        f"L'élément « {short(name)} » ne peut pas venir après « {short(previous)} » dans « {short(parent)} ». "
        "Changez leur ordre, ou gardez un seul des deux.",
        f"The element “{short(name)}” cannot come after “{short(previous)}” in “{short(parent)}”. "
        "Change their order, or keep only one of them.",
    )


def repeated(
    names: Sequence[str], lines: Sequence[int | None], parent: str, most: int, alternatives: Sequence[str]
) -> Text:
    """Elements of which there are too many, with the lines where they stand, of the first ones at least."""
    where = _lines(lines)
    if len(set(names)) > 1:
        found = [short(name) for name in names[:20]]
        return Text(
            f"« {short(parent)} » contient {' et '.join(found)}{where.fr} ; il n'accepte qu'un seul élément parmi : "
            f"{listed(alternatives).fr}. N'en gardez qu'un.",
            f"“{short(parent)}” holds {' and '.join(found)}{where.en}; it takes only one element of: "
            f"{listed(alternatives).en}. Keep only one.",
        )
    name = short(names[0])
    return Text(
        f"L'élément « {name} » apparaît {len(names)} fois dans « {short(parent)} »{where.fr} ; au plus {most} est permis. "
        f"Retirez ce qui est de trop, ou répétez « {short(parent)} » si le modèle le permet.",
        f"The element “{name}” appears {len(names)} times in “{short(parent)}”{where.en}; at most {most} is allowed. "
        f"Remove what is too many, or repeat “{short(parent)}” if the model allows it.",
    )


def _lines(lines: Sequence[int | None]) -> Text:
    known = ", ".join(str(line) for line in dict.fromkeys(lines) if line is not None)
    if not known:
        return Text("", "")
    plural = "s" if "," in known else ""
    return Text(f" (ligne{plural} {known})", f" (line{plural} {known})")


def missing(parent: str, wanted: Sequence[Sequence[str]], after: str | None) -> Text:
    """Mandatory children that are absent; each of ``wanted`` is one, or alternatives of which one is enough."""
    fr, en = [], []
    for names in wanted:
        if len(names) == 1:
            fr.append(f"« {short(names[0])} »")
            en.append(f"“{short(names[0])}”")
        else:
            known = listed(names)
            fr.append(f"un élément parmi : {known.fr}")
            en.append(f"one element of: {known.en}")
    place = Text("", "")
    if len(wanted) == 1 and after is not None:
        place = Text(f", après « {short(after)} »", f", after “{short(after)}”")
    return Text(
        f"Il manque dans « {short(parent)} » : {' ; '.join(fr)}{place.fr}. C'est obligatoire : ajoutez-le.",
        f"Missing in “{short(parent)}”: {'; '.join(en)}{place.en}. It is mandatory: add it.",
    )


def unexpected_attribute(name: str, element: str, allowed: Sequence[str]) -> Text:
    """An attribute that the element's type does not have."""
    hint = Text("Retirez-le.", "Remove it.")
    possible = Text("Cet élément n'a aucun attribut.", "This element has no attribute.")
    if allowed:
        names = listed(allowed)
        possible = Text(f"Attributs possibles : {names.fr}.", f"Possible attributes: {names.en}.")
    return _join(
        Text(
            f"L'attribut « {short(name)} » n'est pas permis sur « {short(element)} ».",
            f"The attribute “{short(name)}” is not allowed on “{short(element)}”.",
        ),
        possible,
        hint,
    )


def missing_attribute(name: str, element: str, expected: Text | None) -> Text:
    """A mandatory attribute that is absent."""
    hint = Text("Ajoutez-le.", "Add it.")
    if expected is not None:
        hint = Text(f"Ajoutez-le ; valeur attendue : {expected.fr}.", f"Add it; expected value: {expected.en}.")
    return _join(
        Text(
            f"L'attribut obligatoire « {short(name)} » manque sur « {short(element)} ».",
            f"The mandatory attribute “{short(name)}” is missing on “{short(element)}”.",
        ),
        hint,
    )


def bad_value(name: str, element: str, value: str, expected: Text) -> Text:
    """A value that the attribute cannot hold."""
    found = _quoted(value)
    return Text(
        f"La valeur {found.fr} ne convient pas à l'attribut « {short(name)} » de « {short(element)} ». "
        f"Attendu : {expected.fr}. Corrigez la valeur, ou retirez l'attribut s'il est facultatif.",
        f"The value {found.en} does not suit the attribute “{short(name)}” of “{short(element)}”. "
        f"Expected: {expected.en}. Mend the value, or remove the attribute if it is optional.",
    )


def values(names: Sequence[str], form: Text) -> Text:
    """What an attribute may hold, said shortly."""
    if not names:
        return form
    known = listed(names)
    return known if len(names) == 1 else Text(f"une valeur parmi {known.fr}", f"one of {known.en}")


def _quoted(value: str) -> Text:
    if not value.strip():
        return Text("vide", "(empty)")
    cut = value if len(value) <= 60 else value[:60] + "…"
    return Text(f"« {cut} »", f"“{cut}”")


def duplicate_id(value: str, element: str, count: int, lines: Sequence[int | None]) -> Text:
    """An ID that several elements carry, with the lines where they stand, of the first ones at least."""
    where = _lines(lines)
    return Text(
        f"L'ID « {value} » de « {short(element)} » est porté par {count} éléments{where.fr} : une référence ne peut "
        "pas savoir lequel elle désigne. Donnez à chacun un ID différent, et reprenez les références.",
        f"The ID “{value}” of “{short(element)}” is carried by {count} elements{where.en}: a reference cannot know "
        "which one it points to. Give each a different ID, and revise the references.",
    )


def copied(element: str, lines: Sequence[int | None], identifiers: Sequence[str]) -> Text:
    """A part of the document that stands there twice, IDs included."""
    where, known = _lines(lines), listed(identifiers)
    return Text(
        f"L'élément « {short(element)} » figure deux fois à l'identique{where.fr}, avec les mêmes ID : {known.fr}. "
        "Retirez la copie, ou donnez-lui des ID différents.",
        f"The element “{short(element)}” stands there twice, alike{where.en}, with the same IDs: {known.en}. "
        "Remove the copy, or give it different IDs.",
    )


def not_nillable(element: str) -> Text:
    """An ``xsi:nil`` where CDA knows none."""
    return Text(
        f"L'attribut xsi:nil n'est pas permis sur « {short(element)} » : en CDA, une valeur absente se dit avec nullFlavor. "
        "Retirez xsi:nil.",
        f"The attribute xsi:nil is not allowed on “{short(element)}”: in CDA, an absent value is said with nullFlavor. "
        "Remove xsi:nil.",
    )


def missing_type(element: str) -> Text:
    """A value whose data type is not said."""
    return Text(
        f"L'élément « {short(element)} » ne dit pas son type de donnée. "
        'Ajoutez l\'attribut xsi:type, par exemple xsi:type="CD", "PQ", "ST" ou "IVL_TS".',
        f"The element “{short(element)}” does not say its data type. "
        'Add the attribute xsi:type, for example xsi:type="CD", "PQ", "ST" or "IVL_TS".',
    )


def unknown_type(element: str, value: str) -> Text:
    """An ``xsi:type`` that names no data type."""
    found = _quoted(value)
    return Text(
        f"Le type {found.fr} (xsi:type) de « {short(element)} » n'existe pas. Écrivez un type de donnée HL7 V3, "
        "par exemple CD, CE, PQ, ST, TS ou IVL_TS, sans préfixe ou avec un préfixe déclaré.",
        f"The type {found.en} (xsi:type) of “{short(element)}” does not exist. Write an HL7 V3 data type, "
        "for example CD, CE, PQ, ST, TS or IVL_TS, without a prefix or with one that is declared.",
    )


def wrong_type(element: str, value: str, declared: str | None) -> Text:
    """An ``xsi:type`` that exists but cannot stand here."""
    expected = Text("", "")
    if declared is not None:
        expected = Text(f" ; il faut {declared} ou un type qui en dérive", f"; it must be {declared} or a type derived from it")  # fmt: skip
    return Text(
        f"Le type « {value} » (xsi:type) ne convient pas à « {short(element)} »{expected.fr}. Corrigez xsi:type.",
        f"The type “{value}” (xsi:type) does not suit “{short(element)}”{expected.en}. Mend xsi:type.",
    )


def unexpected_text(element: str) -> Text:
    """Words where only elements, or nothing, may stand."""
    return Text(
        f"L'élément « {short(element)} » contient du texte ; il ne peut contenir que des éléments ou rien. "
        "Retirez le texte, ou mettez-le dans l'élément prévu.",
        f"The element “{short(element)}” contains text; it may hold only elements or nothing. "
        "Remove the text, or put it into the element meant for it.",
    )


def bad_content(element: str, value: str) -> Text:
    """Text content that the element's type does not allow."""
    found = _quoted(value)
    return Text(
        f"Le contenu {found.fr} ne convient pas à « {short(element)} ». Corrigez-le.",
        f"The content {found.en} does not suit “{short(element)}”. Mend it.",
    )


def other(element: str, reason: str) -> Text:
    """Any other objection of the schema, in the words of the XML library."""
    for uri, prefix in PREFIXES.items():
        reason = reason.replace(f"{{{uri}}}", prefix)
    return Text(
        f"Le schéma CDA refuse « {short(element)} » (détail technique, en anglais : {reason}).",
        f"The CDA schema refuses “{short(element)}” ({reason}).",
    )


def too_many(shown: int) -> Text:
    """That the list was cut."""
    return Text(
        f"Le document a plus de {shown} erreurs de structure ; seules {shown} au plus sont affichées. "
        "Corrigez-les, puis relancez la validation.",
        f"The document has more than {shown} structure errors; only {shown} at most are shown. Mend them, then validate again.",
    )


def wrong_in_a_crowd(tag: str, number: int) -> Text:
    """That the schema refuses a document whose fault lies far inside a crowd of elements."""
    name = short(tag)
    return Text(
        f"Le schéma refuse le document ; l'élément « {name} » a {number} enfants, et l'erreur n'est pas parmi les premiers. "
        "Réduisez leur nombre, puis relancez la validation.",
        f"The schema refuses the document; the element “{name}” has {number} children, and the error is not among the "
        "first. Reduce their number, then validate again.",
    )


def _join(*parts: Text) -> Text:
    return Text(" ".join(part.fr for part in parts), " ".join(part.en for part in parts))
