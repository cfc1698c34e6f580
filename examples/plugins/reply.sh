#!/bin/sh
# An agent that is a command: it is run for each turn, reads the request, one JSON line, on stdin, and prints the reply.
# A status other than 0 fails the turn; what is on stderr then goes into the error.
exec jq -r '
  if .prompt == "" then "Nothing was asked.\n" | halt_error(1) else
    "You asked: " + .prompt,
    if .conversation then "That is message \(.context.message_count) of our conversation." else empty end
  end'
