#define _GNU_SOURCE
#include "CProcesses.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GUARDED_GROUPS = 1 << 16 };
static pid_t guarded[GUARDED_GROUPS];

static void guard(int input) {
    prctl(PR_SET_NAME, "parley-guard");
    // Its own session: what is sent to the host's group or terminal is not for it.
    setsid();
    if (chdir("/") != 0) _exit(1);
    if (input != 0) {
        dup2(input, 0);
        input = 0;
    }
    syscall(SYS_close_range, 1u, UINT_MAX, 0u);
    int count = 0;
    pid_t group;
    ssize_t got;
    while ((got = read(input, &group, sizeof group)) == sizeof group || (got < 0 && errno == EINTR)) {
        if (got < 0) continue;
        if (group > 0 && count < GUARDED_GROUPS) guarded[count++] = group;
        for (int i = 0; group < 0 && i < count; i++) {
            if (guarded[i] == -group) guarded[i--] = guarded[--count];
        }
    }
    for (int i = 0; i < count; i++) kill(-guarded[i], SIGKILL);
    _exit(0);
}

int linux_start_guard(pid_t *process) {
    int ends[2];
    if (linux_pipe(ends, 1) != 0) return -1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) guard(ends[0]);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[0]);
    if (child < 0) {
        close(ends[1]);
        errno = number;
        return -1;
    }
    *process = child;
    return ends[1];
}

void linux_note_group(int guard, pid_t group) {
    // Where the guard is gone or its pipe full the leader's parent-death signal is left.
    ssize_t written;
    do written = write(guard, &group, sizeof group);
    while (written < 0 && errno == EINTR);
}
