"""What ops enter for a member who wrote, called or came: a form, a look at what would follow, files, the button."""
