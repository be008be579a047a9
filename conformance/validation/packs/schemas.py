"""The XML schema of a pack: every file that it includes or imports must lie in the pack."""

from __future__ import annotations

from lxml import etree

from conformance.core.language import Text
from conformance.validation.packs.source import PackSource

_XSD = "{http://www.w3.org/2001/XMLSchema}"


def check_schema_files(source: PackSource, path: str) -> Text | None:
    """Why the schema ``path`` cannot be loaded (a file is missing or malformed); ``None`` when all is there.

    Raises ``HostilePack`` when it reaches outside the pack or declares entities.
    """
    waiting, seen = [path], {path}
    while waiting:
        file = waiting.pop()
        try:
            root = source.parse(file, may_declare=True)
        except (etree.XMLSyntaxError, OSError) as error:
            return Text(f"{file} ne peut pas être lu ({error})", f"{file} cannot be read ({error})")
        for name in ("include", "import", "redefine"):
            for element in root.iter(f"{_XSD}{name}"):
                location = element.get("schemaLocation")
                if not location:
                    continue
                found = source.find(location, file)
                if found is None or found.mended:
                    return Text(
                        f"{file}:{element.sourceline} : « {location} » n'existe pas",
                        f"{file}:{element.sourceline}: “{location}” does not exist",
                    )
                if found.path not in seen:
                    seen.add(found.path)
                    waiting.append(found.path)
    return None
