"""Clips in padded batches, and what is shown of them."""
