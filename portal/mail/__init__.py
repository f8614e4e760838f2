"""Composing mails, and talking to the relay that takes them. Knows no rows: values in, messages and answers out."""
