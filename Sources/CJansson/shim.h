// libjansson keeps some of its API in macros and inline functions, which Swift cannot import as they stand.
#ifndef PARLEY_CJANSSON_H
#define PARLEY_CJANSSON_H

#include <jansson.h>

#endif
