"""The list of the incoming messages as a file: ``python -m conformance.generation.messages.index > index.tsv``."""

from __future__ import annotations

from conformance.generation.messages import all_cases

_COLUMNS = ("name", "outcome", "sure", "refused", "rules", "fr", "en")


def index_page() -> str:
    """One line per case: name, what a product must do, whether a source says so, what the kit's validation says."""
    lines = ["\t".join(_COLUMNS)]
    for one in all_cases():
        sure = "yes" if one.sure else "no"
        lines.append(
            "\t".join((one.name, one.outcome, sure, one.refused, " ".join(one.rules), one.title.fr, one.title.en))
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(index_page(), end="")
