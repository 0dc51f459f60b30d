# Sets or reads the weight of the demo's proxy: what the `command` driver of the checklist runs.
# Bash alone, because it runs with every sample and a program of its own would take longer than the question.
set -euo pipefail
place=${HOLDPOINT_INPUT_ADMIN_URL#http://}

ask() {
  exec 3<> "/dev/tcp/${place%:*}/${place##*:}"
  printf '%s /weight HTTP/1.1\r\nhost: %s\r\nconnection: close\r\ncontent-length: %s\r\n\r\n%s' \
    "$1" "$place" "${#2}" "$2" >&3
  answer=$(cat <&3)
  if [[ ! $answer =~ ^HTTP/1\.1\ 200 ]]; then
    echo "the proxy refused: ${answer##*$'\n'}" >&2
    exit 1
  fi
  [[ $answer =~ \"percent\":([0-9.]+) ]]
  echo "${BASH_REMATCH[1]}"
}

case $1 in
  read) ask GET '' ;;
  # The epoch lets the proxy refuse an order of an engine that has been replaced.
  set) ask PUT "{\"percent\":$HOLDPOINT_WEIGHT,\"epoch\":$HOLDPOINT_EPOCH}" ;;
  restore) ask PUT "{\"percent\":0,\"epoch\":$HOLDPOINT_EPOCH}" ;;
esac
