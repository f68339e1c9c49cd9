"""What the warm process loads first: it collects no garbage while it loads libraries, for there is none.

:mod:`chiso.runs.warm.prime`, loaded last, collects once and goes on as usual.
"""

import gc

gc.disable()
