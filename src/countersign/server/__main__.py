"""Django's own commands: ``python -m countersign.server check --deploy``."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countersign.server.project.settings")
    execute_from_command_line(sys.argv)
