#!/bin/sh
# A support conversation from beginning to end: requests in, answers out, and the file that remains.
set -eu
cd "$(dirname "$0")/support"

# The caller may name the binary relative to the repository.
case ${PARLEY:-parley} in
    /*) parley=$PARLEY ;;
    */*) parley=../../$PARLEY ;;
    *) parley=${PARLEY:-parley} ;;
esac
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

echo "== parley reads requests.jsonl, one request a line, and answers each =="
"$parley" --store "$store" --config parley.json <requests.jsonl |
    jq -r '"\(.id): " + (
        if .error then "error \(.error.data.kind): \(.error.message)"
        elif .result.reply then .result.reply.content
        elif .result.messages then "history: \(.result.total) messages, \(.result.turns | length) turn without a reply"
        else .result.conversation | "conversation \(.id) is \(.context.conversation_state), at seq \(.seq)"
        end)'

echo
echo "== the conversation is one file, conversations/demo.jsonl, one event a line =="
jq -r '"\(.seq)\t\(.type)\t" + (
    if .type == "insight" then "\(.context.user_sentiment.sentiment)\tabout \(.context.topics_discussed | join(", "))"
    else (.role // .outcome // .reason // "") + "\t" + (.content // "")
    end)' "$store/conversations/demo.jsonl"

echo
echo "== and another process goes on with it =="
"$parley" call --store "$store" --config parley.json conversation/reopen conversationId=demo |
    jq -r '"reopened: \(.conversation.title), \(.conversation.messageCount) messages, tags \(.conversation.tags)"'
"$parley" send --store "$store" --config parley.json demo 'Thank you!'
