# Tracker, web app and peer-node in one image; docker-compose.yml says which of them runs.
FROM node:24-slim
WORKDIR /app

# All at once: the commands npx finds are linked only when their files are there.
COPY . .
# As scripts/bootstrap.mjs installs, which says why not `npm ci`.
RUN npm install --no-save --no-fund --no-audit && npm cache clean --force
RUN node scripts/build.ts

# Where volumes are mounted: a new one takes over the owner it finds.
RUN mkdir /data /state && chown node:node /data /state
USER node
EXPOSE 7070 7071 7072
CMD ["npx", "panal-tracker", "--port", "7070", "--data", "/data"]
