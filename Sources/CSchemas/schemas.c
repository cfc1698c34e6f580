#include "CSchemas.h"

// #embed is C23; clang takes it in every mode and says so with a warning.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openrpc[] = {
#embed "../../schemas/openrpc.json"
};
static const unsigned char event[] = {
#embed "../../schemas/event.schema.json"
};
static const unsigned char config[] = {
#embed "../../schemas/config.schema.json"
};
static const unsigned char script[] = {
#embed "../../schemas/script.schema.json"
};
static const unsigned char words[] = {
#embed "../../schemas/words.schema.json"
};
static const unsigned char profiles[] = {
#embed "../../schemas/profiles.schema.json"
};
static const unsigned char plugin[] = {
#embed "../../schemas/plugin.openrpc.json"
};
static const unsigned char built_in_words[] = {
#embed "../../schemas/built-in-words.json"
};

parley_schema parley_schema_openrpc(void) { return (parley_schema){openrpc, sizeof openrpc}; }
parley_schema parley_schema_event(void) { return (parley_schema){event, sizeof event}; }
parley_schema parley_schema_config(void) { return (parley_schema){config, sizeof config}; }
parley_schema parley_schema_script(void) { return (parley_schema){script, sizeof script}; }
parley_schema parley_schema_words(void) { return (parley_schema){words, sizeof words}; }
parley_schema parley_schema_profiles(void) { return (parley_schema){profiles, sizeof profiles}; }
parley_schema parley_schema_plugin(void) { return (parley_schema){plugin, sizeof plugin}; }
parley_schema parley_built_in_words(void) { return (parley_schema){built_in_words, sizeof built_in_words}; }
