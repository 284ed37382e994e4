# The service on MySQL. Two stages: the driver is built in the first, and no compiler is in the second.
FROM python:3.13-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential pkg-config default-libmysqlclient-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements-run.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements-run.txt

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libmariadb3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home wallet
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY scripts/healthcheck.py scripts/
COPY wallet_project wallet_project
COPY accounts accounts
COPY ledger ledger
COPY wallets wallets
COPY templates templates
# The key signs nothing here: collecting files needs the settings to load.
RUN DJANGO_SECRET_KEY=for-this-build-step-only /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && /venv/bin/python -m compileall -q wallet_project accounts ledger wallets
USER wallet
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH HOST=0.0.0.0 PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
  CMD ["python", "scripts/healthcheck.py"]
CMD ["python", "manage.py", "serve", "--setup"]
