"""hotfix: from a live defect to a fix that is validated in production."""

__version__ = "0.1.0"
