// Calls of Linux that Swift's Glibc module leaves out: they need _GNU_SOURCE, or are variadic.
#ifndef PARLEY_CLINUX_H
#define PARLEY_CLINUX_H

#include <stddef.h>

// Names the calling thread (prctl(2), PR_SET_NAME); at most 15 bytes are kept.
void linux_name_thread(const char *name);

// renameat2(2) with RENAME_NOREPLACE: 0, or -1 with errno, EEXIST where `to` is taken.
int linux_rename_exclusively(int directory, const char *from, int to_directory, const char *to);

// open(2) and openat(2) with O_CLOEXEC always set.
int linux_open_at(int directory, const char *path, int flags, unsigned mode);

// memfd_create(2): a descriptor of a file that is only in memory, or -1 with errno.
int linux_memory_file(const char *name);

// memmem(3): where `part` stands in `bytes` first; NULL where it does not.
const void *linux_find(const void *bytes, size_t count, const void *part, size_t part_count);

// Whether a descriptor is on a file system that other machines share: 1, 0, or -1 where that can't be told.
int linux_is_remote(int descriptor);

#endif
