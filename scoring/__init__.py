"""What figures mean: pure functions on Decimals, without ORM or settings."""
