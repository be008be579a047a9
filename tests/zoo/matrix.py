"""Writes docs/zoo.md: which test catches which fault, from what the tests themselves name.

python tests/zoo/matrix.py            writes the page
python tests/zoo/matrix.py --check    fails when the page is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conformance.harness.profile import all_profiles
from conformance.lgc.faults import FAULTS
from tests.zoo.zoo import claims

PAGE = Path(__file__).resolve().parents[2] / "docs" / "zoo.md"


def page() -> str:
    """The page, in Markdown."""
    parts = [
        "# The zoo: faulty products, and the tests that catch them\n",
        "Each line is the reference product with one seeded fault (`segur demo --fault NAME`). The profile fails it, by\n"
        "exactly the tests named here and no other; `pytest tests/zoo` proves it. This page is written by\n"
        "`tests/zoo/matrix.py` from what the tests name in `catches=(…)`.\n",
    ]
    for profile in all_profiles():
        by_fault = claims().get(profile.name, {})
        if not by_fault:
            continue
        parts.append(f"\n## {profile.name}: {profile.title.en}\n\n| fault | what it does | caught by |\n|---|---|---|")
        for fault in FAULTS.values():
            if fault.name in by_fault:
                caught = "<br>".join(f"`{test}`" for test in sorted(by_fault[fault.name]))
                parts.append(f"| `{fault.name}` | {fault.sentence.en} | {caught} |")
        faults = len(by_fault)
        tests = len({test for caught in by_fault.values() for test in caught})
        parts.append(f"\n{faults} faults, {tests} tests that catch at least one.")
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write the page, or check it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text("utf-8") == wanted
        print("docs/zoo.md is up to date" if same else "docs/zoo.md is stale: run python tests/zoo/matrix.py")
        return 0 if same else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
