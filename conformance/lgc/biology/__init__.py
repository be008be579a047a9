"""What the product does with laboratory reports: reads, judges, keeps and shows their results."""
