"""Indicators, periods and the reports of them."""
