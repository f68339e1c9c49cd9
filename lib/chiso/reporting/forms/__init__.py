"""The forms that are handed in as they are: form II.06a and the statistical appendix, from the office's workbook."""

from chiso.reporting.forms.fill import forms_workbook
from chiso.reporting.forms.template import open_forms, own_forms

__all__ = ["forms_workbook", "open_forms", "own_forms"]
