"""Workbooks made by hand, part by part, for what no library writes."""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def xlsx_parts(sheet: str, *, settings: str = "", state: str = "", shared: str = "") -> dict[str, str | bytes]:
    """Return the parts of a workbook with one sheet "S"; ``sheet`` is what stands within ``worksheet``."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    strings = f'<Relationship Id="r2" Type="{RELS}/sharedStrings" Target="sharedStrings.xml"/>' if shared else ""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}">{settings}'
        f'<sheets><sheet name="S" sheetId="1" {state} r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/>{strings}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'
    return parts


def xlsx(sheet: str, **more: str) -> bytes:
    return zipped(xlsx_parts(sheet, **more))


def ods_parts(tables: str, styles: str = "") -> dict[str, str | bytes]:
    """Return the parts of an OpenDocument workbook; ``tables`` stands within ``office:spreadsheet``."""
    names = "".join(f' xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f'<?xml version="1.0"?><office:document-content{names} {calc}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
    }


def ods(tables: str, styles: str = "") -> bytes:
    return zipped(ods_parts(tables, styles))


def inline(reference: str, written: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'
