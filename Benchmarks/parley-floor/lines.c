// Lines in, bytes out: large blocks both ways, no byte looked at twice.
#define _GNU_SOURCE  // memrchr
#include "floor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024 };

// Reads one block and hands back every line that is complete with it; false at the end of the input. What follows the
// last newline is moved to the front and completed by a later read.
bool read_lines(struct lines *lines) {
    static char *input;
    static size_t held, taken, room;

    if (taken > 0) memmove(input, input + taken, held - taken);
    held -= taken;
    taken = 0;
    for (;;) {
        if (room - held < BLOCK) {
            room = room * 2 + BLOCK;
            input = realloc(input, room);
            if (input == NULL) give_up("realloc");
        }
        ssize_t got = read(STDIN_FILENO, input + held, BLOCK);
        if (got < 0) give_up("read");
        if (got == 0) return false;
        const char *last = memrchr(input + held, '\n', (size_t)got);
        held += (size_t)got;
        if (last != NULL) {
            taken = (size_t)(last + 1 - input);
            *lines = (struct lines){.next = input, .end = input + taken};
            return true;
        }
    }
}

bool next_line(struct lines *lines, const char **line, size_t *length) {
    if (lines->next == lines->end) return false;
    const char *newline = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
    *line = lines->next;
    *length = (size_t)(newline - lines->next);
    lines->next = newline + 1;
    return true;
}

static void make_room(struct buffer *buffer, size_t needed) {
    buffer->room = (buffer->room + needed) * 2 + BLOCK;
    buffer->bytes = realloc(buffer->bytes, buffer->room);
    if (buffer->bytes == NULL) give_up("realloc");
}

// Puts bytes behind what already waits.
void put_bytes(struct buffer *buffer, const char *bytes, size_t length) {
    if (buffer->room - buffer->length < length) make_room(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

// Writes the value as one compact line behind what already waits. libjansson says how much room it would have needed,
// so the text is nearly always made in one pass.
void put_json(struct buffer *buffer, const json_t *value) {
    for (;;) {
        size_t left = buffer->room - buffer->length;
        size_t needed = json_dumpb(value, buffer->bytes + buffer->length, left, JSON_COMPACT);
        if (needed == 0) give_up("json_dumpb");
        if (needed < left) {
            buffer->length += needed;
            buffer->bytes[buffer->length++] = '\n';
            return;
        }
        make_room(buffer, needed);
    }
}

void flush(struct buffer *buffer, int descriptor) {
    for (size_t done = 0; done < buffer->length;) {
        ssize_t wrote = write(descriptor, buffer->bytes + done, buffer->length - done);
        if (wrote < 0) give_up("write");
        done += (size_t)wrote;
    }
    buffer->length = 0;
}
