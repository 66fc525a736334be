"""What trained models recognize, and their errors."""
