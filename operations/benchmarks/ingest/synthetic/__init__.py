"""Synthetic records in AIC's schema, in any number, for measuring; none is a real artwork."""
