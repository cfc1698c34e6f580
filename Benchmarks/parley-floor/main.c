// The floor: what an honest C program over libjansson needs for the same wire, and nothing more. It has no queue, no
// lock, no recovery and no agents; it gives up at the first surprise. It exists to be measured against, or, as a plugin,
// to be what the host waits for.
//
//   parley-floor append --store DIR --durability os|fsync     stores messages and answers with them
//   parley-floor echo                                         answers {} to every request
//   parley-floor plugin                                       is an agent that takes a tenth of a second
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void serve_echoes(void) {
    struct buffer answers = {0};
    struct lines lines;
    while (read_lines(&lines)) {
        const char *line;
        size_t length;
        while (next_line(&lines, &line, &length)) {
            json_t *request = json_loadb(line, length, 0, NULL);
            json_t *answer = json_object();
            json_object_set_new_nocheck(answer, "jsonrpc", json_string_nocheck("2.0"));
            json_object_set_nocheck(answer, "id", json_object_get(request, "id"));
            json_object_set_new_nocheck(answer, "result", json_object());
            put_json(&answers, answer);
            json_decref(answer);
            json_decref(request);
        }
        flush(&answers, STDOUT_FILENO);
    }
}

_Noreturn void give_up(const char *what) {
    perror(what);
    exit(1);
}

static _Noreturn void explain_usage(void) {
    fputs(
        "usage: parley-floor append --store DIR --durability os|fsync\n"
        "       parley-floor echo\n"
        "       parley-floor plugin\n",
        stderr);
    exit(64);
}

// A file stays open for every conversation, so the soft limit of 1,024 would be met first.
static void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "echo") == 0) {
        serve_echoes();
        return 0;
    }
    if (count == 2 && strcmp(arguments[1], "plugin") == 0) {
        serve_executions();
        return 0;
    }
    if (count < 2 || count % 2 != 0 || strcmp(arguments[1], "append") != 0) explain_usage();

    const char *store = NULL, *durability = "fsync";
    for (int i = 2; i < count; i += 2) {
        if (strcmp(arguments[i], "--store") == 0) {
            store = arguments[i + 1];
        } else if (strcmp(arguments[i], "--durability") == 0) {
            durability = arguments[i + 1];
        } else {
            explain_usage();
        }
    }
    bool sync = strcmp(durability, "fsync") == 0;
    if (store == NULL || (!sync && strcmp(durability, "os") != 0)) explain_usage();
    raise_file_limit();
    serve_appends(store, sync);
    return 0;
}
