// Where libjansson takes the memory of a parse from. In C, because these hooks run for every value of every line and
// need a thread-local variable.
#ifndef PARLEY_CJANSSON_MEMORY_H
#define PARLEY_CJANSSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

// Makes libjansson ask for memory through our hooks, in the whole process. Once, before anything is parsed.
void jansson_memory_install(void);

// A bound: from here on the calling thread may hold `bytes` more than it does now.
void jansson_budget_begin(size_t bytes);

// Ends the bound. Whether it was what stopped the parse.
bool jansson_budget_end(void);

// An arena: from here on what the calling thread's parse asks for comes out of a few blocks, and what it gives back
// stays there. The tree that it makes must only be read, and never be given to json_decref.
void jansson_arena_begin(void);

// Ends the arena and hands it over, to be freed, on any thread, when its tree is no longer needed.
struct jansson_arena *jansson_arena_end(void);

void jansson_arena_free(struct jansson_arena *arena);

#endif
