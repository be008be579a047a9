"""The process in which a pack's rules run: SaxonC, one document at a time, no files, no network.

It reads requests on its input and answers on its output: each message is its length (8 bytes, big-endian),
then JSON; the first one says that it is ready. It is started, timed and stopped by ``engine``; it trusts the requests and nothing in the pack.

Imports little on purpose: a first verdict waits for this process.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from typing import Any, BinaryIO

OURS = "urn:segur-conformance:rule-packs"
_FEATURES = "http://saxon.sf.net/feature/"


def main() -> None:
    """Serve until the input ends. Arguments: the memory limit in MiB, folders to import from."""
    memory = int(sys.argv[1])
    sys.path += sys.argv[2:]
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the engine prints must not enter the answers
    _limit(memory)
    service = _Service()
    send(answers, {"ready": True})
    while True:
        request = receive(requests)
        if request is None:
            return
        send(answers, service.answer(request))


def _limit(memory: int) -> None:
    """Memory, files and core dumps of this process, where the system can limit them."""
    try:
        import resource
    except ImportError:  # Windows has no such limits: the time limit alone holds there
        return
    for name, value in (("RLIMIT_DATA", memory << 20), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError):  # a stricter limit is already in force
            continue


def send(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Write one message."""
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(struct.pack(">Q", len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> dict[str, Any] | None:
    """Read one message; ``None`` at the end of the stream."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    data = stream.read(struct.unpack(">Q", head)[0])
    message: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    return message


class _Service:
    def __init__(self) -> None:
        import saxonche  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an optional extra

        self._processor = saxonche.PySaxonProcessor(license=False)
        set_property = self._processor.set_configuration_property
        set_property(_FEATURES + "allowedProtocols", "none")
        set_property(_FEATURES + "parserFeature?uri=http%3A//apache.org/xml/features/disallow-doctype-decl", "true")
        self._xslt = self._processor.new_xslt30_processor()
        self._stylesheets: dict[str, Any] = {}
        self._documents: dict[str, Any] = {}
        self._subject: Any = None
        self._text = ""
        self._schemas: dict[str, Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; a fault of the engine is an answer like another."""
        started = time.perf_counter()
        try:
            found = getattr(self, f"do_{request['do']}")(request)
        except Exception as error:  # the engine's own errors come in many types, all told the same way
            found = {"error": " ".join(str(error).split()) or type(error).__name__}
        return {**found, "seconds": time.perf_counter() - started}

    def do_subject(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take ``xml`` as the document that the next requests are about: parsed once."""
        self._subject = None
        self._text = request["xml"]
        self._subject = self._processor.parse_xml(xml_text=self._text)
        return {}

    def do_compile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Compile the stylesheet ``xslt`` and keep it under ``name``."""
        self._stylesheets[request["name"]] = self._xslt.compile_stylesheet(stylesheet_text=request["xslt"])
        return {}

    def do_forget(self, request: dict[str, Any]) -> dict[str, Any]:
        """Drop the stylesheets ``names``."""
        for name in request["names"]:
            self._stylesheets.pop(name, None)
        return {}

    def do_run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run the stylesheet ``name`` on the document.

        ``documents``: parameter → key of a document of the pack; ``by_href``: as it is asked for at run time
        → key, or nothing when the pack has none; ``load``: key → path or text of what is not loaded yet.
        """
        for key, (kind, content) in request.get("load", {}).items():
            if key not in self._documents:
                try:
                    text = content if kind == "text" else _read(content)
                    self._documents[key] = self._processor.parse_xml(xml_text=text)
                except Exception as error:
                    raise ValueError(f"{key}: {error}") from None
        stylesheet = self._stylesheets[request["name"]]
        stylesheet.clear_parameters()
        for name, key in request.get("documents", {}).items():
            stylesheet.set_parameter(f"{{{OURS}}}{name}", self._documents[key])
        if request.get("by_href") is not None:
            stylesheet.set_parameter(f"{{{OURS}}}documents", self._map(request["by_href"]))
        skip = self._processor.make_string_value(request.get("skip", ""))
        stylesheet.set_parameter(f"{{{OURS}}}skip", skip)
        return {"text": stylesheet.transform_to_string(xdm_node=self._subject) or ""}

    def _map(self, by_href: dict[str, str | None]) -> Any:
        false = self._processor.make_boolean_value(False)
        pairs = {
            self._processor.make_string_value(href): false if key is None else self._documents[key]
            for href, key in by_href.items()
        }
        return self._processor.make_map(pairs)

    def do_schema(self, request: dict[str, Any]) -> dict[str, Any]:
        """Validate the document against the XML schema at ``path``: line, path, message and kind of each error.

        In a document that another one wraps (a style sheet that shows it), the ``ClinicalDocument`` is validated.
        """
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        if request["path"] not in self._schemas:
            self._schemas[request["path"]] = etree.XMLSchema(etree.parse(request["path"], parser))
        schema = self._schemas[request["path"]]
        root = etree.fromstring(self._text.encode(), parser)
        schema.validate(etree.ElementTree(next(root.iter("{urn:hl7-org:v3}ClinicalDocument"), root)))
        return {"errors": [[e.line, e.path or "", e.message, e.type_name] for e in schema.error_log]}


def _read(path: str) -> str:
    """The text of an XML file, in the encoding that it declares."""
    from lxml import etree

    with open(path, "rb") as file:
        if b"<!DOCTYPE" in file.read(65_536).replace(b"\0", b""):
            raise ValueError("a DOCTYPE declaration is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.tostring(etree.parse(path, parser), encoding="unicode")


if __name__ == "__main__":
    main()
