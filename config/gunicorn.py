"""The web server in production; `gunicorn --config config/gunicorn.py config.wsgi:application`."""

from config.settings.base import env

bind = env.str("BIND", default="0.0.0.0:8000")
worker_class = "gthread"
workers = env.int("WEB_PROCESSES", default=4)
threads = env.int("WEB_THREADS", default=8)
timeout = 120
graceful_timeout = 20
# Fresh processes now and then, each at another moment, keep memory flat.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
accesslog = "-" if env.bool("ACCESS_LOG", default=False) else None
