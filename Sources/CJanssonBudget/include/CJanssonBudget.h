// Bounds the memory that one parse of libjansson may take. In C, because these hooks run for every value of every line
// and need a thread-local variable.
#ifndef PARLEY_CJANSSON_BUDGET_H
#define PARLEY_CJANSSON_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

// Makes libjansson ask for memory through our hooks, in the whole process. Once, before anything is parsed.
void jansson_budget_install(void);

// From here on the calling thread may hold `bytes` more than it does now.
void jansson_budget_begin(size_t bytes);

// Ends the bound. Whether it was what stopped the parse.
bool jansson_budget_end(void);

#endif
