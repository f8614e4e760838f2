"""All that the portal knows of one member, for that member: as JSON by a versioned schema, and as a page to read."""
