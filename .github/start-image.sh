#!/usr/bin/env bash
# Starts an image as its strictest operator would, and uses it: health, sign-up, a restart, sign-in, an end with exit code 0.
set -euo pipefail
image=$1
name=bucketlist-$$
account='{"email": "nora@example.com", "password": "a long walk by the sea"}'

trap 'docker logs "$name" || true; docker rm --force "$name" >/dev/null; docker volume rm "$name" >/dev/null' EXIT

wait_until_healthy() {
    for _ in {1..60}; do
        if docker exec "$name" bucketlist health; then return; fi
        sleep 1
    done
    return 1
}
ask() { # what to do, the status that has to come back
    local status
    status=$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'Content-Type: application/json' \
        --data "$account" "http://$(docker port "$name" 8000/tcp | head -n 1)/v1/auth/$1")
    [ "$status" = "$2" ] || { echo "$1 answered $status, not $2" >&2; exit 1; }
}

docker run --detach --name "$name" --publish 127.0.0.1::8000 --volume "$name:/data" --user 54321:54321 \
    --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --env SECRET_KEY="$(openssl rand -hex 32)" "$image"
wait_until_healthy
ask register 201
docker stop --time 40 "$name"
[ "$(docker inspect --format '{{.State.ExitCode}}' "$name")" = 0 ]
docker start "$name"
wait_until_healthy
ask login 200
size=$(docker image inspect --format '{{.Size}}' "$image")
echo "The image weighs $((size / 1000000)) MB unpacked"
[ "$size" -le 150000000 ]
