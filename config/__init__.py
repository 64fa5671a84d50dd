"""Wiring: settings, URLs, jobs, health, the supervisor. No domain code."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
