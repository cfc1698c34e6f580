#include "CJanssonMemory.h"

#include <jansson.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

// A block of an arena; values stand behind it. An arena is the list of its blocks, the newest first.
struct jansson_arena {
    struct jansson_arena *older;
    size_t size;  // of the whole block
    size_t used;
    size_t padding;  // keeps what follows aligned
};

enum { ALIGNMENT = 16, FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 1 << 20 };

_Static_assert(sizeof(struct jansson_arena) % ALIGNMENT == 0, "values must stand aligned");

static __thread struct {
    enum { PLAIN, BUDGET, ARENA } mode;
    bool exceeded;
    int64_t left;
    struct jansson_arena *arena;
    struct jansson_arena *spare;  // a first block that was used before
} memory;

static struct jansson_arena *add_block(struct jansson_arena *older, size_t size) {
    struct jansson_arena *block = malloc(size);
    if (block == NULL) return NULL;
    *block = (struct jansson_arena){.older = older, .size = size, .used = sizeof *block};
    return block;
}

static void *take_from_arena(size_t size) {
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct jansson_arena *block = memory.arena;
    if (block == NULL || block->size - block->used < size) {
        size_t wanted = block == NULL ? FIRST_BLOCK : block->size < LARGEST_BLOCK ? 2 * block->size : LARGEST_BLOCK;
        if (wanted < size + sizeof *block) wanted = size + sizeof *block;
        block = add_block(block, wanted);
        if (block == NULL) return NULL;
        memory.arena = block;
    }
    void *place = (char *)block + block->used;
    block->used += size;
    return place;
}

static void *take(size_t size) {
    if (memory.mode == ARENA) return take_from_arena(size);
    if (memory.mode == PLAIN) return malloc(size);
    if (memory.left < (int64_t)size) {
        memory.exceeded = true;
        return NULL;
    }
    void *place = malloc(size);
    if (place) memory.left -= (int64_t)malloc_usable_size(place);
    return place;
}

static void give_back(void *place) {
    if (memory.mode == ARENA) return;
    if (memory.mode == BUDGET) memory.left += (int64_t)malloc_usable_size(place);
    free(place);
}

void jansson_memory_install(void) { json_set_alloc_funcs(take, give_back); }

void jansson_budget_begin(size_t bytes) {
    memory.mode = BUDGET;
    memory.exceeded = false;
    memory.left = (int64_t)bytes;
}

bool jansson_budget_end(void) {
    memory.mode = PLAIN;
    return memory.exceeded;
}

void jansson_arena_begin(void) {
    memory.mode = ARENA;
    memory.arena = memory.spare;
    memory.spare = NULL;
}

struct jansson_arena *jansson_arena_end(void) {
    struct jansson_arena *arena = memory.arena;
    memory.mode = PLAIN;
    memory.arena = NULL;
    return arena;
}

void jansson_arena_free(struct jansson_arena *arena) {
    while (arena != NULL) {
        struct jansson_arena *older = arena->older;
        if (arena->size == FIRST_BLOCK && memory.spare == NULL) {
            arena->used = sizeof *arena;
            memory.spare = arena;
        } else {
            free(arena);
        }
        arena = older;
    }
}
