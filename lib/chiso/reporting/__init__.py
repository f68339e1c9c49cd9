"""The abstract report and its writers: HTML, Excel, charts, pages.

Tables and charts hold raw numbers; only :mod:`chiso.reporting.formats` turns a number into text.
"""
