# A node of the replicated store; compose.yaml runs three. See docs/node.md.
FROM node:22-bookworm-slim AS build
WORKDIR /synod
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY spec spec
COPY model-check model-check
COPY src src
RUN npm run -s build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /synod/package.json /synod/
COPY --from=build /synod/node_modules /synod/node_modules
COPY --from=build /synod/dist /synod/dist
# A new volume takes over whom this folder belongs to.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
# Clients, other nodes, health and metrics.
EXPOSE 7001 7101 7201
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7201/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/synod/dist/src/cli/main.js"]
CMD ["node", "--config", "/etc/synod/node.json"]
