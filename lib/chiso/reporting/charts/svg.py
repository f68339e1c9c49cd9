"""Matplotlib's SVG made fit to stand in a page: small, its names its own, its text the page's type."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from lxml import etree

from chiso.reporting import theme

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
#: Coordinates are cut to a tenth of a point: a thirtieth of a millimetre in print.
_PLACES = 1
_COORDINATES = ("d", "x", "y", "width", "height", "transform", "points")
#: Before the id of a text stands what its picture had to shorten.
WHOLE = "whole:"


def inline(svg: str, label: str) -> str:
    """Return an SVG to be put into HTML as it is.

    Metadata, empty groups and digits that nobody sees are left out; a text whose id begins with ``whole:`` gets the
    rest of the id as its ``<title>``; other ids, needed only for references, are made the picture's own.

    Args:
        svg: as matplotlib writes it, with text as text.
        label: what those are told who do not see it.
    """
    root = etree.fromstring(svg.encode(), etree.XMLParser(remove_blank_text=True, remove_comments=True))
    for element in root.findall(f"{_NAMESPACE}metadata"):
        root.remove(element)
    for element in root.iter(f"{_NAMESPACE}style"):
        element.getparent().getparent().remove(element.getparent())
        break
    _titles(root)
    used = _references(root)
    own = "c" + hashlib.sha256((label + svg).encode()).hexdigest()[:8]
    for element in list(root.iter()):
        _shorten(element, used, own)
    _unwrap(root)
    width, height = (round(float(v) * 4 / 3) for v in root.get("viewBox", "0 0 0 0").split()[2:])
    view = root.get("viewBox", "")
    root.attrib.clear()
    for name, value in (
        ("viewBox", view),
        ("width", str(width)),
        ("height", str(height)),
        ("role", "img"),
        ("aria-label", visible(label)),
        ("font-family", f"{theme.FONT}, sans-serif"),
        ("stroke-linejoin", "round"),
    ):
        root.set(name, value)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _titles(root: etree._Element) -> None:
    for group in root.iter(f"{_NAMESPACE}g"):
        whole = group.get("id", "")
        if whole.startswith(WHOLE):
            title = etree.Element(f"{_NAMESPACE}title")
            title.text = whole.removeprefix(WHOLE)
            group.insert(0, title)


def _references(root: etree._Element) -> set[str]:
    used = {element.get(_LINK, "").removeprefix("#") for element in root.iter(f"{_NAMESPACE}use")}
    for element in root.iter():
        used |= set(re.findall(r"url\(#([^)]+)\)", element.get("clip-path", "") + element.get("style", "")))
    return used


def _shorten(element: etree._Element, used: set[str], own: str) -> None:
    if (name := element.get("id")) is not None:
        if name in used:
            element.set("id", f"{own}{name}")
        else:
            del element.attrib["id"]
    if (link := element.attrib.pop(_LINK, None)) is not None:
        element.set("href", link.replace("#", f"#{own}"))
    for attribute in ("clip-path", "style"):
        if "url(#" in (value := element.get(attribute, "")):
            element.set(attribute, value.replace("url(#", f"url(#{own}"))
    if style := element.get("style"):
        parts = [part.strip().replace(": ", ":") for part in style.split(";")]
        kept = [part for part in parts if part and not part.startswith("font-family") and part != "text-anchor:start"]
        element.set("style", ";".join(kept))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for attribute in _COORDINATES:
        if value := element.get(attribute):
            rounded = _NUMBER.sub(_round, value)
            element.set(attribute, re.sub(r"\s*([A-Za-z])\s*", r"\1", rounded).strip() if attribute == "d" else rounded)


def _round(match: re.Match[str]) -> str:
    return f"{round(float(match[0]), _PLACES) + 0.0:g}"


def _unwrap(root: etree._Element) -> None:
    """Take away groups that say nothing, those left empty first."""
    for group in reversed(list(root.iter(f"{_NAMESPACE}g"))):
        parent = group.getparent()
        if not len(group):
            parent.remove(group)
        elif not group.attrib and group[0].tag != f"{_NAMESPACE}title":
            at = parent.index(group)
            parent[at : at + 1] = list(group)


def visible(words: str) -> str:
    """Return a text without control and direction marks: they have no place in a picture, some break its XML."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c for c in words)
