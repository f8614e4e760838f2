"""The life of a change, played over real HTTP and real SMTP: for `manage.py demo`, and for the tests of the whole."""
