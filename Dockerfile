# The service as one image. Production: REDRESS_DATABASE_URL names the PostgreSQL to use. Without it the service
# starts its embedded database under /data, so that `docker run` alone is enough to try it.
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml constraints.txt LICENSE ./
COPY app app
COPY domain domain
COPY eventlog eventlog
COPY migrations migrations
COPY procedures procedures
COPY projections projections
COPY proof proof
COPY softphone softphone
COPY wording wording
RUN python -m venv /opt/redress \
 && /opt/redress/bin/python -m pip install --no-cache-dir -c constraints.txt '.[embedded]'

FROM python:3.13-slim
COPY --from=build /opt/redress /opt/redress
RUN useradd --system --create-home --home-dir /data --shell /usr/sbin/nologin redress
USER redress
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# exec form: the service itself is process 1, gets the stop signal, and finishes what it acknowledged.
CMD ["/opt/redress/bin/python", "-m", "app", "serve", "--host", "0.0.0.0", "--data", "/data/redress"]
