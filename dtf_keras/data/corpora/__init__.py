"""Corpora: where their clips are and what is signed in them."""
