# The published image with your configuration in it; secrets come from the environment.
FROM ghcr.io/acme/sync-runner:latest
COPY sync.config.yaml /app/sync.config.yaml
