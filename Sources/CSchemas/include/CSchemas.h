// The documents of schemas/, held in the binary so that `rpc.discover` and `parley schema` always tell of this build.
#ifndef PARLEY_CSCHEMAS_H
#define PARLEY_CSCHEMAS_H

#include <stddef.h>

typedef struct {
    const unsigned char *bytes;
    size_t count;
} parley_schema;

parley_schema parley_schema_openrpc(void);
parley_schema parley_schema_event(void);
parley_schema parley_schema_config(void);
parley_schema parley_schema_script(void);
parley_schema parley_schema_words(void);
parley_schema parley_schema_profiles(void);
parley_schema parley_schema_plugin(void);
parley_schema parley_built_in_words(void);

#endif
