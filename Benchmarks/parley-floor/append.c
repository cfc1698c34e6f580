// Storing: `conversation/start` and `conversation/send` (as if `execute` were false), one line an event and one file a
// conversation. A batch is what one read brought. It costs one write for each file that it touched, one fdatasync for
// each of them where that was asked for, and one write for all its answers.
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 4096, ID_LENGTH = 30 };

struct conversation {
    char *id;
    int descriptor;
    json_int_t seq;  // of the next event; a store is always fresh, so it begins at 0
    struct buffer events;
    struct conversation *next_in_bucket;
    struct conversation *next_touched;
};

static struct conversation *buckets[BUCKETS];
static char timestamp[32];

static struct conversation *conversation_named(const char *store, const char *id) {
    unsigned hash = 2166136261u;
    for (const char *c = id; *c != 0; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct conversation **bucket = &buckets[hash % BUCKETS];
    for (struct conversation *c = *bucket; c != NULL; c = c->next_in_bucket) {
        if (strcmp(c->id, id) == 0) return c;
    }

    char path[4096];
    if (snprintf(path, sizeof path, "%s/conversations/%s.jsonl", store, id) >= (int)sizeof path || strchr(id, '/')) {
        errno = EINVAL;
        give_up(id);
    }
    struct conversation *made = calloc(1, sizeof *made);
    if (made == NULL || (made->id = strdup(id)) == NULL) give_up("calloc");
    made->descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (made->descriptor < 0) give_up(path);
    made->next_in_bucket = *bucket;
    *bucket = made;
    return made;
}

// One reading of the clock serves a batch.
static void read_clock(void) {
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length = strftime(timestamp, sizeof timestamp, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(timestamp + length, sizeof timestamp - length, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

// As long as the host's ids, and unique within the run; a counter is cheaper than anything random.
static json_t *fresh_id(void) {
    static unsigned long long count;
    char id[] = "msg_00000000000000000000000000";
    unsigned long long rest = ++count;
    for (int i = ID_LENGTH - 1; rest > 0; i--, rest >>= 5) id[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[rest & 31];
    return json_stringn_nocheck(id, ID_LENGTH);
}

static json_t *started_event(struct conversation *conversation) {
    json_t *event = json_object();
    json_t *state = json_object();
    json_object_set_new_nocheck(state, "id", json_string_nocheck(conversation->id));
    json_object_set_new_nocheck(event, "seq", json_integer(conversation->seq++));
    json_object_set_new_nocheck(event, "type", json_string_nocheck("started"));
    json_object_set_new_nocheck(event, "timestamp", json_string_nocheck(timestamp));
    json_object_set_new_nocheck(event, "format", json_integer(1));
    json_object_set_new_nocheck(event, "conversation", state);
    return event;
}

static json_t *message_event(struct conversation *conversation, json_t *params) {
    json_t *event = json_object();
    json_t *role = json_object_get(params, "role");
    json_t *metadata = json_object_get(params, "metadata");
    json_object_set_new_nocheck(event, "seq", json_integer(conversation->seq++));
    json_object_set_new_nocheck(event, "type", json_string_nocheck("message"));
    json_object_set_new_nocheck(event, "id", fresh_id());
    json_object_set_new_nocheck(event, "role", role != NULL ? json_incref(role) : json_string_nocheck("user"));
    json_object_set_nocheck(event, "content", json_object_get(params, "content"));
    json_object_set_new_nocheck(event, "timestamp", json_string_nocheck(timestamp));
    json_object_set_new_nocheck(event, "metadata", metadata != NULL ? json_incref(metadata) : json_object());
    return event;
}

static json_t *answer_to(json_t *request, const char *outcome, json_t *value) {
    json_t *answer = json_object();
    json_object_set_new_nocheck(answer, "jsonrpc", json_string_nocheck("2.0"));
    json_object_set_nocheck(answer, "id", json_object_get(request, "id"));
    json_object_set_new_nocheck(answer, outcome, value);
    return answer;
}

// Stores what the request asks for in its conversation's buffer and returns the answer. Null stands for a request that
// is neither a start nor a send, or lacks what they need.
static json_t *handle(json_t *request, const char *store, struct conversation **touched) {
    const char *method = json_string_value(json_object_get(request, "method"));
    json_t *params = json_object_get(request, "params");
    const char *id = json_string_value(json_object_get(params, "conversationId"));
    bool sends = method != NULL && strcmp(method, "conversation/send") == 0;
    bool starts = method != NULL && strcmp(method, "conversation/start") == 0;
    if (id == NULL || (!sends && !starts)) return NULL;
    if (sends && !json_is_string(json_object_get(params, "content"))) return NULL;

    struct conversation *conversation = conversation_named(store, id);
    json_t *event = sends ? message_event(conversation, params) : started_event(conversation);
    if (conversation->events.length == 0) {
        conversation->next_touched = *touched;
        *touched = conversation;
    }
    put_json(&conversation->events, event);

    json_t *result = json_object();
    if (sends) {
        json_object_set_nocheck(result, "message", event);
        json_object_set_nocheck(result, "seq", json_object_get(event, "seq"));
    } else {
        json_object_set_nocheck(result, "conversation", json_object_get(event, "conversation"));
    }
    json_decref(event);
    return answer_to(request, "result", result);
}

void serve_appends(const char *store, bool sync) {
    char folder[4096];
    if (snprintf(folder, sizeof folder, "%s/conversations", store) >= (int)sizeof folder) give_up(store);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) give_up(folder);

    struct buffer answers = {0};
    struct lines lines;
    while (read_lines(&lines)) {
        struct conversation *touched = NULL;
        const char *line;
        size_t length;
        read_clock();
        while (next_line(&lines, &line, &length)) {
            json_t *request = json_loadb(line, length, 0, NULL);
            json_t *answer = handle(request, store, &touched);
            if (answer == NULL) {
                json_t *error = json_pack("{si ss}", "code", -32600, "message", "not served here");
                answer = answer_to(request, "error", error);
            }
            put_json(&answers, answer);
            json_decref(answer);
            json_decref(request);
        }
        for (struct conversation *c = touched; c != NULL; c = c->next_touched) {
            flush(&c->events, c->descriptor);
            if (sync && fdatasync(c->descriptor) != 0) give_up("fdatasync");
        }
        flush(&answers, STDOUT_FILENO);
    }
}
