"""The sentences of the adapters: what went wrong between the kit and the product, and what to do."""

from __future__ import annotations

from conformance.core.errors import AdapterError, OperationNotOffered, ProductError, UsageError
from conformance.core.language import Text
from conformance.core.redaction import redact


def unreachable(where: str, why: str) -> AdapterError:
    """Nothing answers at the address given."""
    return AdapterError(
        "adapter.unreachable",
        Text(
            f"Rien ne répond à l’adresse « {where} » ({why}).",
            f"Nothing answers at “{where}” ({why}).",
        ),
        Text(
            "Démarrez le logiciel ou son adaptateur, et vérifiez l’adresse dans segur.toml.",
            "Start the product or its adapter, and check the address in segur.toml.",
        ),
    )


def too_slow(operation: str, seconds: float) -> AdapterError:
    """The answer did not come in time."""
    return AdapterError(
        "adapter.timeout",
        Text(
            f"L’opération « {operation} » n’a pas répondu en {seconds:g} s.",
            f"The operation “{operation}” did not answer within {seconds:g} s.",
        ),
        Text(
            "Si le logiciel a besoin de plus de temps, augmentez timeout_seconds dans segur.toml.",
            "If the product needs more time, raise timeout_seconds in segur.toml.",
        ),
    )


def cut(operation: str, why: str) -> AdapterError:
    """The connection broke in the middle of the answer."""
    return AdapterError(
        "adapter.cut",
        Text(
            f"La connexion s’est coupée pendant l’opération « {operation} » ({why}).",
            f"The connection broke during the operation “{operation}” ({why}).",
        ),
        Text(
            "Le logiciel s’est sans doute arrêté : regardez son journal, puis relancez.",
            "The product probably stopped: look at its log, then run again.",
        ),
    )


def garbage(operation: str, why: Text, seen: str = "") -> AdapterError:
    """The answer is not what the contract says; ``seen`` is its beginning."""
    excerpt = redact(" ".join(seen.split()))[:120]
    beginning_fr = f" ; début de la réponse : « {excerpt} »" if excerpt else ""
    beginning_en = f"; the answer begins with “{excerpt}”" if excerpt else ""
    return AdapterError(
        "adapter.garbage",
        Text(
            f"La réponse à « {operation} » ne suit pas le contrat : {why.fr}{beginning_fr}.",
            f"The answer to “{operation}” is not of the contract: {why.en}{beginning_en}.",
        ),
        Text(
            "Corrigez l’adaptateur d’après conformance/sut/openapi.json, puis lancez « segur sut check ».",
            "Correct the adapter after conformance/sut/openapi.json, then run “segur sut check”.",
        ),
    )


def too_long(operation: str, most: int) -> AdapterError:
    """The answer is longer than anything the contract foresees."""
    limit = most // 1_000_000
    error = garbage(operation, Text(f"elle dépasse {limit} Mo", f"it is longer than {limit} MB"))
    return AdapterError("adapter.too-long", error.sentence, error.hint)


def not_offered(operation: str) -> OperationNotOffered:
    """The product does not offer the operation."""
    return OperationNotOffered(
        "product.not-offered",
        Text(
            f"Le logiciel n’offre pas l’opération « {operation} » (501).",
            f"The product does not offer the operation “{operation}” (501).",
        ),
        Text(
            "Les essais qui en ont besoin deviennent des questions posées à une personne.",
            "The tests that need it become questions to a person.",
        ),
    )


def failed(operation: str, why: str) -> ProductError:
    """The product says itself that it failed."""
    said = redact(" ".join(why.split()))[:200]
    return ProductError(
        "product.failed",
        Text(
            f"Le logiciel a échoué pendant l’opération « {operation} » ({said}).",
            f"The product failed during the operation “{operation}” ({said}).",
        ),
        Text("Regardez le journal du logiciel à cet instant.", "Look at the product's log at that moment."),
    )


def bad_configuration(why: Text) -> UsageError:
    """The section of segur.toml that describes the adapter cannot be used."""
    return UsageError(
        "config.adapter",
        Text(f"L’adaptateur est mal décrit : {why.fr}.", f"The adapter is not well described: {why.en}."),
        Text(
            'Écrivez kind = "http" avec url, ou kind = "python" avec target = "paquet.module:objet".',
            'Write kind = "http" with url, or kind = "python" with target = "package.module:object".',
        ),
    )
