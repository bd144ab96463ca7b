"""The real settings; a test says what is asked (`chosen_challenges`)."""

from countersign.server.project.settings import *  # noqa: F403
from countersign.server.project.settings import INSTALLED_APPS as _SHIPPED

INSTALLED_APPS = [*_SHIPPED, "tests.server.chosen_challenges.ChosenChallenges"]
