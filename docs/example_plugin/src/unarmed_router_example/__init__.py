"""An example of a package that extends unarmed_router."""
