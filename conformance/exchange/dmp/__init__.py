"""What is proper to the DMP in the exchange: its transactions, their payloads, whole requests and answers."""
