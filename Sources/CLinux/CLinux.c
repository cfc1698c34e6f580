#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int linux_rename_exclusively(int directory, const char *from, int to_directory, const char *to) {
    return renameat2(directory, from, to_directory, to, RENAME_NOREPLACE);
}

int linux_open_at(int directory, const char *path, int flags, unsigned mode) {
    return openat(directory, path, flags | O_CLOEXEC, mode);
}

int linux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

const void *linux_find(const void *bytes, size_t count, const void *part, size_t part_count) {
    return memmem(bytes, count, part, part_count);
}

int linux_is_remote(int descriptor) {
    struct statfs facts;
    if (fstatfs(descriptor, &facts) != 0) return -1;
    switch ((unsigned)facts.f_type) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case 0xFE534D42u:  // SMB2
    case 0xFF534D42u:  // CIFS
        return 1;
    default:
        return 0;
    }
}
