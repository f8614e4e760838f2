"""What everybody may read: policies, their versions, and what changed between any two. The same for all readers."""
