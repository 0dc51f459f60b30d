/** The page inside a bundle that says how to check it with tools that every system has. */

export function bundleReadme(what: string, fingerprint: string): string {
  return `# The record of ${what}

| File | What it holds |
| --- | --- |
| report.md | the record for people |
| report.json | the same for programs |
| events.jsonl | everything that happened, one event a line, in the very bytes that were hashed |
| chain.txt | the hash of each of those lines |
| plan.json, document.md | the plan that ran, and the checklist it was made from |
| evidence/ | what was seen, by sha-256 |
| measurements.jsonl | the samples behind every verdict |
| checkpoint | the end of the chain, signed |
| statement.dsse.json | an in-toto statement over all files, signed (Ed25519, DSSE) |
| key.pub | the public key of the signer |

\`holdpoint verify BUNDLE --key FINGERPRINT\` checks all of it. Ask the signer for the fingerprint on another way; the one of
the key in here is

    ${fingerprint}

## Without Holdpoint

Unpack into an empty folder and go there. The key is the one you trust:

    openssl pkey -pubin -in key.pub -outform DER | sha256sum

Its signature covers the statement (needs jq):

    jq -r .payload statement.dsse.json | base64 -d > statement.json
    { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < statement.json)"; cat statement.json; } > signed
    jq -r '.signatures[0].sig' statement.dsse.json | base64 -d > signature
    openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in signed -sigfile signature

The statement names every file with its hash:

    jq -r '.subject[] | .digest.sha256 + "  " + .name' statement.json | sha256sum --check --strict

Each event carries the hash of the one before it:

    previous=0000000000000000000000000000000000000000000000000000000000000000
    paste -d ' ' chain.txt events.jsonl | while IFS=' ' read -r hash event; do
      test "$(printf '%s%s' "$previous" "$event" | sha256sum | cut -d ' ' -f 1)" = "$hash" || echo "broken: $event"
      previous=$hash
    done

The name of each file in evidence/ is its hash:

    if [ -d evidence ]; then (cd evidence; for file in *; do echo "$file  $file"; done | sha256sum --check --strict); fi
`
}
