# Corevisor's image: corevisord is PID 1, nginx answers on port 80, one Node worker runs per CPU. docs/image.md has every
# build argument, secret and run option. Kept to what every BuildKit since Docker 20.10 reads (frontend 1.2: no heredocs,
# no COPY --link, no syntax line to fetch).
#
# Order: 1 base image, 2 security upgrades, 3 needed packages, (the throw-away stages that compile), 4 resources,
# 5 configuration, 6 application, 7 the port, 8 the entrypoint. Steps 1 to 3 end up in one layer, so that a package that
# was upgraded is not carried twice and a new version of the application moves only the last layers.

# Debian or Ubuntu with Node >= 20.19 among its packages, e.g. ubuntu:26.04 or debian:trixie-slim.
ARG BASE_IMAGE=ubuntu:26.04
# Where the application comes from: `local` = service/ of this tree.
ARG APP_SOURCE=local

# ---------------------------------------------------------------------------------------------------- 1. Base image
FROM ${BASE_IMAGE} AS base

# --------------------------------------------------------------------------------------------- 2. Security upgrades
FROM base AS upgraded
# Docker keeps this step while nothing above it changes; another value (a date, say) makes it run anew.
ARG UPGRADED_ON=
RUN : "upgrades of ${UPGRADED_ON}" \
 && apt-get update --quiet=2 \
 && DEBIAN_FRONTEND=noninteractive apt-get upgrade --quiet=2 --assume-yes --no-install-recommends \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/*.log /var/cache/ldconfig/aux-cache

# ----------------------------------------------------------------------------------------------- 3. Needed packages
# No Python, no npm: Node and nginx, and the certificates that Debian's Node checks outgoing TLS with; nor what their
# packages bring beside and nothing reads at run time.
FROM upgraded AS packaged
COPY image/leave-out.sh image/left-out.dpkg /tmp/
RUN /tmp/leave-out.sh /tmp/left-out.dpkg && rm /tmp/leave-out.sh /tmp/left-out.dpkg
RUN apt-get update --quiet=2 \
 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --assume-yes --no-install-recommends \
      ca-certificates nginx nodejs \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/*.log /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old \
    /var/lib/dpkg/*-old
COPY image/check-node.cjs /tmp/
RUN node /tmp/check-node.cjs && rm /tmp/check-node.cjs
# The user of everything, and the one directory that must be writable: pid file, control socket, nginx's temporary files.
RUN groupadd --gid 10001 corevisor \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /run/corevisor --shell /usr/sbin/nologin corevisor \
 && install --directory --owner=10001 --group=10001 --mode=0755 /run/corevisor \
 && rm -f /etc/*- /var/log/lastlog /var/log/faillog

# ------------------------------------------------------------------------- throw-away: compiler and package manager
FROM packaged AS tools
RUN apt-get update --quiet=2 \
 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --assume-yes --no-install-recommends npm

# `npm ci` reads the registry and its credentials from the secret `npmrc`, and further certificate authorities from the
# secret `ca`; both are optional and neither reaches a layer. image/npm.sh does that. The script `prepare` is taken out
# because npm 9 runs it for a linked package even with --ignore-scripts, before there is anything to build with.
FROM tools AS build
WORKDIR /src
COPY image/npm.sh /usr/local/bin/npm-with-secrets
COPY package.json package-lock.json ./
COPY service/package.json service/
RUN --mount=type=secret,id=npmrc --mount=type=secret,id=ca --mount=type=cache,target=/root/.npm \
    npm pkg delete scripts.prepare && npm-with-secrets ci --ignore-scripts
COPY tsconfig.json ./
COPY src src
RUN npm run --silent build
COPY image/lay-out.sh image/
RUN image/lay-out.sh /out

# Corevisor itself, which the service names for development, is not installed a second time but linked.
FROM tools AS app-local
WORKDIR /app
COPY image/npm.sh /usr/local/bin/npm-with-secrets
COPY image/prune-modules.sh /usr/local/bin/prune-modules
COPY package.json package-lock.json ./
COPY service/package.json service/
RUN --mount=type=secret,id=npmrc --mount=type=secret,id=ca --mount=type=cache,target=/root/.npm \
    (cd service && npm pkg delete devDependencies peerDependencies peerDependenciesMeta) \
 && npm-with-secrets ci --ignore-scripts --omit=dev --workspace=service \
 && rm -rf package.json package-lock.json node_modules/.package-lock.json node_modules/.bin node_modules/corevisor \
 && prune-modules node_modules \
 && ln -s /opt/corevisor node_modules/corevisor
COPY service service

FROM tools AS app-registry
RUN echo "APP_SOURCE=registry is not available in this version: build with APP_SOURCE=local" >&2; exit 1

FROM app-${APP_SOURCE} AS app

# --------------------------------------------------------------------------------------------------- the image itself
FROM scratch AS image
COPY --from=packaged / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production

# ------------------------------------------------------------------------------------------------ 4. Copy resources
# corevisord and corevisorctl in /opt/corevisor, linked into the PATH, also under supervisord's names.
COPY --from=build /out/ /

# ---------------------------------------------------------------------------------------- 5. Configuration in place
COPY conf/supervisord.conf /etc/supervisord.conf
COPY conf/nginx.conf /etc/nginx/nginx.conf

# ---------------------------------------------------------------------------------------- 6. The application in place
COPY --from=app /app /app

# A volume, so that `docker run --read-only` needs no further option.
VOLUME /run/corevisor
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["corevisorctl", "healthcheck"]

# -------------------------------------------------------------------------------------------------------- 7. The port
EXPOSE 80

# -------------------------------------------------------------------------------------------------- 8. The entrypoint
ENTRYPOINT ["corevisord", "--nodaemon", "--configuration", "/etc/supervisord.conf"]
