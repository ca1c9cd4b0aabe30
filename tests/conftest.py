"""Settings of all tests."""

import os

from hypothesis import settings

# A gate says the same of the same tree. HYPOTHESIS_SEARCH=1 looks for what is not known yet.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("HYPOTHESIS_SEARCH") else "gate")
