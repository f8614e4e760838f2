"""What ops works with: objections, notices, members."""
