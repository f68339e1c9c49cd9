"""The Word draft of the periodic report: laid out as Decree 30/2020/NĐ-CP asks, figures in, the rest left blank."""

from chiso.reporting.word.draft import word_draft
from chiso.reporting.word.template import open_template, own_template

__all__ = ["open_template", "own_template", "word_draft"]
