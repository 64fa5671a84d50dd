# syntax=docker/dockerfile:1
# Three stages: the front end, the Python packages, and an image that holds only what runs.

FROM node:24-trixie-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json .npmrc build.mjs ./
RUN npm ci --no-audit --no-fund
COPY static ./static
COPY templates ./templates
RUN npm run build

FROM python:3.13-slim-trixie AS packages
# `server` renders what a model will see; `--build-arg REQUIREMENTS=base` leaves that out and saves 180 MB.
ARG REQUIREMENTS=server
COPY requirements/${REQUIREMENTS}.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary=:all: -r /tmp/requirements.txt

FROM packages AS static
WORKDIR /app
COPY . .
COPY --from=front-end /src/static/dist ./static/dist
# Development settings need no secrets; what they make for themselves stays in this stage.
RUN DJANGO_SETTINGS_MODULE=config.settings.dev STATIC_ROOT=/static FIRSTHAND_VAR=/tmp/var \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim-trixie
# pg_dump and pg_restore for backups; as new as the server in docker-compose.yml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 firsthand \
    && install -d -o firsthand -g firsthand /var/lib/firsthand
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=front-end /src/static/dist ./static/dist
COPY --from=static /static /static
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    STATIC_ROOT=/static \
    FIRSTHAND_VAR=/var/lib/firsthand
USER firsthand
VOLUME /var/lib/firsthand
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi:application", "--config", "config/gunicorn.py"]
