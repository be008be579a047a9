"""The DMP in the reference product: speaking with it, feeding it in the background, consulting it."""
