"""What can be set, and where the portal's own files lie."""

from portal.settings.environment import Settings as Settings
from portal.settings.environment import unknown_settings as unknown_settings
from portal.settings.folders import folder as folder
