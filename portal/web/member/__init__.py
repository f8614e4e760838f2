"""What members see and answer: by the mailed link, or signed in."""
