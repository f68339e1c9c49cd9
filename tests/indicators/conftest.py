"""Settings of the indicator tests; the helpers they import are in ``handmade.py`` beside this file."""

from hypothesis import HealthCheck, settings

# The same examples in every run: a report that must be reproducible is not tested by chance.
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")
