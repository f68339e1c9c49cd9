"""What must hold between the entries of a plan file.

Works on the raw file, so that its findings stand beside the errors within single entries in one message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chiso.messages import text

SIPAS_TOTAL = "sipas"
UNIQUE = (
    ("indices", "id"),
    ("components", "id"),
    ("components", "notebook"),
    ("items", "id"),
    ("indicators", "id"),
    ("documents", "number"),
)
Raw = dict[str, Any]


def cross_check(raw: Raw) -> Iterator[str]:
    """Yield each inconsistency as "key: what is wrong"."""
    yield from _duplicates(raw)
    yield from _structure(raw)
    yield from _rules(raw)
    yield from _citations(raw)


def _entries(raw: Raw, name: str) -> list[Raw]:
    found = raw.get(name)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _values(raw: Raw, name: str, key: str = "id") -> list[str]:
    return [e[key] for e in _entries(raw, name) if isinstance(e.get(key), str)]


def _told(place: str, key: str, **values: object) -> str:
    return f"{place}: {text(f'catalogue.error.{key}', **values)}"


def _duplicates(raw: Raw) -> Iterator[str]:
    for name, key in UNIQUE:
        for value, count in Counter(_values(raw, name, key)).items():
            if count > 1:
                yield _told(f"{name}.{key}", "duplicate", value=value, count=count)
    rules = Counter((str(r.get("item")), str(r.get("subtype", ""))) for r in _entries(raw, "due_rules"))
    for rule, count in rules.items():
        if count > 1:
            yield _told("due_rules", "duplicate", value=" / ".join(filter(None, rule)), count=count)


def _structure(raw: Raw) -> Iterator[str]:
    """Check components, items and indicators against each other."""
    indices, components = set(_values(raw, "indices")), set(_values(raw, "components"))
    for c in _entries(raw, "components"):
        place, index = f"components ({c.get('id')})", c.get("index")
        if index is not None and index not in indices:
            yield _told(f"{place}.index", "unknown", value=index)
        if (index is None) != (c.get("notebook") is None):
            yield _told(f"{place}.notebook", "notebook_of_index")
    measured = set(_values(raw, "indicators", "plan_item"))
    for e in _entries(raw, "items"):
        place = f"items ({e.get('id')})"
        if "component" in e and e["component"] not in components:
            yield _told(f"{place}.component", "unknown", value=e["component"])
        if "id" in e and e["id"] not in measured:
            yield _told(place, "item_without_indicator")
    component_of = {e.get("id"): e.get("component") for e in _entries(raw, "items")}
    for e in _entries(raw, "indicators"):
        place, item, component = f"indicators ({e.get('id')})", e.get("plan_item"), e.get("component")
        # The overall satisfaction index is the one figure of index A as a whole.
        known = indices if e.get("id") == SIPAS_TOTAL else components
        if item is None and component is not None and component not in known:
            yield _told(f"{place}.component", "unknown", value=component)
        if item is not None and item not in component_of:
            yield _told(f"{place}.plan_item", "unknown", value=item)
        elif item is not None and component is not None and component != component_of[item]:
            yield _told(f"{place}.component", "component_of_item", item=item, expected=component_of[item])


def _rules(raw: Raw) -> Iterator[str]:
    """Check due rules, alerts and the list of what is not measured."""
    items = set(_values(raw, "items"))
    for name in ("due_rules", "expected", "alerts", "not_measured"):
        known = items | {"*"} if name == "due_rules" else items
        for n, e in enumerate(_entries(raw, name), 1):
            if "item" in e and e["item"] not in known:
                yield _told(f"{name}[{n}].item", "unknown", value=e["item"])
            if name == "alerts" and not {"month_day", "day_of_last_month"} & e.keys():
                yield _told(f"{name}[{n}]", "alert_without_day")
    if "due_rules" in raw and "*" not in _values(raw, "due_rules", "item"):
        yield _told("due_rules", "no_default_due_rule")
    sources = {"progress", "online_full", *_values(raw, "indicators")}
    quality = raw.get("service_quality")
    for e in _entries(quality, "criteria") if isinstance(quality, dict) else ():
        if e.get("source", "progress") not in sources:
            yield _told(f"service_quality.criteria ({e.get('code')}).source", "unknown", value=e["source"])


def _citations(raw: Raw) -> Iterator[str]:
    """Check that whatever is cited is one of the listed documents."""
    numbers = tuple(_values(raw, "documents", "number"))
    for name, key in (("items", "reference"), ("indicators", "legal_basis")):
        for e in _entries(raw, name):
            for cited in str(e.get(key, "")).split("; ") if key in e else ():
                if not cited.startswith(numbers):
                    yield _told(f"{name} ({e.get('id')}).{key}", "unknown_document", value=cited)
