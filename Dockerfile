# Countersign in a container: no compiler, no shell for the user it runs as, nothing it writes to but /data and /tmp.
# The image carries the models of pack core, so that a container starts without an internet.

ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/countersign
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /opt/countersign/bin/python -m pip install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
RUN /opt/countersign/bin/python -m pip install --no-deps --no-build-isolation .
ENV COUNTERSIGN_MODELS=/opt/models
RUN /opt/countersign/bin/countersign models pull --pack core && chmod -R a+rX /opt/models

FROM ${PYTHON}
RUN groupadd --gid 10001 countersign \
 && useradd --uid 10001 --gid countersign --no-create-home --home-dir /data --shell /usr/sbin/nologin countersign \
 && install --directory --mode 0700 --owner countersign --group countersign /data
COPY --from=build /opt/countersign /opt/countersign
COPY --from=build /opt/models /opt/models
ENV PATH=/opt/countersign/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    COUNTERSIGN_MODELS=/opt/models \
    COUNTERSIGN_SERVER_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["countersign"]
CMD ["serve"]
