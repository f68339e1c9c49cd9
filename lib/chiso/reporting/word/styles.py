"""The styles of the draft, by what they are for: an office changes fonts and spacing in the template, not here."""

from __future__ import annotations

#: Paragraph styles that generated text uses; a template must have them all.
HEADING, SUBHEADING = "Heading 1", "Heading 2"
BODY = "Nội dung"
GROUP = "Nhóm chỉ số"
BULLET = "Gạch đầu dòng"
NOTE = "Ghi chú"
CAPTION = "Tên bảng"
CELL, HEAD_CELL = "Ô bảng", "Tiêu đề cột"
SMALL_CELL, SMALL_HEAD_CELL = "Ô bảng nhỏ", "Tiêu đề cột nhỏ"
BAND = "Băng mô phỏng"
#: Character style of the places that the author fills in.
BLANK = "Cần điền"

PARAGRAPHS = (
    *(HEADING, SUBHEADING, BODY, GROUP, BULLET, NOTE, CAPTION, CELL, HEAD_CELL, SMALL_CELL, SMALL_HEAD_CELL, BAND),
)
REQUIRED = (*PARAGRAPHS, BLANK)
