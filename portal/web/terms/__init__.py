"""A member's own terms: what governs which of their data and why, drawn as one picture and told as tables."""
