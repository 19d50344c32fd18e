"""The data that comes with the product, and the errors of those who write their own."""
