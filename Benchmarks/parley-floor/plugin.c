// An agent as cheap as can be, so that what a turn costs beside it is the host's: it answers each `agent/execute` a
// tenth of a second after it came, in the order in which they came, with the same words. All that one read brought came
// at the same time, and all that is due at the same time goes out in one write.
#define _GNU_SOURCE  // ppoll
#include "floor.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPLY "Thank you for asking. Your order left our warehouse this morning and should be with you by Friday."

static const long long DELAY = 100 * 1000 * 1000;  // in nanoseconds

// An execution that is to be answered. The delay is the same for all, so the first that came is the first due.
struct execution {
    json_int_t id;
    long long due;
    struct execution *next;
};

static struct execution *first, *last;
static struct buffer answers;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void begin(json_int_t id, long long arrival) {
    struct execution *execution = malloc(sizeof *execution);
    if (execution == NULL) give_up("malloc");
    *execution = (struct execution){.id = id, .due = arrival + DELAY};
    if (first == NULL) {
        first = execution;
    } else {
        last->next = execution;
    }
    last = execution;
}

static void end_first(void) {
    struct execution *execution = first;
    char line[sizeof REPLY + 128];
    int length = snprintf(
        line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":{\"response\":\"" REPLY "\"}}\n",
        (long long)execution->id);
    put_bytes(&answers, line, (size_t)length);
    first = execution->next;
    free(execution);
}

// Whether the line is an `agent/execute` that begins as the host writes it. Such a line has some KB, of which the first
// bytes are enough; a parser would cost more than all the rest.
static bool begins_as_execution(const char *line, size_t length, json_int_t *id) {
    static const char opening[] = "{\"jsonrpc\":\"2.0\",\"id\":", method[] = ",\"method\":\"agent/execute\",";
    const char *end = line + length, *digit = line + sizeof opening - 1;
    if (length < sizeof opening || memcmp(line, opening, sizeof opening - 1) != 0) return false;
    const char *start = digit;
    for (*id = 0; digit < end && digit < start + 18 && *digit >= '0' && *digit <= '9'; digit++) {
        *id = *id * 10 + (*digit - '0');
    }
    size_t left = (size_t)(end - digit);
    return digit > start && left >= sizeof method && memcmp(digit, method, sizeof method - 1) == 0;
}

// Any other line: the handshake, an `agent/execute` with its members in another order, or what is not served here.
static void take_other(const char *line, size_t length, long long arrival) {
    json_t *request = json_loadb(line, length, 0, NULL);
    json_t *id = json_object_get(request, "id");
    const char *method = json_string_value(json_object_get(request, "method"));
    if (method == NULL) {
        fprintf(stderr, "no request: %.*s\n", (int)(length < 200 ? length : 200), line);
    } else if (json_is_integer(id) && strcmp(method, "agent/execute") == 0) {
        begin(json_integer_value(id), arrival);
    } else if (id != NULL) {
        json_t *answer = strcmp(method, "initialize") == 0
            ? json_pack(
                "{ss sO s{ss ss s[s]}}", "jsonrpc", "2.0", "id", id, "result", "name", "parley-floor", "version", "1",
                "capabilities", "agent/execute")
            : json_pack(
                "{ss sO s{si ss}}", "jsonrpc", "2.0", "id", id, "error", "code", -32601, "message", "not served here");
        put_json(&answers, answer);
        json_decref(answer);
    }
    json_decref(request);
}

// Sleeps until a line comes or an execution is due, and says whether there is something to read, the end included.
static bool wait_for_input(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (first == NULL) return poll(&input, 1, -1) > 0;
    long long left = first->due - now();
    if (left < 0) left = 0;
    struct timespec time = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    return ppoll(&input, 1, &time, NULL) > 0;
}

void serve_executions(void) {
    struct lines lines;
    for (;;) {
        if (wait_for_input()) {
            if (!read_lines(&lines)) return;
            const char *line;
            size_t length;
            json_int_t id;
            long long arrival = now();
            while (next_line(&lines, &line, &length)) {
                if (begins_as_execution(line, length, &id)) {
                    begin(id, arrival);
                } else {
                    take_other(line, length, arrival);
                }
            }
        }
        long long end = now();
        while (first != NULL && first->due <= end) end_first();
        flush(&answers, STDOUT_FILENO);
    }
}
