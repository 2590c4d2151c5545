# Two images from one build: `docker build --target tracker .` and `--target peer`. docker-compose.yml runs both.

# What says which packages are needed, without the sources: so that a changed source installs nothing anew.
FROM node:24-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
COPY tracker/package.json tracker/
COPY peer-node/package.json peer-node/
COPY web/package.json web/

# The web app and the command line's bundle, with what it takes to build them.
FROM manifests AS build
# As scripts/bootstrap.mjs installs, which says why not `npm ci`.
RUN npm install --no-save -w sdk -w peer-node -w web
COPY tsconfig.json ./
COPY scripts scripts
COPY sdk sdk
COPY peer-node peer-node
COPY web web
RUN node scripts/build.ts

# The packages needed while it runs.
FROM manifests AS production
RUN npm install --no-save --omit=dev -w sdk -w tracker -w peer-node

FROM node:24-slim AS runtime
# Where volumes are mounted: a new one takes over the owner it finds. 1000 is the image's user `node`.
RUN install -d -o 1000 -g 1000 -m 0700 /data /state
WORKDIR /app
ENV NODE_ENV=production
COPY --from=production /app ./
COPY LICENSE ./
COPY sdk/src sdk/src
COPY tracker/bin tracker/bin
COPY tracker/src tracker/src
COPY --from=build /app/peer-node/dist peer-node/dist
COPY --from=build /app/web/dist web/dist
USER 1000:1000
STOPSIGNAL SIGTERM
# Not with curl, which isn't there.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch(process.env.PANAL_HEALTH_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS peer
ENV PANAL_HEALTH_URL=http://127.0.0.1:7071/healthz
VOLUME ["/state"]
EXPOSE 7071
ENTRYPOINT ["node", "/app/peer-node/dist/main.mjs"]
CMD ["share", "/share", "--state", "/state"]

# The last one is built when none is named.
FROM runtime AS tracker
ENV PANAL_HEALTH_URL=http://127.0.0.1:7070/readyz PANAL_TRACKER_PORT=7070 PANAL_TRACKER_DATA=/data
VOLUME ["/data"]
EXPOSE 7070
ENTRYPOINT ["node", "/app/tracker/bin/panal-tracker.mjs"]
