"""`manage.py mail …`: campaigns, and what comes back. The commands themselves lie in `mail_*.py`."""

from cyclopts import App

mail_room = App(name="mail", help="The mailing of notices: how far it is, and what may be done with it.")
mail_room.command("portal.cli.mail_campaign:status", name="status", help="Tell how far campaigns are.")
mail_room.command("portal.cli.mail_campaign:pause", name="pause", help="Begin no further message of a version.")
mail_room.command("portal.cli.mail_campaign:resume", name="resume", help="Let a paused version go on.")
mail_room.command("portal.cli.mail_campaign:retry", name="retry", help="Send again what failed.")
