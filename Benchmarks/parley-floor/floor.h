// What the files of the floor share. Each says at its top what it is for.
#ifndef PARLEY_FLOOR_H
#define PARLEY_FLOOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

// Bytes that wait to be written.
struct buffer {
    char *bytes;
    size_t length;
    size_t room;
};

// All complete lines that one read brought.
struct lines {
    const char *next;
    const char *end;
};

// main.c
_Noreturn void give_up(const char *what);

// lines.c
bool read_lines(struct lines *lines);
bool next_line(struct lines *lines, const char **line, size_t *length);
void put_bytes(struct buffer *buffer, const char *bytes, size_t length);
void put_json(struct buffer *buffer, const json_t *value);
void flush(struct buffer *buffer, int descriptor);

// append.c
void serve_appends(const char *store, bool sync);

// plugin.c
void serve_executions(void);

#endif
