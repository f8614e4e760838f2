"""What the company's own site asks for, to show a member's notices in its account pages."""
