"""Work in the background: what is due is looked up in the rows and handed to jobs inside the server's own process."""

from portal.jobs.life import running
from portal.jobs.sweeping import Jobs

__all__ = ["Jobs", "running"]
