"""What travels between products: archives, metadata, messages and their receipts. Knows nothing of servers."""
