"""Settings of the Sphinx build: `make docs`."""

from __future__ import annotations

import json

import unarmed_router
from unarmed_router.interop.json_codec import json_schema

project = "unarmed_router"
author = "The unarmed_router authors"
copyright = author
release = version = unarmed_router.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "unarmed_router"
html_show_sourcelink = False

# Pages are plain MyST: their code is run by tests/contracts, not by the build. The notebooks say in
# their heads that the build runs them; one that fails, fails the build.
nb_execution_mode = "off"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_output_stderr = "remove"
myst_enable_extensions = ["substitution", "deflist"]
myst_heading_anchors = 3


def _fenced(schema: object) -> str:
    return f"```json\n{json.dumps(schema, indent=2)}\n```"


# The schema pages show what this very version reads and writes.
myst_substitutions = {
    "call_schema": _fenced(json_schema("call")),
    "decision_schema": _fenced(json_schema("decision")),
}

# Docstrings are numpydoc; `name` in single backticks is code.
default_role = "literal"
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
