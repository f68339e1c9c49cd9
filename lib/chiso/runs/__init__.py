"""From a data folder to a folder of reports: plan, execute, record."""

import sys

# nbformat loads jsonschema, which builds a grammar of international addresses where it finds one (a second for each
# process), and does without where it does not. No notebook has a use for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
