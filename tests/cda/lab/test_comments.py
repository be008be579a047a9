"""Comments stand at many places: each is read once, and speaks of what it stands on, no more."""

from __future__ import annotations

from conformance.cda.lab.model import CommentLevel
from conformance.lgc.biology.reading import LabReading
from tests.cda.lab.reports import comment, component, document, observation, quantity, report

BATTERY = "1.3.6.1.4.1.19376.1.3.1.4"


def battery(*content: str) -> str:
    """A battery with these components."""
    inside = "".join(f"<component>{one}</component>" for one in content)
    return f'<organizer classCode="BATTERY" moodCode="EVN"><templateId root="{BATTERY}"/>{inside}</organizer>'


def potassium(value: str, *parts: str) -> str:
    """A result of that value."""
    return observation(quantity(value), *parts)


FORMER = (
    f'<observation classCode="OBS" moodCode="EVN">{quantity("4.0")}{component(comment("ancien"), "SUBJ")}</observation>'
)
FILE = (
    '<component><section><code code="55108-5"/><entry><organizer classCode="CLUSTER" moodCode="EVN">'
    f"<component>{comment('fichier')}</component></organizer></entry></section></component>"
)
NESTED = document(
    component(
        battery(
            potassium("1"),
            comment("dehors"),
            battery(potassium("2", component(comment("dessus"), "SUBJ")), comment("dedans")),
            battery(potassium("3")),
            potassium("4", component(FORMER, "REFR")),
        )
    )
    + component(potassium("5"))
    + component(comment("chapitre"), "SUBJ"),
    more=FILE,
)


def test_a_comment_is_on_its_battery_and_on_those_inside_it() -> None:
    read = report(NESTED)
    told = {
        result.values[0].written: [one.words for one in (*result.comments, *result.group_comments)]
        for result in read.results
    }
    assert told == {
        "1": ["dehors"],
        "2": ["dessus", "dehors", "dedans"],
        "3": ["dehors"],
        "4": ["dehors"],
        "5": [],
    }
    assert {one.words for result in read.results for one in result.chapter_comments} == {"chapitre"}


def test_no_comment_is_lost_wherever_it_stands() -> None:
    found = {one.words: one.level for one in report(NESTED).comments}
    assert found == {
        "dehors": CommentLevel.GROUP,
        "dedans": CommentLevel.GROUP,
        "dessus": CommentLevel.RESULT,
        "chapitre": CommentLevel.CHAPTER,
        "ancien": CommentLevel.CHAPTER,
        "fichier": CommentLevel.CHAPTER,
    }
    assert len(report(NESTED).comments) == len(found)


def test_the_reference_product_reads_them_all_too() -> None:
    read = LabReading().read(NESTED)
    assert sorted(read.remarks) == ["ancien", "chapitre", "dedans", "dehors", "fichier"]
    assert [one.comments for one in read.results if one.comments] == [("dessus",)]


def test_words_about_a_result_are_a_comment_even_without_template_and_code() -> None:
    bare = '<act classCode="ACT" moodCode="EVN"><text>Tube hémolysé</text></act>'
    read = report(document(component(observation(quantity("4.2"), component(bare, "SUBJ")))))
    assert [one.words for one in read.results[0].comments] == ["Tube hémolysé"]
    other = report(document(component(observation(quantity("4.2"), component(bare, "COMP")))))
    assert other.comments == ()
