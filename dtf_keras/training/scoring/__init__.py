"""What trained models recognise, and their errors."""
