#include "CJanssonBudget.h"

#include <jansson.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

static __thread struct {
    bool active;
    bool exceeded;
    int64_t left;
} budget;

static void *take(size_t size) {
    if (!budget.active) return malloc(size);
    if (budget.left < (int64_t)size) {
        budget.exceeded = true;
        return NULL;
    }
    void *memory = malloc(size);
    if (memory) budget.left -= (int64_t)malloc_usable_size(memory);
    return memory;
}

static void give_back(void *memory) {
    if (budget.active) budget.left += (int64_t)malloc_usable_size(memory);
    free(memory);
}

void jansson_budget_install(void) { json_set_alloc_funcs(take, give_back); }

void jansson_budget_begin(size_t bytes) {
    budget.active = true;
    budget.exceeded = false;
    budget.left = (int64_t)bytes;
}

bool jansson_budget_end(void) {
    budget.active = false;
    return budget.exceeded;
}
